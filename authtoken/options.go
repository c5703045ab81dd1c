package authtoken

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/hostclock"
)

// API fetches tokens. A *gamelift.Client is an API. It must be safe for
// concurrent use and must return when its context is done. If it panics, the
// fetch fails.
//
// It is called with an option that allows one attempt (RetryMaxAttempts is 1):
// this package retries by itself. An API that ignores its options may retry, but
// then a [Pool] sends more requests than its Rate allows.
type API interface {
	// GetComputeAuthToken is [gamelift.Client.GetComputeAuthToken].
	GetComputeAuthToken(ctx context.Context, params *gamelift.GetComputeAuthTokenInput, optFns ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error)
}

var _ API = (*gamelift.Client)(nil)

// Options configure a [Source]. If they are invalid, Token and Run return an
// error. The zero Options are the defaults.
type Options struct {
	// StartupWindow is how long callers wait while the service answers
	// NotFoundException: a compute that was registered a moment ago may not be
	// found yet. It begins with the first request that gets this error, and
	// begins again after each token. Zero means 3 minutes. If it is negative,
	// callers get the first NotFoundException.
	StartupWindow time.Duration

	// Timeout is the maximum time for one fetch. The callers' contexts do not
	// bound a fetch, since they share it. Zero means 30 seconds. It must not be
	// negative.
	Timeout time.Duration

	// OnRefresh is called with each new token, after the callers that waited for
	// it have been woken. Calls of OnRefresh and OnFailure never overlap, and
	// nothing else waits for them. While one does not return, up to 1,000 results
	// are kept; after that the oldest are dropped. If one panics, the panic is
	// logged and has no other effect. If OnRefresh is nil, it is not called.
	OnRefresh func(Token)

	// OnFailure is called for each fetch that failed, including those that are
	// repeated while callers wait. Otherwise it is like OnRefresh.
	OnFailure func(*FetchError)

	// Logger receives a record for each new token (level info), for each failed
	// fetch (warn), for each panic of OnRefresh or OnFailure (error), and for each
	// fetch that returned the same token again (debug). Records have no token. If
	// Logger is nil, nothing is logged.
	Logger *slog.Logger

	clocks hostclock.Read // nil means the system's
	random func() float64 // nil means math/rand/v2's
}

// PoolOptions configure a [Pool]. If they are invalid, Token and Run return an
// error. The zero PoolOptions are the defaults.
type PoolOptions struct {
	// Options apply to each compute.
	Options

	// Rate is the maximum number of requests per second, over all computes. If
	// the service throttles requests, because others use the quota too, the pool
	// goes below this rate by itself. Zero means 4, of the account's quota of 5.
	// It must not be negative.
	Rate float64

	// Burst is the maximum number of requests at once after a pause. Zero means
	// 8, of the account's quota of 10. It must not be negative.
	Burst int

	// ForgetAfter is how long a compute stays in the pool after the end of the
	// last call of Token for it. Zero means 24 hours. It must not be negative.
	ForgetAfter time.Duration

	// MaxComputes is the maximum number of computes in the pool. Each takes less
	// than 1 KiB of memory. If the pool is full, Token fails for other computes.
	// Zero means 100,000. It must not be negative.
	MaxComputes int
}

func (o *Options) setDefaults() {
	o.StartupWindow = cmp.Or(o.StartupWindow, 3*time.Minute)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.clocks == nil {
		o.clocks = hostclock.System()
	}
	if o.random == nil {
		o.random = rand.Float64
	}
}

func (o *PoolOptions) setDefaults() {
	o.Options.setDefaults()
	o.Rate = cmp.Or(o.Rate, 4)
	o.Burst = cmp.Or(o.Burst, 8)
	o.ForgetAfter = cmp.Or(o.ForgetAfter, 24*time.Hour)
	o.MaxComputes = cmp.Or(o.MaxComputes, 100_000)
}

func (o *Options) check() error { return checkNumber("Options.Timeout", o.Timeout) }

func (o *PoolOptions) check() error {
	return errors.Join(
		o.Options.check(),
		checkNumber("PoolOptions.Rate", o.Rate),
		checkNumber("PoolOptions.Burst", o.Burst),
		checkNumber("PoolOptions.ForgetAfter", o.ForgetAfter),
		checkNumber("PoolOptions.MaxComputes", o.MaxComputes),
	)
}

func checkNumber[T int | time.Duration | float64](name string, value T) error {
	if f := float64(value); f < 0 || math.IsNaN(f) || math.IsInf(f, 1) {
		return fmt.Errorf("%s is %v: want 0 for the default, or a positive number", name, value)
	}
	return nil
}
