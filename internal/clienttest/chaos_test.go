package clienttest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

var (
	chaosDuration = flag.Duration("chaos", time.Second, "how long TestChaos runs")
	chaosSeed     = flag.Uint64("chaos.seed", 1, "what TestChaos makes its choices of")
	chaosCallers  = flag.Int("chaos.callers", 32, "how many callers TestChaos has")
)

// chaosChains are the error chains that a call may return.
var chaosChains = []string{
	noResponse, brokenBody, malformed, unmodelled, unavailable, unavailable + " RequestSendError",
	exhausted + "InternalServiceException", modelled + "NotFoundException", modelled + "InternalServiceException",
	canceled,
	// the retry quota was used up
	"OperationError RequestSendError", "OperationError ResponseError RequestSendError", unmodelled + " RequestSendError",
}

// openConns counts the connections that a client has open.
type openConns struct{ n atomic.Int64 }

type countedConn struct {
	net.Conn
	once sync.Once
	open *openConns
}

func (o *openConns) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	o.n.Add(1)
	return &countedConn{Conn: conn, open: o}, nil
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.n.Add(-1) })
	return c.Conn.Close()
}

// TestChaos calls a stub that fails at random from many goroutines. Each call
// must return a right result or an allowed error, no compute may get the token
// of another, and no connection or goroutine may be left. It is not parallel,
// because it counts goroutines.
//
//	go test ./internal/clienttest -run TestChaos -v -timeout 0 -chaos 1h -chaos.seed 7
func TestChaos(t *testing.T) {
	before := runtime.NumGoroutine()

	const computes = 50
	stub := gamelifttest.NewServer(func(o *gamelifttest.Options) {
		o.Seed, o.MaxRequests, o.TokenLife = *chaosSeed, -1, 2*time.Second
		for i := range computes {
			o.Computes = append(o.Computes, gamelifttest.Compute{FleetID: gamelifttest.AnywhereFleetID, Name: fmt.Sprintf("host-%d", i)})
		}
		for _, f := range []gamelifttest.Fault{
			{Break: gamelifttest.Reset}, {Break: gamelifttest.ResetBody}, {Break: gamelifttest.Truncated}, {Break: gamelifttest.Empty},
			{Break: gamelifttest.HTML, Status: 502}, {Break: gamelifttest.HTML, Status: 200}, {Break: gamelifttest.Oversized},
			{Status: 500}, {Status: 503, RetryAfter: 20 * time.Millisecond}, {Status: 429}, {Status: 307}, {Status: 103},
			{Code: "InternalServiceException"}, {Code: "NotFoundException"}, {Code: "AccessDeniedException"}, {Code: "ExpiredTokenException"},
			{Code: "InvalidSignatureException", DateSkew: time.Hour}, {DateSkew: -time.Minute}, {Code: "RequestTimeout", Status: 400},
			{Delay: 400 * time.Millisecond}, {Drip: 5 * time.Millisecond}, {Header: http.Header{"Content-Length": {"7"}}},
			{Header: http.Header{"Content-Length": {"70000"}}}, {Header: manyHeaders()}, {Body: []byte(`{"AuthToken":17}`)},
		} {
			f.Probability, f.Count = 0.02, -1
			o.Faults = append(o.Faults, f)
		}
	})
	conns := &openConns{}
	transport := gamelift.New(gamelift.Options{}).Options().HTTPClient.(*http.Client).Transport.(*http.Transport)
	transport.DialContext = conns.dial
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.HTTPClient = &http.Client{Transport: transport}
		o.AttemptTimeout = 200 * time.Millisecond
	})

	var mu sync.Mutex
	ends := map[string]int{}
	owner := map[string]string{} // of each token
	var slowest time.Duration
	report := func(end string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		ends[end]++
		slowest = max(slowest, took)
	}
	const deadline = 2 * time.Second
	one := func(random *rand.Rand) {
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		if random.IntN(20) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(random.Int64N(int64(20*time.Millisecond))))
			defer cancel()
		}
		start := time.Now()
		var err error
		if random.IntN(3) == 0 {
			_, _, err = stubbed[random.IntN(len(stubbed))].call(ctx, client)
		} else {
			compute := fmt.Sprintf("host-%d", random.IntN(computes))
			var out *gamelift.GetComputeAuthTokenOutput
			out, err = client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: &compute})
			if err == nil && out.AuthToken != nil { // nil: of an empty body
				mu.Lock()
				if of, known := owner[*out.AuthToken]; known && of != compute || *out.ComputeName != compute {
					t.Errorf("%s got the token of %s", compute, of)
				}
				owner[*out.AuthToken] = compute
				mu.Unlock()
			}
		}
		end := Chain(err)
		if strings.HasPrefix(end, canceled+" ") {
			end = canceled // without the error that was to be retried
		}
		report(end, time.Since(start))
		if err != nil && !slices.Contains(chaosChains, end) {
			t.Errorf("not an end that is allowed: %s: %v", end, err)
		}
		if end == canceled && ctx.Err() == nil {
			t.Errorf("canceled, and the context is not done: %v", err)
		}
		if errors.Is(err, context.Canceled) && ctx.Err() != context.Canceled {
			t.Errorf("%v", err)
		}
	}

	stop := time.Now().Add(*chaosDuration)
	var callers sync.WaitGroup
	for i := range *chaosCallers {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(*chaosSeed, uint64(i)))
			for time.Now().Before(stop) && !t.Failed() {
				one(random)
			}
		})
	}
	callers.Wait()
	stub.Close()
	client.Options().HTTPClient.(*http.Client).CloseIdleConnections()

	// What closes a connection does so after its call has returned.
	for range 1000 {
		if conns.n.Load() == 0 && runtime.NumGoroutine() <= before {
			break
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	require.Zero(t, conns.n.Load(), "connections are left")
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines are left\n%s", after-before, stacks[:runtime.Stack(stacks, true)])
	}

	calls := 0
	for _, end := range slices.Sorted(maps.Keys(ends)) {
		calls += ends[end]
		t.Logf("%8d  %s", ends[end], end)
	}
	t.Logf("seed %d: %d calls of %d callers, %d tokens, the slowest call took %v of %v",
		*chaosSeed, calls, *chaosCallers, len(owner), slowest.Round(time.Millisecond), deadline)
	require.Positive(t, ends[""])
}
