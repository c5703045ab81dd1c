package awsconfig_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// network is a net.Listener whose connections are in memory, so that they work
// in fake time.
type network struct {
	accept chan net.Conn
	closed chan struct{}
	close  func()

	mu    sync.Mutex
	links []*link
}

func newNetwork() *network {
	closed := make(chan struct{})
	return &network{accept: make(chan net.Conn), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.accept:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { n.close(); return nil }
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.accept <- server:
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l := &link{Conn: client}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links = append(n.links, l)
	return l, nil
}

// silence makes the present connections silent, as after a firewall has lost
// their state. New ones work.
func (n *network) silence() (connections int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.links {
		l.mu.Lock()
		l.silent = true
		l.mu.Unlock()
	}
	return len(n.links)
}

// link is the client's end of a connection.
type link struct {
	net.Conn
	mu     sync.Mutex
	silent bool
}

func (l *link) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silent {
		return len(p), nil
	}
	return l.Conn.Write(p)
}

// The HTTP client of the SDK sends no HTTP/2 pings by default. Without them, it
// never notices that a connection has gone silent.
func TestSilentConnectionsOfTheSDKsHTTPClientAreNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stub, network := gamelifttest.NewUnstartedServer(), newNetwork()
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				t.Errorf("a request arrived over %s", r.Proto)
			}
			stub.ServeHTTP(w, r)
		}))
		require.NoError(t, server.Listener.Close())
		server.Listener, server.EnableHTTP2 = network, true
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()

		cfg := serverConfig(stub)
		cfg.BaseEndpoint = aws.String(server.URL)
		cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
			transport.DialContext = network.dial
			transport.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		})
		client, err := awsconfig.NewFromConfig(cfg)
		require.NoError(t, err)
		require.NoError(t, requestUpload(t.Context(), client))
		require.Equal(t, 1, network.silence())

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		require.NoError(t, requestUpload(ctx, client))
		require.Len(t, stub.Requests(), 2)
	})
}

func TestHTTP2SettingsOfTheCallerAreKept(t *testing.T) {
	t.Parallel()
	settings := http.HTTP2Config{PingTimeout: time.Hour}
	theirs := awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) { transport.HTTP2 = &settings })
	client, err := awsconfig.NewFromConfig(aws.Config{HTTPClient: theirs})
	require.NoError(t, err)
	require.Same(t, theirs, client.Options().HTTPClient)
}
