package gamelift_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

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
	// On a busy machine, net/http closes a connection if it does not learn of
	// the end of a write within 50 ms.
	require.Less(t, len(connections), callers+callers/2)
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
		client := gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: testCredentials(), BaseEndpoint: &server.URL}, oneAttempt)
		// Five seconds are too few for a handshake on a very busy machine.
		client.Options().HTTPClient.(*http.Client).Transport.(*http.Transport).TLSHandshakeTimeout = 0
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, want)
	}
}

// TestDefaultHTTPClient_HonorsProxies runs itself in a process of its own,
// because net/http reads the environment once.
func TestDefaultHTTPClient_HonorsProxies(t *testing.T) {
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
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDefaultHTTPClient_HonorsProxies$", "-test.v")
		proxy := "http://" + listener.Addr().String()
		cmd.Env = append(os.Environ(), "TEST_PROXIED_ENDPOINT="+endpoint, "HTTPS_PROXY="+proxy, "HTTP_PROXY="+proxy, "NO_PROXY=", "no_proxy=")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "outcome: operation error")
		require.Equal(t, want, <-asked)
		requireNoSecret(t, string(out))
	}
}

func TestDefaultHTTPClient_Limits(t *testing.T) {
	t.Parallel()
	transport := gamelift.New(gamelift.Options{}).Options().HTTPClient.(*http.Client).Transport.(*http.Transport)
	require.True(t, transport.ForceAttemptHTTP2)
	require.Equal(t, 90*time.Second, transport.IdleConnTimeout)
	require.Equal(t, 5*time.Second, transport.TLSHandshakeTimeout)
	require.GreaterOrEqual(t, transport.MaxIdleConns, transport.MaxIdleConnsPerHost)
}
