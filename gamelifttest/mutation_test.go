package gamelifttest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// originals returns valid requests as bytes on the wire.
func originals(tb testing.TB) [][]byte {
	var all [][]byte
	for _, protocol := range bothProtocols {
		m := askToken(protocol)
		m.keys.SessionToken = "session/token+of=it"
		m.header.Set("User-Agent", "test/1.0")
		m.header.Set("Amz-Sdk-Request", "attempt=1; max=3")
		if m.path = "/?a=b&c="; protocol == gamelifttest.CBOR {
			m.path = "/base%20path" + m.protocolPath() + "?a=b&c="
		}
		r := m.request(tb, "http://gamelift.us-west-2.amazonaws.com")
		var wire bytes.Buffer
		require.NoError(tb, r.Write(&wire))
		all = append(all, wire.Bytes())
	}
	return all
}

func newMutationServer() *gamelifttest.Server {
	return gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Credentials = []gamelift.Credentials{{
			AccessKeyID: gamelifttest.AccessKeyID, SecretAccessKey: gamelifttest.SecretAccessKey, SessionToken: "session/token+of=it",
		}}
		o.MaxRequests = 16
	})
}

// respond returns the status that the server responds with to bytes on the wire,
// and the parts of the request that the signature must cover. The status is 0 if
// the bytes are not an HTTP request.
func respond(server *gamelifttest.Server, wire []byte) (status int, covered string) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire)))
	if err != nil {
		return 0, ""
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, ""
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, r)

	authorization := strings.ReplaceAll(r.Header.Get("Authorization"), " ", "")
	covered = strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.Query().Encode(), r.Host, authorization, string(body)}, "\n")
	_, names, _ := strings.Cut(authorization, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	for _, name := range strings.Split(names, ";") {
		var values []string
		for _, value := range r.Header.Values(name) {
			values = append(values, strings.Join(strings.Fields(value), " "))
		}
		covered += "\n" + name + ":" + strings.Join(values, ",")
	}
	return recorder.Code, covered
}

// checkMutated fails the test if a request is served that is not what was signed.
func checkMutated(tb testing.TB, server *gamelifttest.Server, signed []string, wire []byte) (passed bool) {
	status, covered := respond(server, wire)
	if status != http.StatusOK {
		return false
	}
	for _, s := range signed {
		if s == covered {
			return true // only what a signature does not cover was changed: a User-Agent, spaces
		}
	}
	tb.Errorf("passed:\n%q", wire)
	return true
}

func TestServer_refusesMutatedRequests(t *testing.T) {
	t.Parallel()
	server := newMutationServer()
	wires := originals(t)
	var signed []string
	for _, wire := range wires {
		status, covered := respond(server, wire)
		require.Equal(t, http.StatusOK, status)
		signed = append(signed, covered)
	}
	const mutations = 12_000
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range mutations {
		wire := bytes.Clone(wires[random.IntN(len(wires))])
		for range 1 + random.IntN(3) {
			wire = mutate(random, wire)
		}
		if !checkMutated(t, server, signed, wire) {
			refused++
		}
	}
	require.Greater(t, refused, mutations*8/10, "the mutations do change what is signed")
}

func mutate(random *rand.Rand, wire []byte) []byte {
	at := random.IntN(len(wire))
	switch random.IntN(5) {
	case 0: // another byte
		wire[at] = byte(random.IntN(256))
	case 1: // one bit
		wire[at] ^= 1 << random.IntN(8)
	case 2: // a byte less
		wire = append(wire[:at], wire[at+1:]...)
	case 3: // a byte more
		wire = append(wire[:at], append([]byte{"aA0 ,;/%?&=\r\n"[random.IntN(13)]}, wire[at:]...)...)
	case 4: // two lines swapped
		lines := bytes.SplitAfter(wire, []byte("\n"))
		i, j := random.IntN(len(lines)), random.IntN(len(lines))
		lines[i], lines[j] = lines[j], lines[i]
		wire = bytes.Join(lines, nil)
	}
	return wire
}

// FuzzServer_signedBody sends arbitrary bodies with valid signatures.
func FuzzServer_signedBody(f *testing.F) {
	for _, body := range []string{
		`{"FleetId": "fleet-1", "ComputeName": "x"}`, `{"FleetId": 1e308}`, "\xef\xbb\xbf{}", strings.Repeat("[", 1<<16-1),
		"\xa1\x67FleetId\x67fleet-1", "\xa1\x61x\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00", // NaN
		"\xa1\x67BuildId\x67build-\xff", "\xbb\xff\xff\xff\xff\xff\xff\xff\xff", "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
		strings.Repeat("\x81", 1<<16-1), strings.Repeat("\xc1", 1<<16-1), strings.Repeat("\x9f", 1<<16-1), strings.Repeat("\xa1\x61a", 1<<14),
	} {
		f.Add([]byte(body))
	}
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.MaxRequests = 1 })
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, protocol := range bothProtocols {
			for _, operation := range []string{"GetComputeAccess", "RequestUploadCredentials"} {
				m := ask(protocol, operation, nil)
				m.body = append([]byte{}, body...)
				send(t, server, m.request(t, server.URL())) // fails if the response cannot be decoded
				_, err := json.Marshal(server.Requests())
				require.NoError(t, err)
			}
		}
	})
}

func FuzzServer_ServeHTTP(f *testing.F) {
	server := newMutationServer()
	var signed []string
	for _, wire := range originals(f) {
		_, covered := respond(server, wire)
		signed = append(signed, covered)
		f.Add(wire)
	}
	sort.Strings(signed)
	f.Fuzz(func(t *testing.T, wire []byte) { checkMutated(t, server, signed, wire) })
}
