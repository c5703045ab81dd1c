package authtoken

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// API is what tokens are fetched with; *gamelift.Client is one. It must be safe
// for concurrent use and heed its context.
type API interface {
	GetComputeAuthToken(ctx context.Context, params *gamelift.GetComputeAuthTokenInput, optFns ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error)
}

var _ API = (*gamelift.Client)(nil)

// Options configure a [Source]. Whatever is wrong with them is the error of
// Token and Run.
type Options struct {
	// Window is how long before its end a token is replaced, at the earliest.
	// Zero: 15 minutes, which is when the service begins to give out the next
	// token: a longer window gains nothing.
	Window time.Duration

	// StartupWindow is for how long NotFoundException is taken to mean that the
	// compute has been registered a moment ago: callers wait while the request
	// is repeated. It is counted from the first request that found nothing, and
	// anew once there has been a token. Zero: 3 minutes. Negative: none, callers
	// get the first NotFoundException.
	StartupWindow time.Duration

	// Timeout bounds one fetch, the client's own retries included. It is no
	// caller's context that does: the fetch is for all who wait, and goes on
	// when they leave. Zero: 30 seconds.
	Timeout time.Duration

	// OnRefresh is called with each new token, after the callers that waited
	// for it have it. Nil: it is not. While it runs, neither callback is called
	// again, and nothing else waits for it.
	OnRefresh func(Token)

	// OnFailure is called with each fetch that brought no token, those included
	// that are repeated while callers wait. Otherwise as OnRefresh.
	OnFailure func(*FetchError)

	// Logger receives a record for each new token (level info), for each fetch
	// that failed (warn) and for each that brought the same token again
	// (debug). Nil: silent.
	Logger *slog.Logger

	clocks func() (monotonic time.Duration, wall time.Time) // nil: the system's
	random func() float64                                   // nil: math/rand/v2's
}

// PoolOptions configure a [Pool]. Whatever is wrong with them is the error of
// Token and Run.
type PoolOptions struct {
	// Options hold for each of the computes.
	Options

	// Rate is how many requests are sent per second, on average, over all
	// computes. What the client sends by way of its own retries is counted.
	// Zero: 4, of the account's quota of 5.
	Rate float64

	// Burst is how many requests may be sent at once after a pause. Zero: 8, of
	// the account's quota of 10.
	Burst int

	// ForgetAfter is for how long a compute is kept fresh after Token was last
	// called for it; then it is forgotten. Zero: 24 hours.
	ForgetAfter time.Duration

	// MaxComputes bounds the computes that are kept, and so the memory: they
	// take under 1 KiB each. Token fails for one more. Zero: 100,000.
	MaxComputes int
}

func (o *Options) setDefaults() {
	setDefault(&o.Window, 15*time.Minute)
	setDefault(&o.StartupWindow, 3*time.Minute)
	setDefault(&o.Timeout, 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.clocks == nil {
		o.clocks = systemClocks()
	}
	if o.random == nil {
		o.random = rand.Float64
	}
}

func (o *PoolOptions) setDefaults() {
	o.Options.setDefaults()
	setDefault(&o.Rate, 4)
	setDefault(&o.Burst, 8)
	setDefault(&o.ForgetAfter, 24*time.Hour)
	setDefault(&o.MaxComputes, 100_000)
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (o *Options) check() error {
	switch {
	case o.Window < 0:
		return fmt.Errorf("authtoken: Options.Window is %v: want 0 for the default, or more", o.Window)
	case o.Timeout < 0:
		return fmt.Errorf("authtoken: Options.Timeout is %v: want 0 for the default, or more", o.Timeout)
	}
	return nil
}

func (o *PoolOptions) check() error {
	if err := o.Options.check(); err != nil {
		return err
	}
	switch {
	case !(o.Rate > 0 && o.Rate <= math.MaxFloat64):
		return fmt.Errorf("authtoken: PoolOptions.Rate is %v: want 0 for the default, or a positive number", o.Rate)
	case o.Burst < 0:
		return fmt.Errorf("authtoken: PoolOptions.Burst is %d: want 0 for the default, or more", o.Burst)
	case o.ForgetAfter < 0:
		return fmt.Errorf("authtoken: PoolOptions.ForgetAfter is %v: want 0 for the default, or more", o.ForgetAfter)
	case o.MaxComputes < 0:
		return fmt.Errorf("authtoken: PoolOptions.MaxComputes is %d: want 0 for the default, or more", o.MaxComputes)
	}
	return nil
}
