package sigv4

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestAppendCanonicalRequest(t *testing.T) {
	t.Parallel()
	in := suiteInput(http.MethodPost, "https://example.amazonaws.com:8443/base%20path/?b=2&a=1")
	in.Request.Header = http.Header{"X-Amz-Target": {"GameLift.GetComputeAccess"}, "User-Agent": {"unsigned"}, "Accept": {" a   b ", "c"}}
	in.Request.ContentLength = 13
	var h headers
	h.collect(in.Request)
	got := string(appendCanonicalRequest(nil, in.Request, &h, []byte("Param1=value1")))
	want := strings.Join([]string{
		"POST",
		"/base%2520path/",
		"a=1&b=2",
		"accept:a b,c",
		"content-length:13",
		"host:example.amazonaws.com:8443",
		"x-amz-target:GameLift.GetComputeAccess",
		"",
		"accept;content-length;host;x-amz-target",
		"9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("canonical request (-want +got):\n%s", diff)
	}
}

func TestAppendCanonicalPath(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, path, want string }{
		{"empty", "", "/"},
		{"root", "/", "/"},
		// The two that botocore publishes for services other than S3:
		// https://github.com/boto/botocore/tree/develop/tests/unit/auth/aws4_testsuite
		{"get-space", "/%20/foo", "/%2520/foo"},
		{"get-utf8", "/%E1%88%B4", "/%25E1%2588%25B4"},
		{"unreserved", "/-._~09AZaz", "/-._~09AZaz"},
		{"an encoded slash stays one segment", "/a%2Fb/c", "/a%252Fb/c"},
		{"characters that a URL path may hold as they are", "/!$&'()*+,;=:@", "/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40"},
		{"dot and empty segments", "/a/.././/b/", "/a/.././/b/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, string(appendCanonicalPath(nil, tt.path))); diff != "" {
				t.Errorf("canonical path of %q (-want +got):\n%s", tt.path, diff)
			}
		})
	}
}

func TestAppendCanonicalQuery(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, query, want string }{
		{"empty", "", ""},
		{"no value", "a", "a="},
		{"no key", "=a", "=a"},
		{"equals sign in the value", "a=b=c", "a=b%3Dc"},
		{"empty parts", "&&a=1&&b=2&", "a=1&b=2"},
		{"by key", "b=1&a=2&B=3", "B=3&a=2&b=1"},
		{"a key before its extensions", "a-=1&a=2&a1=3&a=", "a=&a=2&a-=1&a1=3"},
		{"by value within a key", "a=2&a=10&a=1&a=1", "a=1&a=1&a=10&a=2"},
		{"by the encoded form of the key", "A=1&%5E=2", "%5E=2&A=1"},
		{"by the encoded form of the value", "k=A&k=%5E", "k=%5E&k=A"},
		{"plus is a space", "a+b=c+d", "a%20b=c%20d"},
		{"an encoded plus stays one", "a%2Bb", "a%2Bb="},
		{"escapes in lower case", "%c3%bc", "%C3%BC="},
		{"needless escapes", "%61=%7E", "a=~"},
		{"not encoded", "ü=/:?@", "%C3%BC=%2F%3A%3F%40"},
		{"incomplete escapes", "a=%&b=%4&c=%zz&d=%%41", "a=%25&b=%254&c=%25zz&d=%25A"},
		{"semicolon does not separate", "a=1;b=2", "a=1%3Bb%3D2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, string(appendCanonicalQuery(nil, tt.query))); diff != "" {
				t.Errorf("canonical query of %q (-want +got):\n%s", tt.query, diff)
			}
		})
	}
}

func TestAppendValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []string
		want   string
	}{
		{"as it is", []string{"a"}, "a"},
		{"blank", []string{"   "}, ""},
		{"several", []string{"b", "a", "b"}, "b,a,b"},
		{"blank among several", []string{"", "a", ""}, ",a,"},
		{"around", []string{" \t a\t  "}, "a"},
		{"within", []string{"a  b   c d"}, "a b c d"},
		{"within quotes", []string{`"a  b"`}, `"a b"`},
		{"tabs within stay", []string{"a\t\tb \t c"}, "a\t\tb \t c"},
		{"commas stay", []string{"a , b", "c"}, "a , b,c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, string(appendValues(nil, tt.values))); diff != "" {
				t.Errorf("canonical value of %q (-want +got):\n%s", tt.values, diff)
			}
		})
	}
}

// TestHeaders_reuse collects from random requests one after the other and compares with headers that
// knew no request before.
func TestHeaders_reuse(t *testing.T) {
	t.Parallel()
	keys := []string{"Accept", "accept", "Content-Type", "User-Agent", "Host", "Content-Length", "X-Amz-Date", "X-Empty", ""}
	random := rand.New(rand.NewPCG(1, 2))
	var reused headers
	var refilled int
	for range 20_000 {
		r := &http.Request{Host: "example.com", Header: http.Header{}, ContentLength: random.Int64N(2)}
		for _, key := range keys {
			if random.IntN(4) > 0 {
				r.Header[key] = []string{string(rune('a' + random.IntN(3)))}
			}
		}
		if random.IntN(8) == 0 {
			r.Header["X-Empty"] = nil
		}
		var fresh headers
		fresh.arrange(r)
		if reused.refill(r) {
			refilled++
		} else {
			reused.arrange(r)
		}
		require.Equal(t, fresh.signed, reused.signed, "header %v, length %d", r.Header, r.ContentLength)
		require.Equal(t, string(fresh.appendLines(nil, r)), string(reused.appendLines(nil, r)))
	}
	require.Positive(t, refilled)
}

// FuzzSigner_Sign signs what the parts of a request make of arbitrary text.
func FuzzSigner_Sign(f *testing.F) {
	f.Add("/", "", "X-Header", "value", []byte(nil))
	f.Add("/a%2Fb/ü", "b=2&a=1&a=0&=&c", "x-header", "  a   b\t", []byte("{}"))
	f.Add("//", "%5E=%zz&A=+&;", "Host", "ሴ", []byte("\n"))
	f.Fuzz(func(t *testing.T, path, query, key, value string, payload []byte) {
		in := suiteInput(http.MethodPost, "https://example.amazonaws.com")
		in.Request.URL.Path, in.Request.URL.RawQuery = path, query
		in.Request.Header[key] = []string{value}
		in.Request.ContentLength = int64(len(payload))
		in.Payload = payload
		got := authorization(in)

		signature := got[strings.LastIndex(got, "=")+1:]
		if len(signature) != 64 || strings.Trim(signature, "0123456789abcdef") != "" {
			t.Fatalf("Authorization %q", got)
		}
		if again := authorization(in); again != got {
			t.Errorf("signed again: %q, then %q", got, again)
		}

		// One space more around a value is the same request.
		in.Request.Header = http.Header{key: {" " + value + " "}}
		if padded := authorization(in); padded != got {
			t.Errorf("signed with padded value: %q, then %q", got, padded)
		}

		// Another order of the parameters is the same request.
		parts := strings.Split(query, "&")
		rand.New(rand.NewPCG(uint64(len(query)), 0)).Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		in.Request.URL.RawQuery = strings.Join(parts, "&")
		if shuffled := authorization(in); shuffled != got {
			t.Errorf("signed with query %q: %q, with %q: %q", query, got, in.Request.URL.RawQuery, shuffled)
		}

		// What is signed of the path and the query decodes to what they say.
		escaped := in.Request.URL.EscapedPath()
		canonicalPath := string(appendCanonicalPath(nil, escaped))
		if decoded, err := url.PathUnescape(canonicalPath); err != nil || decoded != escaped && escaped != "" {
			t.Errorf("path %q has the canonical form %q, which decodes to %q, %v", escaped, canonicalPath, decoded, err)
		}
		canonicalQuery := string(appendCanonicalQuery(nil, query))
		if canonical := string(appendCanonicalQuery(nil, canonicalQuery)); canonical != canonicalQuery {
			t.Errorf("query %q has the canonical form %q, and that %q", query, canonicalQuery, canonical)
		}
		want, err := url.ParseQuery(query)
		if err != nil {
			return // net/url is stricter
		}
		parsed, err := url.ParseQuery(canonicalQuery)
		sameSet := maps.EqualFunc(want, parsed, func(a, b []string) bool { return len(a) == len(b) })
		if err != nil || !sameSet {
			t.Errorf("query %q has the canonical form %q: %v, want %v, %v", query, canonicalQuery, parsed, want, err)
		}
	})
}
