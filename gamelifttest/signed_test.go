package gamelifttest_test

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// noon is the time in tests that need any time.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func at(now time.Time) func(*gamelifttest.Options) {
	return func(o *gamelifttest.Options) { o.Now = func() time.Time { return now } }
}

var bothProtocols = []gamelifttest.Protocol{gamelifttest.JSON, gamelifttest.CBOR}

func ptr[T any](v T) *T { return &v }

// message is a request. The code that signs and encodes it shares nothing with the
// server's.
type message struct {
	protocol  gamelifttest.Protocol
	operation string
	input     map[string]any

	path   string      // "" for the protocol's own
	header http.Header // in addition to the protocol's own
	body   []byte      // nil for the input's

	keys            gamelift.Credentials
	region, service string
	time            time.Time
	dateHeader      string   // "" for X-Amz-Date
	payloadHash     string   // "" for the body's
	unsigned        []string // lower-case names of headers to leave out of the signature
	backwards       bool     // the signed headers in the wrong order

	onSign func(canonical, stringToSign string) // called with what is signed, if set
}

func ask(protocol gamelifttest.Protocol, operation string, input map[string]any) *message {
	return &message{
		protocol: protocol, operation: operation, input: input,
		header: http.Header{},
		keys:   gamelift.Credentials{AccessKeyID: gamelifttest.AccessKeyID, SecretAccessKey: gamelifttest.SecretAccessKey},
		region: "us-west-2", service: "gamelift", time: noon,
	}
}

func askToken(protocol gamelifttest.Protocol) *message {
	return ask(protocol, "GetComputeAuthToken", map[string]any{
		"FleetId": gamelifttest.AnywhereFleetID, "ComputeName": gamelifttest.AnywhereCompute,
	})
}

// request makes the HTTP request and signs it.
func (m *message) request(tb testing.TB, baseURL string) *http.Request {
	tb.Helper()
	body, path := m.body, m.path
	if m.protocol == gamelifttest.CBOR {
		if body == nil {
			body = []byte{0xa0 | byte(len(m.input))} // a map; cbor.Encode would write it in random order
			for _, name := range slices.Sorted(maps.Keys(m.input)) {
				body = append(body, cbor.Encode(cbor.String(name))...)
				switch v := m.input[name].(type) {
				case string:
					body = append(body, cbor.Encode(cbor.String(v))...)
				case int:
					body = append(body, cbor.Encode(cbor.Uint(v))...)
				case nil:
					body = append(body, cbor.Encode(&cbor.Nil{})...)
				}
			}
		}
		if path == "" {
			path = "/service/GameLift/operation/" + m.operation
		}
	} else if body == nil {
		var err error
		body, err = json.Marshal(m.input)
		require.NoError(tb, err)
	}
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, baseURL+path, bytes.NewReader(body))
	require.NoError(tb, err)
	if r.URL.Path == "" {
		r.URL.Path = "/"
	}
	if m.protocol == gamelifttest.CBOR {
		r.Header.Set("Content-Type", "application/cbor")
		r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	} else {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "GameLift."+m.operation)
	}
	for name, values := range m.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	m.sign(r, body)
	return r
}

func (m *message) sign(r *http.Request, body []byte) {
	stamp := m.time.UTC().Format("20060102T150405Z")
	r.Header.Set(cmp.Or(m.dateHeader, "X-Amz-Date"), stamp)
	if m.keys.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", m.keys.SessionToken)
	}
	lines := map[string]string{"host": r.URL.Host}
	for name, values := range r.Header {
		lines[strings.ToLower(name)] = strings.Join(values, ",")
	}
	for _, name := range m.unsigned {
		delete(lines, name)
	}
	var names []string
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	if m.backwards {
		slices.Reverse(names)
	}
	canonical := r.Method + "\n" + strings.ReplaceAll(r.URL.EscapedPath(), "%", "%25") + "\n" + r.URL.RawQuery + "\n"
	for _, name := range names {
		canonical += name + ":" + strings.Join(strings.Fields(lines[name]), " ") + "\n"
	}
	canonical += "\n" + strings.Join(names, ";") + "\n" + cmp.Or(m.payloadHash, hexHash(body))
	scope := strings.Join([]string{stamp[:8], m.region, m.service, "aws4_request"}, "/")
	key := "AWS4" + m.keys.SecretAccessKey
	for _, part := range strings.Split(scope, "/") {
		key = hash(key, part)
	}
	stringToSign := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hexHash([]byte(canonical))
	signature := hex.EncodeToString([]byte(hash(key, stringToSign)))
	if m.onSign != nil {
		m.onSign(canonical, stringToSign)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+m.keys.AccessKeyID+"/"+scope+
		", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
}

func hash(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return string(m.Sum(nil))
}

func hexHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// reply is a decoded response.
type reply struct {
	Status        int
	Code, Message string // of an error
	more          string // what follows an empty line of the message
	header        http.Header
	body          map[string]any
}

func send(tb testing.TB, server *gamelifttest.Server, r *http.Request) reply {
	tb.Helper()
	response, err := server.ClientOptions().HTTPClient.Do(r)
	require.NoError(tb, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	got := reply{Status: response.StatusCode, header: response.Header, body: map[string]any{}}
	if response.Header.Get("Content-Type") == "application/cbor" {
		require.Equal(tb, "rpc-v2-cbor", response.Header.Get("Smithy-Protocol"))
		value, err := cbor.Decode(data)
		require.NoError(tb, err)
		got.body = plain(value).(map[string]any)
	} else {
		require.Equal(tb, "application/x-amz-json-1.1", response.Header.Get("Content-Type"))
		require.NoError(tb, json.Unmarshal(data, &got.body), "%q", data)
	}
	if got.Status != http.StatusOK {
		got.Code, _ = got.body["__type"].(string)
		key := "message"
		if strings.HasPrefix(got.Code, modelled) || got.Code == frontDoor+"AccessDeniedException" {
			key = "Message"
		}
		message, _ := got.body[key].(string)
		got.Message, got.more, _ = strings.Cut(message, "\n\n")
	}
	return got
}

// plain converts CBOR to the types of decoded JSON. Times must have a tag.
func plain(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.String:
		return string(v)
	case cbor.Map:
		object := map[string]any{}
		for name, member := range v {
			object[name] = plain(member)
		}
		return object
	case cbor.List:
		list := []any{}
		for _, item := range v {
			list = append(list, plain(item))
		}
		return list
	case *cbor.Tag:
		if v.ID == 1 {
			return float64(v.Value.(cbor.Float64))
		}
	}
	return value
}
