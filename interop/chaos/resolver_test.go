package chaos

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// If the first name server is dead, the resolver asks the next one after 5
// seconds, and the call succeeds, in its first attempt.
//
// It is not parallel, because it replaces net.DefaultResolver.
func TestDeadNameServer(t *testing.T) {
	dead, err := net.ListenPacket("udp", "127.0.0.1:0") // which does not answer
	require.NoError(t, err)
	defer dead.Close()
	alive, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer alive.Close()
	go answerQueries(alive)

	original := net.DefaultResolver
	defer func() { net.DefaultResolver = original }()
	var queries atomic.Int32
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		server := alive
		if queries.Add(1) <= 2 { // for an A and an AAAA record
			server = dead
		}
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}

	stub := gamelifttest.NewUnstartedServer()
	server := protocols[0].start(t, stub, nil)
	defer server.Close()
	transport := defaultTransport(server)
	defer transport.CloseIdleConnections()
	url := fmt.Sprintf("http://gamelift.test:%d", server.Listener.Addr().(*net.TCPAddr).Port)
	client := clientOf(stub, url, transport, func(o *gamelift.Options) { o.RetryMaxAttempts = 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err = client.GetComputeAuthToken(ctx, anywhereCompute())
	require.NoError(t, err)
	require.GreaterOrEqual(t, queries.Load(), int32(3), "the dead name server was asked first")
}

// answerQueries says that every name is that of this machine.
func answerQueries(conn net.PacketConn) {
	packet := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(packet[:n]) != nil || len(message.Questions) != 1 {
			continue
		}
		message.Response, message.Additionals = true, nil
		if question := message.Questions[0]; question.Type == dnsmessage.TypeA {
			message.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			}}
		}
		if answer, err := message.Pack(); err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}
