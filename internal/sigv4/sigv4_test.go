package sigv4

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// The values that the AWS test suite for Signature Version 4 signs everything with.
var suiteKeys = Keys{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}

var suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// suiteInput is the suite's plainest request, in its credential scope.
func suiteInput(method, rawURL string) Input {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	return Input{
		Request: &http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{}},
		Keys:    suiteKeys,
		Service: "service",
		Region:  "us-east-1",
		Time:    suiteTime,
	}
}

func authorization(in Input) string {
	new(Signer).Sign(in)
	return in.Request.Header.Get("Authorization")
}

// TestSigner_Sign_publishedVectors holds what AWS publishes and does not contradict this package's
// rules: not the vectors for normalized and for once encoded paths.
func TestSigner_Sign_publishedVectors(t *testing.T) {
	t.Parallel()
	const (
		unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		formHash   = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"
		shortToken = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
		stsToken   = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
	)
	// Request targets are relative to https://example.amazonaws.com.
	// https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4
	tests := []struct {
		name      string
		method    string // GET where empty
		target    string
		header    http.Header
		length    int64
		payload   string
		token     string
		signed    string // host;x-amz-date where empty
		signature string
	}{
		{
			name:      "get-header-key-duplicate",
			header:    http.Header{"My-Header1": {"value2", "value2", "value1"}},
			signed:    "host;my-header1;x-amz-date",
			signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
		},
		{
			name:      "get-header-value-multiline",
			header:    http.Header{"My-Header1": {"value1", "  value2", "     value3"}},
			signed:    "host;my-header1;x-amz-date",
			signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
		},
		{
			name:      "get-header-value-order",
			header:    http.Header{"My-Header1": {"value4", "value1", "value3", "value2"}},
			signed:    "host;my-header1;x-amz-date",
			signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
		},
		{
			name:      "get-header-value-trim",
			header:    http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}},
			signed:    "host;my-header1;my-header2;x-amz-date",
			signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
		},
		{name: "get-relative-unnormalized", target: "/example/..", signature: "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282"},
		{name: "get-relative-relative-unnormalized", target: "/example1/example2/../..", signature: "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b"},
		{name: "get-slash-unnormalized", target: "//", signature: "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e"},
		{name: "get-slash-dot-slash-unnormalized", target: "/./", signature: "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145"},
		{name: "get-slash-pointless-dot-unnormalized", target: "/./example", signature: "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff"},
		{name: "get-slashes-unnormalized", target: "//example//", signature: "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"},
		{name: "get-unreserved", target: "/" + unreserved, signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{name: "get-vanilla", target: "/", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{name: "get-vanilla with an empty path", target: "", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{name: "get-vanilla-query", target: "/?", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{name: "get-vanilla-empty-query-key", target: "/?Param1=value1", signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{name: "get-vanilla-query-order-encoded", target: "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
		{name: "get-vanilla-query-order-key-case", target: "/?Param2=value2&Param1=value1", signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{name: "get-vanilla-query-unreserved", target: "/?" + unreserved + "=" + unreserved, signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{name: "get-vanilla-utf8-query", target: "/?ሴ=bar", signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{
			name:      "get-vanilla-with-session-token",
			token:     shortToken,
			signed:    "host;x-amz-date;x-amz-security-token",
			signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
		},
		{
			name:      "post-header-key-sort",
			method:    http.MethodPost,
			header:    http.Header{"My-Header1": {"value1"}},
			signed:    "host;my-header1;x-amz-date",
			signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
		},
		{
			name:      "post-header-value-case",
			method:    http.MethodPost,
			header:    http.Header{"My-Header1": {"VALUE1"}},
			signed:    "host;my-header1;x-amz-date",
			signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
		},
		{
			name:      "post-sts-header-before",
			method:    http.MethodPost,
			token:     stsToken,
			signed:    "host;x-amz-date;x-amz-security-token",
			signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
		},
		{name: "post-vanilla", method: http.MethodPost, target: "/", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{name: "post-vanilla-query", method: http.MethodPost, target: "/?Param1=value1", signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		{name: "post-vanilla-query-space", method: http.MethodPost, target: "/?p=", signature: "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b"},
		{
			name:      "post-vanilla-query-nonunreserved",
			method:    http.MethodPost,
			target:    "/?%40%23%24%25%5E=&%2B=%2F%2C%3F%3E%3C%60%22%3B%3A%5C%7C%5D%5B%7B%7D",
			signature: "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e",
		},
		{
			name:      "post-x-www-form-urlencoded, without content-length",
			method:    http.MethodPost,
			header:    http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			payload:   "Param1=value1",
			signed:    "content-type;host;x-amz-date",
			signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
		},
		{
			name:   "post-x-www-form-urlencoded",
			method: http.MethodPost,
			header: http.Header{
				"Content-Type":         {"application/x-www-form-urlencoded"},
				"X-Amz-Content-Sha256": {formHash},
			},
			length:    13,
			payload:   "Param1=value1",
			signed:    "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
			signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
		},
		{
			name:   "post-x-www-form-urlencoded-parameters",
			method: http.MethodPost,
			header: http.Header{
				"Content-Type":         {"application/x-www-form-urlencoded; charset=utf-8"},
				"X-Amz-Content-Sha256": {formHash},
			},
			length:    13,
			payload:   "Param1=value1",
			signed:    "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
			signature: "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := suiteInput(tt.method, "https://example.amazonaws.com"+tt.target)
			maps.Copy(in.Request.Header, tt.header)
			in.Request.ContentLength = tt.length
			in.Payload = []byte(tt.payload)
			in.Keys.SessionToken = tt.token
			signed := tt.signed
			if signed == "" {
				signed = "host;x-amz-date"
			}

			new(Signer).Sign(in)

			want := maps.Clone(tt.header)
			if want == nil {
				want = http.Header{}
			}
			want.Set("X-Amz-Date", "20150830T123600Z")
			if tt.token != "" {
				want.Set("X-Amz-Security-Token", tt.token)
			}
			want.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "+
				"SignedHeaders="+signed+", Signature="+tt.signature)
			if diff := cmp.Diff(want, in.Request.Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSigner_Sign_documentationExamples holds examples with other keys, services and hosts.
func TestSigner_Sign_documentationExamples(t *testing.T) {
	t.Parallel()
	s3Keys := Keys{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	s3Time := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	tests := []struct {
		name    string
		method  string
		url     string
		header  http.Header
		payload string
		keys    Keys
		service string
		time    time.Time
		want    string
	}{
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, as first published
			name:    "IAM ListUsers",
			url:     "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
			header:  http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}},
			keys:    suiteKeys,
			service: "iam",
			time:    suiteTime,
			want: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
				"SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. S3's paths
		// are encoded once, which makes no difference to these.
		{
			name:    "S3 GET object",
			url:     "https://examplebucket.s3.amazonaws.com/test.txt",
			header:  http.Header{"Range": {"bytes=0-9"}, "X-Amz-Content-Sha256": {emptyHash}},
			keys:    s3Keys,
			service: "s3",
			time:    s3Time,
			want: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
				"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		},
		{
			name:   "S3 PUT object",
			method: http.MethodPut,
			url:    "https://examplebucket.s3.amazonaws.com/test$file.text",
			header: http.Header{
				"Date":                 {"Fri, 24 May 2013 00:00:00 GMT"},
				"X-Amz-Content-Sha256": {"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
				"X-Amz-Storage-Class":  {"REDUCED_REDUNDANCY"},
			},
			payload: "Welcome to Amazon S3.",
			keys:    s3Keys,
			service: "s3",
			time:    s3Time,
			want: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
				"SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		},
		{
			name:    "S3 GET bucket lifecycle",
			url:     "https://examplebucket.s3.amazonaws.com/?lifecycle",
			header:  http.Header{"X-Amz-Content-Sha256": {emptyHash}},
			keys:    s3Keys,
			service: "s3",
			time:    s3Time,
			want: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
				"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		},
		{
			name:    "S3 GET bucket",
			url:     "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
			header:  http.Header{"X-Amz-Content-Sha256": {emptyHash}},
			keys:    s3Keys,
			service: "s3",
			time:    s3Time,
			want: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
				"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := suiteInput(tt.method, tt.url)
			in.Request.Header = tt.header
			in.Payload = []byte(tt.payload)
			in.Keys, in.Service, in.Time = tt.keys, tt.service, tt.time
			if diff := cmp.Diff(tt.want, authorization(in)); diff != "" {
				t.Errorf("Authorization (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSigner_Sign_headersOnTheWire signs what net/http sends, as the receiver sees it.
func TestSigner_Sign_headersOnTheWire(t *testing.T) {
	t.Parallel()
	const payload = `{"FleetId":"fleet-1"}`
	received := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && string(body) == payload {
			received <- r.Clone(context.Background())
		}
	}))
	t.Cleanup(server.Close)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/a%2Fb/ü?x=1&%C3%BC=2", strings.NewReader(payload))
	require.NoError(t, err)
	r.Header = http.Header{
		"Content-Type":      {"application/x-amz-json-1.1"},
		"Content-Length":    {"7"},          // not sent
		"Host":              {"not.sent"},   // not sent
		"X-Empty":           {},             // not sent
		"X-Blank":           {""},           // sent
		"X-Many":            {" a  b", "c"}, // sent as two lines
		"x-many":            {"d"},          // and another
		"User-Agent":        {"gamelift"},
		"X-Amzn-Trace-Id":   {"Root=1"},
		"Transfer-Encoding": {"identity"},
	}
	in := Input{Request: r, Payload: []byte(payload), Keys: suiteKeys, Service: "gamelift", Region: "us-east-1", Time: suiteTime}
	in.Keys.SessionToken = "token"
	new(Signer).Sign(in)
	sent := r.Header.Get("Authorization")
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	require.Len(t, received, 1)
	got := <-received
	got.Header.Del("Accept-Encoding") // added by net/http after signing
	got.URL.Scheme = "http"
	in.Request = got
	if diff := cmp.Diff(sent, authorization(in)); diff != "" {
		t.Errorf("Authorization (-sent, +computed from what arrived):\n%s", diff)
	}
	if diff := cmp.Diff("content-length;content-type;host;x-amz-date;x-amz-security-token;x-blank;x-many", signedHeaders(sent)); diff != "" {
		t.Errorf("signed headers (-want +got):\n%s", diff)
	}
}

func signedHeaders(authorization string) string {
	_, rest, _ := strings.Cut(authorization, "SignedHeaders=")
	list, _, _ := strings.Cut(rest, ",")
	return list
}

func TestSigner_Sign_unsignedHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key    string
		signed bool
	}{
		{key: "Authorization"},
		{key: "authorization"},
		{key: "User-Agent"},
		{key: "user-agent"},
		{key: "X-Amzn-Trace-Id"},
		{key: "Expect"},
		{key: "Transfer-Encoding"},
		{key: "Host"},           // the field Host is signed
		{key: "Content-Length"}, // the field ContentLength is signed
		{key: "Connection", signed: true},
		{key: "Accept-Encoding", signed: true},
		{key: "Amz-Sdk-Request", signed: true},
		{key: "X-Amzn-Trace-Ids", signed: true},
		{key: "X-Expect", signed: true},
	}
	plain := authorization(suiteInput(http.MethodPost, "https://example.amazonaws.com/"))
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			t.Parallel()
			in := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
			in.Request.Header[tt.key] = []string{"value"}
			got := authorization(in)
			if !tt.signed {
				if diff := cmp.Diff(plain, got); diff != "" {
					t.Errorf("Authorization with %s (-want +got):\n%s", tt.key, diff)
				}
				return
			}
			if !slices.Contains(strings.Split(signedHeaders(got), ";"), strings.ToLower(tt.key)) {
				t.Errorf("%s is not signed: %s", tt.key, got)
			}
			in.Request.Header[tt.key] = []string{"other"}
			if authorization(in) == got {
				t.Errorf("the value of %s is not signed", tt.key)
			}
		})
	}
}

func TestSigner_Sign_contentLength(t *testing.T) {
	t.Parallel()
	for length, want := range map[int64]string{
		-1:      "host;x-amz-date",
		0:       "host;x-amz-date",
		1:       "content-length;host;x-amz-date",
		1 << 40: "content-length;host;x-amz-date",
	} {
		in := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
		in.Request.ContentLength = length
		if diff := cmp.Diff(want, signedHeaders(authorization(in))); diff != "" {
			t.Errorf("signed headers for length %d (-want +got):\n%s", length, diff)
		}
	}
}

func TestSigner_Sign_host(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		url  string
		host string // Request.Host
		want string
	}{
		{name: "no port", url: "https://example.com/", want: "example.com"},
		{name: "default port of https", url: "https://example.com:443/", want: "example.com"},
		{name: "default port of http", url: "http://example.com:80/", want: "example.com"},
		{name: "default port of the other scheme, https", url: "https://example.com:80/", want: "example.com:80"},
		{name: "default port of the other scheme, http", url: "http://example.com:443/", want: "example.com:443"},
		{name: "other port", url: "http://localhost:8080/", want: "localhost:8080"},
		{name: "other port that ends like the default", url: "https://example.com:8443/", want: "example.com:8443"},
		{name: "IPv4", url: "http://127.0.0.1:80/", want: "127.0.0.1"},
		{name: "IPv6", url: "http://[::1]/", want: "[::1]"},
		{name: "IPv6 with a default port", url: "https://[::1]:443/", want: "[::1]"},
		{name: "IPv6 with another port", url: "https://[::1]:8443/", want: "[::1]:8443"},
		{name: "IPv6 that ends like a default port", url: "https://[::443]/", want: "[::443]"},
		{name: "Request.Host goes first", url: "https://10.0.0.1:8443/", host: "example.com:443", want: "example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := suiteInput(http.MethodPost, tt.url)
			in.Request.Host = tt.host
			urlBefore := *in.Request.URL
			got := authorization(in)
			if diff := cmp.Diff(tt.want, in.Request.Host); diff != "" {
				t.Errorf("Host (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(urlBefore, *in.Request.URL); diff != "" {
				t.Errorf("the URL changed (-before +after):\n%s", diff)
			}
			other := suiteInput(http.MethodPost, "wss://"+tt.want) // a scheme whose default port nobody knows
			if diff := cmp.Diff(authorization(other), got); diff != "" {
				t.Errorf("Authorization (-for the host itself, +got):\n%s", diff)
			}
		})
	}
}

func TestSigner_Sign_again(t *testing.T) {
	t.Parallel()
	attempts := []struct {
		name string
		keys Keys
		time time.Time
	}{
		{"first", Keys{"AKIDFIRST", "first secret", "first token"}, suiteTime},
		{"later, new credentials", Keys{"AKIDSECOND", "second secret", "second token"}, suiteTime.Add(time.Hour)},
		{"no session token any more", Keys{"AKIDTHIRD", "third secret", ""}, suiteTime.Add(2 * time.Hour)},
	}
	var s Signer
	in := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
	for _, attempt := range attempts {
		before := maps.Clone(in.Request.Header) // its values are what a transport may still be reading
		beforeCopy := in.Request.Header.Clone()
		in.Keys, in.Time = attempt.keys, attempt.time
		s.Sign(in)

		fresh := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
		fresh.Keys, fresh.Time = attempt.keys, attempt.time
		new(Signer).Sign(fresh)
		if diff := cmp.Diff(fresh.Request.Header, in.Request.Header); diff != "" {
			t.Errorf("%s: headers (-signed once, +signed again):\n%s", attempt.name, diff)
		}
		if diff := cmp.Diff(beforeCopy, before); diff != "" {
			t.Errorf("%s: values of the attempt before (-then, +now):\n%s", attempt.name, diff)
		}
		for key, values := range in.Request.Header {
			_ = append(values, "appended")
			if diff := cmp.Diff(fresh.Request.Header, in.Request.Header); diff != "" {
				t.Errorf("%s: appending to %s changed a neighbour (-want +got):\n%s", attempt.name, key, diff)
			}
		}
	}
}

func TestSigner_Sign_timeElsewhere(t *testing.T) {
	t.Parallel()
	in := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
	in.Time = time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	want := authorization(in)
	in.Time = in.Time.In(time.FixedZone("east", 3600)) // half an hour into the next year
	if diff := cmp.Diff(want, authorization(in)); diff != "" {
		t.Errorf("Authorization (-in UTC, +elsewhere):\n%s", diff)
	}
}

func TestSigner_Sign_zeroValues(t *testing.T) {
	t.Parallel()
	in := Input{Request: &http.Request{URL: &url.URL{Scheme: "https", Host: "example.amazonaws.com"}}, Keys: suiteKeys, Service: "service", Region: "us-east-1", Time: suiteTime}
	want := authorization(suiteInput(http.MethodGet, "https://example.amazonaws.com/"))
	if diff := cmp.Diff(want, authorization(in)); diff != "" {
		t.Errorf("Authorization of a request without method, path, host and header map (-want +got):\n%s", diff)
	}
	in.Keys, in.Service, in.Region, in.Time = Keys{}, "", "", time.Time{}
	if got := authorization(in); !strings.Contains(got, "Credential=/00010101///aws4_request, ") {
		t.Errorf("Authorization without credentials and scope: %s", got)
	}
}

func TestFormatTime(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 14*60*60)
	for _, when := range []time.Time{
		{},
		suiteTime,
		time.Date(2026, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(2027, 1, 1, 13, 59, 59, 0, east), // still the year before in UTC
		time.Date(2028, 2, 29, 1, 2, 3, 0, time.FixedZone("west", -12*60*60)),
		time.Date(9999, 10, 20, 10, 20, 30, 0, time.UTC),
		time.Date(987, 6, 5, 4, 3, 2, 0, time.UTC),
	} {
		if diff := cmp.Diff(when.UTC().Format("20060102T150405Z"), formatTime(when)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", when, diff)
		}
	}
	for _, when := range []time.Time{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<60, 0)} {
		if got := formatTime(when); len(got) != len("20060102T150405Z") {
			t.Errorf("%v gives %q", when, got)
		}
	}
}
