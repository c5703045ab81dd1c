package authtoken

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const (
	fleet = gamelifttest.AnywhereFleetID
	name  = gamelifttest.AnywhereCompute
	life  = 3*time.Hour - dateResolution // as measured of the stub's tokens
)

// middling takes the jitter out of back-offs.
func middling(o *Options) { o.random = func() float64 { return 0.5 } }

// world is a stub and a client of it.
type world struct {
	*testing.T
	stub   *gamelifttest.Server
	client *gamelift.Client
	start  time.Time
}

// inBubble runs a test on a fake clock, in a world of its own.
func inBubble(t *testing.T, test func(w *world), optFns ...func(*gamelifttest.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, stub: gamelifttest.NewUnstartedServer(optFns...), start: time.Now()}
		w.client = gamelift.New(w.stub.ClientOptions())
		test(w)
	})
}

func (w *world) source(optFns ...func(*Options)) *Source {
	return NewSource(w.client, fleet, name, append([]func(*Options){middling}, optFns...)...)
}

func (w *world) pool(optFns ...func(*PoolOptions)) *Pool {
	return NewPool(w.client, append([]func(*PoolOptions){func(o *PoolOptions) { middling(&o.Options) }}, optFns...)...)
}

// sleepTo lets the clock reach a time since the start, and everything happen
// that is due by then.
func (w *world) sleepTo(since time.Duration) {
	w.Helper()
	time.Sleep(since - time.Since(w.start))
	synctest.Wait()
}

// token asks for a token that must be there at once.
func (w *world) token(s *Source) Token {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Nanosecond)
	defer cancel()
	token, err := s.Token(ctx)
	require.NoError(w, err)
	synctest.Wait()
	return token
}

// awaitToken waits for a token.
func (w *world) awaitToken(s *Source) Token {
	w.Helper()
	token, err := s.Token(w.Context())
	require.NoError(w, err)
	return token
}

func (w *world) wantRequests(n int) {
	w.Helper()
	require.Equal(w, n, len(w.stub.Requests()), "requests") //nolint:testifylint // Len prints them all
}

// requestTimes are since the start.
func (w *world) requestTimes() []time.Duration {
	var times []time.Duration
	for _, r := range w.stub.Requests() {
		times = append(times, r.Time.Sub(w.start))
	}
	return times
}

// runInBackground runs until the test's context is done; stop ends it and waits
// for it.
func runInBackground(w *world, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	synctest.Wait()
	return func() {
		w.Helper()
		cancel()
		require.ErrorIs(w, <-done, context.Canceled)
	}
}

// sleeper is a pair of clocks of a host that can be suspended: the fake clock of
// a bubble, to which the wall clock adds the sleep.
type sleeper struct{ slept atomic.Int64 }

func (s *sleeper) clocks(o *Options) {
	start := time.Now()
	o.clocks = func() (time.Duration, time.Time) {
		now := time.Now()
		return now.Sub(start), now.Round(0).Add(time.Duration(s.slept.Load()))
	}
}

// apiFunc is a function as an API.
type apiFunc func(ctx context.Context, in *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error)

// GetComputeAuthToken calls f.
func (f apiFunc) GetComputeAuthToken(ctx context.Context, in *gamelift.GetComputeAuthTokenInput, _ ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error) {
	return f(ctx, in)
}

// endless is an API whose tokens do not end while a test runs.
var endless = apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
	return &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr(strings.Repeat("t", 36)), ExpirationTimestamp: ptr(time.Now().Add(3 * time.Hour))}, nil
})

func within(d time.Duration) func(a, b time.Duration) bool {
	return func(a, b time.Duration) bool { return (a - b).Abs() <= d }
}

func ptr[T any](v T) *T { return &v }
