package authtoken

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/guard"
	"github.com/gamelift-compute/gamelift/internal/hostclock"
)

const (
	// dateResolution is the resolution of an HTTP Date. Fractions of a second
	// are dropped, not rounded.
	dateResolution = time.Second

	// maxLife bounds the life of a token, so that times do not overflow.
	maxLife = 100 * 365 * 24 * time.Hour

	// lookAgain is the longest sleep of loop. Its timer stops while the host is
	// suspended.
	lookAgain = 10 * time.Second
)

// fetcher carries out its schedule: it reads the clocks, sends the requests and
// lets callers wait. It does not use internal/refresh. There, the first caller
// who needs a value starts the fetch. Here, rate, urgency and back-off decide
// when a fetch starts, and callers wait for it.
type fetcher struct {
	api      API
	fault    error // of invalid arguments, or nil
	timeout  time.Duration
	reporter *reporter
	wake     chan struct{} // holds one signal: something may be due sooner than loop expects

	mu       sync.Mutex // guards the rest
	clock    hostclock.Clock
	schedule *schedule
	runs     int  // calls of run in progress
	looping  bool // loop is running
}

func newFetcher(api API, options *Options, schedule *schedule, faults ...error) *fetcher {
	if client, ok := api.(*gamelift.Client); api == nil || ok && client == nil {
		faults = append(faults, errors.New("api is nil"))
	}
	return &fetcher{
		api:      api,
		fault:    errors.Join(faults...),
		timeout:  options.Timeout,
		reporter: &reporter{options: *options},
		wake:     make(chan struct{}, 1),
		clock:    hostclock.New(options.clocks),
		schedule: schedule,
	}
}

// orZero returns p, or a zero Source or Pool if p is nil: check reports both.
func orZero[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// check returns an error if no call can succeed, or none with this context.
func (f *fetcher) check(ctx context.Context) error {
	switch {
	case f == nil:
		return errors.New("the Source or Pool was not made by NewSource or NewPool")
	case ctx == nil:
		return errors.New("the context is nil")
	}
	return f.fault
}

// token returns a valid token of the compute that find returns, or the reason why
// there is none. It calls find with mu held.
func (f *fetcher) token(ctx context.Context, find func() (*compute, error)) (*Token, error) {
	if err := f.check(ctx); err != nil {
		return nil, err
	}
	monotonic, wall := f.clock.Read() // outside the lock, so that others wait less for it
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.At(monotonic, wall).Now
	for ; ; now = f.clock.Now().Now {
		c, err := find() // anew, since it may have been forgotten
		if err != nil {
			return nil, err
		}
		if !c.valid(now) && ctx.Err() != nil {
			return nil, c.gaveUp(ctx)
		}
		before := c.flight
		token, flight, err := f.schedule.ask(c, now)
		if c.flight != before || flight != nil {
			f.start()
		}
		if flight != nil {
			token, err = f.wait(ctx, c, flight)
		}
		if token != nil || err != nil {
			return token, err
		}
	}
}

// wait waits for a flight, without mu. If the token that was fetched has already
// expired, it returns neither a token nor an error.
func (f *fetcher) wait(ctx context.Context, c *compute, flight *flight) (*Token, error) {
	f.mu.Unlock()
	select {
	case <-flight.done:
	case <-ctx.Done():
	}
	f.mu.Lock()
	now := f.clock.Now().Now
	switch {
	case c.valid(now):
		return c.token, nil
	case ctx.Err() == nil:
		return nil, flight.err
	}
	f.schedule.leave(c, flight, now)
	f.start() // which may have nothing left to do
	return nil, c.gaveUp(ctx)
}

// gaveUp returns the error of a caller whose context has ended.
func (c *compute) gaveUp(ctx context.Context) error {
	if c.err != nil {
		return fmt.Errorf("%w; the last fetch failed: %w", ctx.Err(), c.err)
	}
	return ctx.Err()
}

// run keeps all tokens fresh until ctx is done.
func (f *fetcher) run(ctx context.Context) error {
	if err := f.check(ctx); err != nil {
		return fmt.Errorf("authtoken: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err // and send nothing
	}
	f.keep(1)
	defer f.keep(-1)
	<-ctx.Done()
	return ctx.Err()
}

func (f *fetcher) keep(runs int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs += runs
	f.schedule.setKeep(f.runs > 0, f.clock.Now().Now)
	f.start()
}

// start makes loop look at the schedule. It is called with mu held.
func (f *fetcher) start() {
	if !f.looping {
		f.looping = true
		go f.loop()
		return
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// loop sends the requests that are due. It returns when there is nothing to wait
// for.
func (f *fetcher) loop() {
	for {
		f.mu.Lock()
		at := f.clock.Now()
		c, wait, idle := f.schedule.next(at.Now, at.Monotonic)
		if idle && f.runs == 0 {
			f.looping = false
			f.mu.Unlock()
			return
		}
		f.mu.Unlock()

		if c != nil {
			go f.fetch(c, at)
			continue
		}
		select {
		case <-f.wake:
		case <-time.After(min(wait, lookAgain)):
		}
	}
}

// fetch makes one request, and reports the result. No caller's context bounds
// it: callers stop waiting by themselves.
func (f *fetcher) fetch(c *compute, sent hostclock.Reading) {
	token, life, err := f.request(c, sent.Wall)

	f.mu.Lock()
	defer f.mu.Unlock()
	received := f.clock.Now()
	expiresAt := sent.Now + min(life, maxLife)
	if err == nil && expiresAt <= received.Now {
		err = errors.New("the service returned a token that has already expired")
	}
	r := result{compute: c, token: token, err: err}
	if err == nil {
		r.renewed = f.schedule.succeeded(c, token, expiresAt, received.Now)
	} else {
		f.schedule.failed(c, err, sent.Now, received.Now, received.Monotonic)
	}
	r.next = c.next - received.Now
	f.start()
	f.reporter.add(r) // with mu held: results of one compute keep their order
}

// request makes one request, and returns the token and how much of its life was
// left when the request was sent.
func (f *fetcher) request(c *compute, wall time.Time) (token *Token, life time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), f.timeout)
	defer cancel()
	var out *gamelift.GetComputeAuthTokenOutput
	err = guard.Call("API", func() (err error) {
		out, err = f.api.GetComputeAuthToken(ctx, c.id.input(), maxAttempts(c.attempts()))
		return err
	})
	// Only the end of the caller's own context may be found in a FetchError.
	switch {
	case err == nil:
		return c.read(out, wall)
	case ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		err = fmt.Errorf("no token within the Timeout of %v (%w): %v", f.timeout, os.ErrDeadlineExceeded, err)
	case errors.Is(err, context.DeadlineExceeded): // the client's AttemptTimeout
		err = fmt.Errorf("%w: %v", os.ErrDeadlineExceeded, err)
	case errors.Is(err, context.Canceled):
		err = errors.New(err.Error())
	}
	return nil, 0, err
}

// maxAttempts returns an option that allows n attempts. The schedule retries,
// because it knows the urgency of a request and counts it against the rate. The
// client makes a second attempt only to sign it differently.
func maxAttempts(n int) func(*gamelift.Options) {
	return func(o *gamelift.Options) {
		if o.RetryMaxAttempts = n; n > 1 {
			o.Retryer = noRetries{o.Retryer}
		}
	}
}

type noRetries struct{ gamelift.Retryer }

// IsErrorRetryable returns false.
func (noRetries) IsErrorRetryable(error) bool { return false }

// read returns the token of a response, and how much of its life was left when
// the request was sent. At least that much was left, since the service read its
// clock later. wall is the local time when the request was sent. It is used if
// the response has no Date.
func (c *compute) read(out *gamelift.GetComputeAuthTokenOutput, wall time.Time) (*Token, time.Duration, error) {
	switch {
	case out == nil || out.AuthToken == nil || *out.AuthToken == "":
		return nil, 0, errors.New("the response has no AuthToken")
	case out.ExpirationTimestamp == nil:
		return nil, 0, errors.New("the response has no ExpirationTimestamp")
	}
	id := c.id
	if out.FleetId != nil && *out.FleetId != "" {
		id.fleet = *out.FleetId
	}
	if out.ComputeName != nil && *out.ComputeName != "" {
		id.name = *out.ComputeName
	}
	if id = id.plain(); id == c.id {
		id = c.id // which is in memory already
	}
	if date := gamelift.ServerTime(out.ResultMetadata); !date.IsZero() {
		wall = date.Add(dateResolution)
	}
	return &Token{
		Value:       *out.AuthToken,
		Expires:     *out.ExpirationTimestamp,
		FleetID:     id.fleet,
		ComputeName: id.name,
	}, out.ExpirationTimestamp.Sub(wall), nil
}
