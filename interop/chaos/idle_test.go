package chaos

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A server that closes idle connections does so while the next request is on
// its way. No call may fail because of that, even if it has one attempt. On a
// busy machine, the server also closes HTTP/2 connections that have not had a
// request. net/http does not make that request again, which is not counted here,
// or only after a wait of up to 16 seconds, so that attempts have no time limit.
func TestIdleConnectionsThatTheServerCloses(t *testing.T) {
	t.Parallel()
	const callers, calls, idle = 4, 1500, 10 * time.Millisecond
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			stub := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) { o.MaxRequests = -1 })
			server := p.start(t, stub, func(s *http.Server) { s.IdleTimeout = idle })
			defer server.Close()
			transport := defaultTransport(server)
			defer transport.CloseIdleConnections()
			client := clientOf(stub, server.URL, transport, func(o *gamelift.Options) { o.RetryMaxAttempts, o.AttemptTimeout = 1, -1 })

			errs := make([]error, calls)
			var wait sync.WaitGroup
			for caller := range callers {
				wait.Go(func() {
					random := rand.New(rand.NewPCG(1, uint64(caller)))
					for i := caller; i < calls; i += callers {
						_, errs[i] = client.GetComputeAuthToken(t.Context(), anywhereCompute())
						time.Sleep(idle - time.Millisecond/2 + time.Duration(random.Int64N(int64(time.Millisecond))))
					}
				})
			}
			wait.Wait()
			failed := 0
			for _, err := range errs {
				if err != nil && !strings.Contains(err.Error(), "http2: client conn could not be established") {
					failed++
				}
			}
			require.Zero(t, failed, "of %d calls: %v", calls, errors.Join(errs...))
		})
	}
}
