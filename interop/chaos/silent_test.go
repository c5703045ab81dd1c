package chaos

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// forwarder is a TCP proxy whose connections can go silent: they stay open, but
// nothing more comes through, as after a firewall has lost their state.
type forwarder struct {
	listener net.Listener
	upstream string
	wait     sync.WaitGroup

	mu    sync.Mutex
	links []*link
}

// link is a connection through a forwarder.
type link struct {
	client, server net.Conn

	mu     sync.Mutex
	silent bool
}

func newForwarder(t *testing.T, upstream string) *forwarder {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &forwarder{listener: listener, upstream: upstream}
	f.wait.Go(f.accept)
	return f
}

func (f *forwarder) accept() {
	for {
		client, err := f.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", f.upstream)
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{client: client, server: server}
		f.mu.Lock()
		f.links = append(f.links, l)
		f.mu.Unlock()
		f.wait.Go(func() { l.forward(client, server) })
		f.wait.Go(func() { l.forward(server, client) })
	}
}

// forward copies what one end sends to the other, until the link is silent.
func (l *link) forward(from, to net.Conn) {
	_, _ = io.Copy(l.unlessSilent(to), from)
	_ = to.Close()
}

func (l *link) unlessSilent(w io.Writer) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.silent {
			return len(p), nil
		}
		return w.Write(p)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// silence makes all present connections silent. New ones work.
func (f *forwarder) silence() (connections int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.links {
		l.mu.Lock()
		l.silent = true
		l.mu.Unlock()
	}
	return len(f.links)
}

func (f *forwarder) close() {
	_ = f.listener.Close()
	f.mu.Lock()
	for _, l := range f.links {
		_, _ = l.client.Close(), l.server.Close()
	}
	f.mu.Unlock()
	f.wait.Wait()
}

// When the established connection goes silent, calls of a client with default
// options succeed again within 30 seconds. Over HTTP/2, so does even a call that
// waits for all that time. HTTP/1.1 has no pings: there, a call must end before
// its connection is given up.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	const recovery = 30 * time.Second
	for _, p := range protocols {
		for _, patience := range []time.Duration{2 * time.Second, recovery} {
			if patience == recovery && p.major == 1 {
				continue
			}
			t.Run(p.name+"/"+patience.String(), func(t *testing.T) {
				t.Parallel()
				stub := gamelifttest.NewUnstartedServer()
				server := p.start(t, stub, nil)
				proxy := newForwarder(t, server.Listener.Addr().String())
				transport := defaultTransport(server)
				client := clientOf(stub, strings.Replace(server.URL, server.Listener.Addr().String(), proxy.listener.Addr().String(), 1), transport)
				defer server.Close()
				defer proxy.close()
				defer transport.CloseIdleConnections()

				_, err := client.GetComputeAuthToken(t.Context(), anywhereCompute())
				require.NoError(t, err)
				require.Equal(t, 1, proxy.silence())

				ctx, cancel := context.WithTimeout(t.Context(), recovery)
				defer cancel()
				require.NoError(t, callUntilSuccess(ctx, client, patience))
				for range 10 {
					_, err := client.GetComputeAuthToken(t.Context(), anywhereCompute())
					require.NoError(t, err)
				}
			})
		}
	}
}

// callUntilSuccess makes calls that take no longer than patience, until one
// succeeds or ctx is done.
func callUntilSuccess(ctx context.Context, client *gamelift.Client, patience time.Duration) (err error) {
	for {
		call, cancel := context.WithTimeout(ctx, patience)
		_, err = client.GetComputeAuthToken(call, anywhereCompute())
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}
