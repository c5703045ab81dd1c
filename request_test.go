package gamelift_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"GetComputeAuthToken":      `{"ComputeName":"compute-1","FleetId":"fleet-1"}`,
		"GetComputeAccess":         `{"ComputeName":"compute-1","FleetId":"fleet-1"}`,
		"RequestUploadCredentials": `{"BuildId":"build-1"}`,
	}
	for _, path := range []string{"", "/", "/a%2Fb/c"} {
		for _, op := range operations {
			t.Run(op.Name+path, func(t *testing.T) {
				t.Parallel()
				type arrived struct {
					Method, Path, ContentType, Target, Body string
					Length                                  int64
					Encoding                                []string
				}
				var got arrived
				var header http.Header
				options := serve(t, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					got = arrived{r.Method, r.URL.EscapedPath(), r.Header.Get("Content-Type"), r.Header.Get("X-Amz-Target"), string(body), r.ContentLength, r.TransferEncoding}
					header = r.Header
				})
				*options.BaseEndpoint += path
				_, _, err := op.Call(t, gamelift.New(options, func(o *gamelift.Options) { o.AppID = "lobby service/2" }))
				require.NoError(t, err)

				wantPath := path
				if path == "" {
					wantPath = "/"
				}
				diff(t, arrived{
					Method: "POST", Path: wantPath, ContentType: "application/x-amz-json-1.1", Target: "GameLift." + op.Name,
					Body: bodies[op.Name], Length: int64(len(bodies[op.Name])),
				}, got)
				require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, header.Get("Amz-Sdk-Invocation-Id"))
				require.Equal(t, "attempt=1; max=3", header.Get("Amz-Sdk-Request"))
				require.Regexp(t, `^gamelift-go/\S+ os/\w+ lang/go#\S+ md/GOARCH#\w+ app/lobby-service-2$`, header.Get("User-Agent"))
				require.Equal(t, testSessionToken, header.Get("X-Amz-Security-Token"))
				require.Regexp(t, regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-west-2/gamelift/aws4_request, `+
					`SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target, `+
					`Signature=[0-9a-f]{64}$`), header.Get("Authorization"))
			})
		}
	}
}

func TestSessionTokenIsLeftOutWhereThereIsNone(t *testing.T) {
	t.Parallel()
	var header http.Header
	options := serve(t, func(_ http.ResponseWriter, r *http.Request) { header = r.Header })
	options.Credentials = gamelift.StaticCredentials(testAccessKeyID, testSecretKey, "")
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.NotContains(t, header, "X-Amz-Security-Token")
	require.NotContains(t, header.Get("Authorization"), "x-amz-security-token")
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for appID, want := range map[string]string{"": "", "my app": " app/my-app"} {
		s := answers(status(200, okBody))
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.AppID = appID }).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
		require.Regexp(t, "^gamelift-go/[0-9.]+ os/"+runtime.GOOS+" lang/go#"+regexp.QuoteMeta(strings.TrimPrefix(runtime.Version(), "go"))+" md/GOARCH#"+runtime.GOARCH+want+"$", s.Headers[0].Get("User-Agent"))
	}
}

func TestLambdaTraceHeader(t *testing.T) {
	tests := []struct{ name, function, id, want string }{
		{"in Lambda", "fn", "Root=1-5759e988;Parent=53995c3f;Sampled=1", "Root=1-5759e988;Parent=53995c3f;Sampled=1"},
		{"elsewhere", "", "Root=1-5759e988", ""},
		{"no trace", "fn", "", ""},
		{"a line break", "fn", "Root=1\r\nX-Evil: 1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setenv(t, map[string]string{"AWS_LAMBDA_FUNCTION_NAME": tt.function, "_X_AMZN_TRACE_ID": tt.id})
			s := answers(status(200, okBody))
			_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
			require.Equal(t, tt.want, s.Headers[0].Get("X-Amzn-Trace-Id"))
			require.NotContains(t, strings.ToLower(s.Headers[0].Get("Authorization")), "x-amzn-trace-id", "it is not signed")
		})
	}
}

func TestHeadersDoNotShareTheirValues(t *testing.T) {
	t.Parallel()
	_, err := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
		for name := range r.Header {
			r.Header.Add(name, "added")
		}
		for name, values := range r.Header {
			require.Len(t, values, 2, name)
			require.NotEqual(t, "added", values[0], name)
		}
		return response(200, okBody), nil
	})).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

func TestEndpointIsNotTheHTTPClients(t *testing.T) {
	t.Parallel()
	var paths []string
	client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.Path)
		r.URL.Path = "/changed"
		return response(200, okBody), nil
	}))
	for range 2 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
	}
	require.Equal(t, []string{"/", "/"}, paths)
}

func TestAttemptHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, ""), status(500, ""), status(200, okBody))
		client := gamelift.New(s.Options())
		for range 2 {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
		var progress []string
		ids := map[string]int{}
		for _, h := range s.Headers {
			progress = append(progress, h.Get("Amz-Sdk-Request"))
			ids[h.Get("Amz-Sdk-Invocation-Id")]++
		}
		diff(t, []string{"attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3", "attempt=1; max=3"}, progress)
		require.Equal(t, 3, ids[s.Headers[0].Get("Amz-Sdk-Invocation-Id")], "constant over the attempts of a call")
		require.Len(t, ids, 2, "another one for the next call")
	})
}

// An Idempotency-Key of the caller's own is sent as it was signed.
func TestIdempotencyKeyOfAnInterceptor(t *testing.T) {
	t.Parallel()
	var got []string
	options := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Values("Idempotency-Key")
		_, _ = io.WriteString(w, okBody)
	})
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at("BeforeSigning", func(in *smithyhttp.InterceptorContext) error {
		in.Request.Header.Set("Idempotency-Key", "key-1")
		return nil
	}))
	require.NoError(t, err)
	diff(t, []string{"key-1"}, got)
}

func TestInterceptorRemovesTheSignedHeader(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterSigning", "BeforeTransmit"} {
		options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at(point, func(in *smithyhttp.InterceptorContext) error {
			in.Request.Header = nil
			return nil
		}))
		require.NoError(t, err, point)
	}
}

// Headers and body of a request go to the connection in one write: between two,
// a server that closes an idle connection could make the second one fail. The
// header that allows net/http to repeat a request is not sent.
func TestRequestIsSentInOneWrite(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	var mu sync.Mutex
	var writes []string
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return writeRecorder{conn, func(p []byte) {
			mu.Lock()
			defer mu.Unlock()
			writes = append(writes, string(p))
		}}, err
	}}
	defer transport.CloseIdleConnections()
	options.HTTPClient = &http.Client{Transport: transport}
	client := gamelift.New(options)
	for range 3 {
		_, err := call(t, client)
		require.NoError(t, err)
	}
	require.Len(t, writes, 3)
	for _, request := range writes {
		require.True(t, strings.HasPrefix(request, "POST / HTTP/1.1\r\n"))
		require.Contains(t, request, "\r\n\r\n"+`{"`, "the body")
		require.NotContains(t, strings.ToLower(request), "idempotency")
	}
}

type writeRecorder struct {
	net.Conn
	record func([]byte)
}

func (r writeRecorder) Write(p []byte) (int, error) {
	r.record(p)
	return r.Conn.Write(p)
}
