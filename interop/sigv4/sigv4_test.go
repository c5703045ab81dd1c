package sigv4

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkv4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/aws-http-auth/credentials"
	smithysigv4 "github.com/aws/smithy-go/aws-http-auth/sigv4"
	smithyv4 "github.com/aws/smithy-go/aws-http-auth/v4"

	"github.com/gamelift-compute/gamelift/internal/sigv4"
)

const (
	seed     = 20150830
	requests = 5_000
)

// TestAgreement compares the Authorization headers of random requests. One sigv4.Signer signs all
// of them, from few enough credentials and scopes that many keys come from its cache; the other two
// start anew each time.
//
// The requests keep to what all three mean to sign alike; TestDeliberateDifferences has the rest.
func TestAgreement(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d, %d requests", seed, requests)
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	var signer sigv4.Signer
	for i := range requests {
		in := g.input()
		sdk := signWithSDK(t, in)
		smithy := signWithSmithy(t, in)
		described := fmt.Sprintf("%s %s, Host %q, Content-Length %d, headers %q",
			in.Request.Method, in.Request.URL, in.Request.Host, in.Request.ContentLength, in.Request.Header)
		signer.Sign(in)
		got := in.Request.Header.Get("Authorization")
		if sdk != got {
			t.Fatalf("request %d: %s\naws-sdk-go-v2 %s\ngot           %s", i, described, sdk, got)
		}
		if smithy != got {
			t.Fatalf("request %d: %s\nsmithy-go %s\ngot       %s", i, described, smithy, got)
		}
	}
}

// TestDeliberateDifferences keeps the cases apart in which this client does not follow
// aws-sdk-go-v2, and fails when the reason is gone.
func TestDeliberateDifferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		why    string
		change func(*sigv4.Input)
	}{
		{
			name:   "order of query parameters",
			why:    "the specification and the vector get-vanilla-query-order-encoded sort encoded names, the SDK sorts before encoding",
			change: func(in *sigv4.Input) { in.Request.URL.RawQuery = "A=1&%5E=2" },
		},
		{
			name:   "malformed query",
			why:    "the SDK takes the parameter out of the URL that is sent, this signer leaves the URL alone",
			change: func(in *sigv4.Input) { in.Request.URL.RawQuery = "a=%zz" },
		},
		{
			name:   "default port after an IPv6 address",
			why:    "the SDK takes the brackets away with the port",
			change: func(in *sigv4.Input) { in.Request.Host = "[::1]:443" },
		},
		{
			name:   "header without values",
			why:    "net/http does not send it, the SDK signs it",
			change: func(in *sigv4.Input) { in.Request.Header["X-Nothing"] = nil },
		},
		{
			name:   "unsigned header in another spelling",
			why:    "the SDK leaves out User-Agent in this spelling only",
			change: func(in *sigv4.Input) { in.Request.Header["user-agent"] = []string{"agent"} },
		},
		{
			name:   "session token of an earlier attempt",
			why:    "the SDK leaves it where the credentials have none",
			change: func(in *sigv4.Input) { in.Request.Header.Set("X-Amz-Security-Token", "stale") },
		},
		{
			name:   "request without a method",
			why:    "net/http sends GET, the SDK signs an empty method",
			change: func(in *sigv4.Input) { in.Request.Method = "" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := generator{rand.New(rand.NewPCG(seed, 1))}
			in := g.input()
			in.Request.URL = &url.URL{Scheme: "https", Host: "example.com", Path: "/"}
			in.Request.Host = "example.com"
			in.Keys.SessionToken = ""
			agree := in
			agree.Request = in.Request.Clone(t.Context())
			want := signWithSDK(t, agree)
			new(sigv4.Signer).Sign(agree)
			if got := agree.Request.Header.Get("Authorization"); got != want {
				t.Fatalf("they differ before the change: %s, SDK %s", got, want)
			}
			tt.change(&in)
			sdk := signWithSDK(t, in)
			new(sigv4.Signer).Sign(in)
			if in.Request.Header.Get("Authorization") == sdk {
				t.Errorf("both sign alike now: move this case to TestAgreement. The reason for the difference was: %s", tt.why)
			}
		})
	}
}

func signWithSDK(t *testing.T, in sigv4.Input) (authorization string) {
	t.Helper()
	r := in.Request.Clone(t.Context())
	hash := sha256.Sum256(in.Payload)
	keys := aws.Credentials{AccessKeyID: in.Keys.AccessKeyID, SecretAccessKey: in.Keys.SecretAccessKey, SessionToken: in.Keys.SessionToken}
	err := sdkv4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(hash[:]), in.Service, in.Region, in.Time)
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Get("Authorization")
}

// signWithSmithy does beforehand what that signer leaves to its caller: the host without a default
// port, Content-Length as a header, runs of spaces made one.
func signWithSmithy(t *testing.T, in sigv4.Input) (authorization string) {
	t.Helper()
	r := in.Request.Clone(t.Context())
	r.Host = strings.TrimSuffix(cmp.Or(r.Host, r.URL.Host), map[string]string{"http": ":80", "https": ":443"}[r.URL.Scheme])
	r.Header.Del("Content-Length")
	if r.ContentLength > 0 {
		r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	for _, values := range r.Header {
		for i, value := range values {
			values[i] = spaces.ReplaceAllString(value, " ")
		}
	}
	hash := sha256.Sum256(in.Payload)
	err := smithysigv4.New().SignRequest(&smithysigv4.SignRequestInput{
		Request:     r,
		PayloadHash: hash[:],
		Credentials: credentials.Credentials{AccessKeyID: in.Keys.AccessKeyID, SecretAccessKey: in.Keys.SecretAccessKey, SessionToken: in.Keys.SessionToken},
		Service:     in.Service,
		Region:      in.Region,
		Time:        in.Time,
	}, func(o *smithyv4.SignerOptions) { o.HeaderRules = allButUnsigned{} })
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Get("Authorization")
}

var spaces = regexp.MustCompile(" +")

type allButUnsigned struct{}

func (allButUnsigned) IsSigned(name string) bool {
	return !slices.Contains([]string{"authorization", "user-agent", "x-amzn-trace-id", "expect", "transfer-encoding"}, name)
}

// generator makes requests that a signer may meet.
type generator struct{ *rand.Rand }

func (g generator) input() sigv4.Input {
	payload := []byte(g.text(g.IntN(300), "{}\":,abc \n\x00ü世"))
	scheme, host := g.origin()
	u := &url.URL{Scheme: scheme, Host: host, RawQuery: g.query()}
	u.Path = g.path()
	if g.IntN(4) == 0 { // the same path, escaped in another way
		u.RawPath = strings.ReplaceAll(u.EscapedPath(), "a", "%61")
	}
	r := &http.Request{
		Method:        pick(g, "POST", "POST", "GET", "PUT", "DELETE", "PATCH"),
		URL:           u,
		Host:          pick(g, host, host, "", "other.example.com"),
		Header:        g.header(),
		ContentLength: int64(len(payload)),
		Body:          io.NopCloser(bytes.NewReader(payload)),
	}
	if g.IntN(10) == 0 {
		r.ContentLength = -1
	}
	in := sigv4.Input{
		Request: r,
		Payload: payload,
		// Each ID comes with each secret.
		Keys:    sigv4.Keys{AccessKeyID: pick(g, "AKID1", "AKID2"), SecretAccessKey: pick(g, "secret/1", "secret+2")},
		Service: pick(g, "gamelift", "gamelift", "gamelift", "sts"),
		Region:  pick(g, "eu-central-1", "eu-central-1", "eu-central-1", "us-gov-west-1"),
		Time:    g.time(),
	}
	if g.IntN(2) == 0 {
		in.Keys.SessionToken = g.text(g.IntN(800), "ABCxyz0189+/=")
	}
	return in
}

func (g generator) origin() (scheme, host string) {
	scheme = pick(g, "https", "https", "http")
	host = pick(g, "gamelift.eu-central-1.amazonaws.com", "localhost", "127.0.0.1", "UPPER.example.com")
	if g.IntN(10) == 0 {
		return scheme, pick(g, "[::1]", "[2001:db8::443]", "[::1]:8443", "[2001:db8::1]:8080")
	}
	return scheme, host + pick(g, "", "", ":80", ":443", ":8080", ":8443", ":1")
}

func (g generator) path() string {
	if g.IntN(4) == 0 {
		return pick(g, "", "/")
	}
	return "/" + g.text(g.IntN(40), "abcXYZ019-._~/!$&'()*+,;=:@ %?#[]<>|\\^`{}\"\x7f\n\xffüሴ世")
}

// query draws names and values whose order is the same before and after encoding: they differ in
// unreserved characters before any others.
func (g generator) query() string {
	var parts []string
	for i := range max(0, g.IntN(10)-4) {
		unique := fmt.Sprintf("%03d", (i*7+3)%10)
		name := pick(g, "p", "q", "Q", "X-Amz-", "a-", "a")
		if g.IntN(2) == 0 {
			name += unique + g.escaped()
		}
		switch g.IntN(5) {
		case 0:
			parts = append(parts, "") // as between "&&"
		case 1:
			parts = append(parts, name)
		case 2:
			parts = append(parts, name+"=")
		default:
			parts = append(parts, name+"="+unique+g.escaped())
		}
	}
	return strings.Join(parts, "&")
}

// escaped is arbitrary text as a query may hold it: a space as + or %20, digits of either case.
func (g generator) escaped() string {
	text := g.text(g.IntN(10), "az09-._~ +&=/?#%;:@!$'()*,[]\\\"<>\x00\xffü世")
	if g.IntN(2) == 0 {
		return url.QueryEscape(text)
	}
	var lower strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&lower, "%%%02x", text[i])
	}
	return lower.String()
}

func (g generator) header() http.Header {
	h := http.Header{}
	keys := []string{
		"Content-Type", "X-Amz-Target", "Amz-Sdk-Request", "Amz-Sdk-Invocation-Id", "Accept", "Date", "Range",
		"X-Custom", "X-Custom-", "X-Custom-A", "X-Custom_A", "X-Custom.a", "!#$%&'*+-.^_`|~", "lower-case", "UPPER-CASE", "1",
		"Authorization", "User-Agent", "X-Amzn-Trace-Id", "Expect", "Transfer-Encoding", "Host", "Content-Length", "X-Amz-Date",
	}
	for _, key := range keys {
		if g.IntN(3) > 0 {
			continue
		}
		for range 1 + max(0, g.IntN(6)-3) {
			h[key] = append(h[key], g.text(g.IntN(30), "ab,;=\"Z     \t\u00a0ü"))
		}
	}
	return h
}

func (g generator) time() time.Time {
	if g.IntN(4) > 0 { // within two days, for the cache
		start := time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)
		return start.Add(time.Duration(g.Int64N(int64(48 * time.Hour)))).In(time.FixedZone("", g.IntN(24*3600)-12*3600))
	}
	return time.Unix(g.Int64N(4e9), g.Int64N(1e9))
}

// text draws n characters; the alphabet may hold bytes that are no UTF-8.
func (g generator) text(n int, alphabet string) string {
	var b strings.Builder
	for range n {
		i := g.IntN(len(alphabet))
		for i > 0 && !utf8.RuneStart(alphabet[i]) {
			i--
		}
		_, size := utf8.DecodeRuneInString(alphabet[i:])
		b.WriteString(alphabet[i : i+size])
	}
	return b.String()
}

func pick[T any](g generator, choices ...T) T { return choices[g.IntN(len(choices))] }
