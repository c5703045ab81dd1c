package gamelift_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// Hundreds of concurrent calls keep their connections for the next ones.
func TestDefaultHTTPClient_KeepsConnections(t *testing.T) {
	t.Parallel()
	const callers = 200
	var mu sync.Mutex
	connections := map[string]int{}
	var round sync.WaitGroup
	options := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		connections[r.RemoteAddr]++
		mu.Unlock()
		round.Done()
		round.Wait() // all calls of a round are under way at once
		_, _ = io.WriteString(w, okBody)
	})
	options.HTTPClient = nil
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	for range 3 {
		round.Add(callers)
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				if _, err := client.GetComputeAuthToken(t.Context(), authTokenInput()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	require.Len(t, connections, callers)
}

func TestDefaultHTTPClient_IsTheClientsOwn(t *testing.T) {
	t.Parallel()
	client := gamelift.New(gamelift.Options{})
	require.NotNil(t, client.Options().HTTPClient)
	require.Same(t, client.Options().HTTPClient, client.Options().HTTPClient)
	require.NotSame(t, client.Options().HTTPClient, gamelift.New(gamelift.Options{}).Options().HTTPClient)
	require.NotEqual(t, http.DefaultClient, client.Options().HTTPClient)
}

func TestDefaultHTTPClient_RefusesOldTLS(t *testing.T) {
	t.Parallel()
	for version, want := range map[uint16]string{tls.VersionTLS11: "protocol version", tls.VersionTLS12: "certificate"} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		_, err := gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &server.URL}, oneAttempt).
			GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, want)
	}
}

// TestDefaultHTTPClient_HeedsProxies runs itself in a process of its own,
// because net/http reads the environment once.
func TestDefaultHTTPClient_HeedsProxies(t *testing.T) {
	if endpoint := os.Getenv("TEST_PROXIED_ENDPOINT"); endpoint != "" {
		_, err := gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &endpoint}, oneAttempt).
			GetComputeAuthToken(t.Context(), authTokenInput())
		fmt.Println("outcome:", err)
		return
	}
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	asked := make(chan string, 2)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				asked <- r.Method + " " + r.RequestURI
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}
	}()
	for endpoint, want := range map[string]string{
		"https://gamelift.example": "CONNECT gamelift.example:443",
		"http://gamelift.example":  "POST http://gamelift.example/",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDefaultHTTPClient_HeedsProxies$", "-test.v")
		proxy := "http://" + listener.Addr().String()
		cmd.Env = append(os.Environ(), "TEST_PROXIED_ENDPOINT="+endpoint, "HTTPS_PROXY="+proxy, "HTTP_PROXY="+proxy, "NO_PROXY=", "no_proxy=")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "outcome: operation error")
		require.Equal(t, want, <-asked)
		requireNoSecret(t, string(out))
	}
}

// trackedBody counts what is read of it and when it was closed.
type trackedBody struct {
	io.Reader
	read, closed int
}

func TestResponseBodyBound(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	padded := func(size int) string { return okBody + strings.Repeat(" ", size-len(okBody)) }
	for _, tt := range []struct {
		size          int
		contentLength int64
		ok            bool
	}{{bound, -1, true}, {bound, bound, true}, {bound + 1, -1, false}, {bound + 1, bound + 1, false}, {4 * bound, -1, false}, {len(okBody), 1 << 62, true}} {
		body := &trackedBody{Reader: strings.NewReader(padded(tt.size))}
		resp := response(200, "")
		resp.Body, resp.ContentLength = body, tt.contentLength
		_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) { return resp, nil }), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Equal(t, tt.ok, err == nil, "%d bytes: %v", tt.size, err)
		require.LessOrEqual(t, body.read, bound+1)
		require.NotZero(t, body.closed)
	}
}

func TestResponseBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterTransmit", "BeforeDeserialization", "AfterDeserialization", ""} {
		body := &trackedBody{Reader: strings.NewReader(okBody)}
		resp := response(200, "")
		resp.Body = body
		_, _ = gamelift.New(answering(func(*http.Request) (*http.Response, error) { return resp, nil })).GetComputeAuthToken(t.Context(), authTokenInput(),
			at(point, func(*smithyhttp.InterceptorContext) error { return errors.New("hook failed") }))
		require.NotZero(t, body.closed, point)
	}
	put := &trackedBody{Reader: strings.NewReader(okBody)}
	_, err := gamelift.New(answers(status(200, "")).options()).GetComputeAuthToken(t.Context(), authTokenInput(),
		at("AfterTransmit", func(in *smithyhttp.InterceptorContext) error { in.Response.Body = put; return nil }))
	require.NoError(t, err)
	require.NotZero(t, put.closed, "the body that an interceptor put in its place")
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

func TestDefaultHTTPClient_Limits(t *testing.T) {
	t.Parallel()
	transport := gamelift.New(gamelift.Options{}).Options().HTTPClient.(*http.Client).Transport.(*http.Transport)
	require.True(t, transport.ForceAttemptHTTP2)
	require.Equal(t, 90*time.Second, transport.IdleConnTimeout)
	require.Equal(t, 5*time.Second, transport.TLSHandshakeTimeout)
	require.GreaterOrEqual(t, transport.MaxIdleConns, transport.MaxIdleConnsPerHost)
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

func TestCallersHTTPClientStaysAsItIs(t *testing.T) {
	t.Parallel()
	own := &http.Client{}
	gamelift.New(gamelift.Options{HTTPClient: own})
	require.Nil(t, own.CheckRedirect)
}

func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *trackedBody) Close() error {
	b.closed++
	return nil
}

// What follows a 101 is the raw connection, which heeds no context.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
		<-release // returns when the call has
	})
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	close(release)
	require.Equal(t, unmodelled, chain(err))
}

// redirecting is an HTTPClient of a caller's own that follows a 307 like
// aws-sdk-go-v2's does.
type redirecting struct{ http.Client }

func TestRedirectsAreNotFollowedByOtherHTTPClients(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	target := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	for _, code := range []int{307, 308} {
		options := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, *target.BaseEndpoint, code) })
		options.HTTPClient = &redirecting{}
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Equal(t, unmodelled, chain(err))
	}
	require.Zero(t, elsewhere)
}

// Options of a call that leave HTTPClient and Retryer nil mean the client's.
func TestOptionsOfACallKeepTheClientsConnectionsAndQuota(t *testing.T) {
	t.Parallel()
	connections := map[string]bool{}
	answer := http.StatusOK
	options := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		w.WriteHeader(answer)
	})
	options.HTTPClient = nil
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	again := func(o *gamelift.Options) { *o = options }
	for range 10 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again)
		require.NoError(t, err)
	}
	require.Len(t, connections, 1)

	answer = http.StatusInternalServerError
	for range 18 { // 35 retries are all that the quota pays for
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again, func(o *gamelift.Options) { o.Credentials = testCredentials() })
		require.Error(t, err)
	}
	_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again)
	require.Equal(t, unmodelled, chain(err))
}
