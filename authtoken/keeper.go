package authtoken

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
)

const (
	// dateResolution is that of an HTTP Date, which is cut, not rounded.
	dateResolution = time.Second

	// lookAgain bounds the sleep of drive, whose timer stands still while the
	// host is suspended.
	lookAgain = 10 * time.Second
)

// keeper does what its schedule says: it reads the clocks, sends the requests
// and lets callers wait. It does not build on internal/refresh, where a fetch
// starts with the first caller who needs it: here the time of a fetch depends on
// rate, urgency and back-off, and callers wait for a fetch that is to come.
type keeper struct {
	api     API
	options Options
	wake    chan struct{} // holds one: something may be due sooner than drive thinks

	// lend, if any, is called under mu with a token that Token may return for
	// that long without asking again.
	lend func(*Token, time.Duration)

	reports sync.Mutex // held during callbacks

	mu       sync.Mutex // guards the rest
	clock    clock
	schedule *schedule
	runs     int  // calls of run in progress
	driving  bool // drive is at work
}

func newKeeper(api API, options Options, schedule *schedule) *keeper {
	return &keeper{
		api:      api,
		options:  options,
		wake:     make(chan struct{}, 1),
		clock:    newClock(options.clocks),
		schedule: schedule,
	}
}

// token answers a caller. It is called with mu held, and releases it.
func (k *keeper) token(ctx context.Context, c *compute) (*Token, error) {
	defer k.mu.Unlock()
	for {
		now, _ := k.clock.now()
		if err := ctx.Err(); err != nil && !c.valid(now) {
			return nil, c.failure(err)
		}
		token, f, err := k.schedule.ask(c, now)
		if err != nil {
			return nil, c.failure(err)
		}
		if c.queue != nil && (c.asked || f != nil) {
			k.start()
		}
		if token != nil {
			if k.lend != nil {
				k.lend(token, min(c.renewAt, c.dead-time.Second)-now)
			}
			return token, nil
		}
		if err := k.wait(ctx, c, f); err != nil {
			return nil, c.failure(err)
		}
	}
}

// wait waits for a flight, with mu released meanwhile.
func (k *keeper) wait(ctx context.Context, c *compute, f *flight) error {
	k.mu.Unlock()
	select {
	case <-f.done:
		k.mu.Lock()
		return f.err
	case <-ctx.Done():
		k.mu.Lock()
		now, _ := k.clock.now()
		k.schedule.leave(c, f, now)
		k.start() // which may have nothing left to do
		if c.err != nil {
			return fmt.Errorf("%w; the last fetch failed: %w", ctx.Err(), c.err)
		}
		return ctx.Err()
	}
}

// run keeps all tokens fresh until ctx is done.
func (k *keeper) run(ctx context.Context) error {
	k.keep(1)
	defer k.keep(-1)
	<-ctx.Done()
	return ctx.Err()
}

func (k *keeper) keep(runs int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.runs += runs
	now, _ := k.clock.now()
	k.schedule.setKeep(k.runs > 0, now)
	k.start()
}

// start makes drive look at the schedule. It is called with mu held.
func (k *keeper) start() {
	if !k.driving {
		k.driving = true
		go k.drive()
		return
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// drive sends what is due for as long as there is something to wait for.
func (k *keeper) drive() {
	for {
		k.mu.Lock()
		now, wall := k.clock.now()
		c, wait, idle := k.schedule.next(now)
		if idle && k.runs == 0 {
			k.driving = false
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()

		if c != nil {
			go k.fetch(c, now, wall)
			continue
		}
		if idle {
			wait = lookAgain
		}
		select {
		case <-k.wake:
		case <-time.After(min(wait, lookAgain)):
		}
	}
}

// fetch makes one request, at the time sent or soon after, and reports what
// came of it. It is cut loose from every caller: those who wait for it leave on
// their own contexts.
func (k *keeper) fetch(c *compute, sent time.Duration, wall time.Time) {
	fleet, name := c.given.fleet, c.given.name
	ctx, cancel := context.WithTimeout(context.Background(), k.options.Timeout)
	out, err := k.api.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: &fleet, ComputeName: &name})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("no token within the Timeout of %v: %w", k.options.Timeout, err)
	}
	cancel()
	var token *Token
	var life time.Duration
	if err == nil {
		token, life, err = c.read(out, wall)
	}

	k.mu.Lock()
	now, _ := k.clock.now()
	if err == nil && sent+life <= now {
		err = errors.New("the service returned a token that has expired already")
	}
	k.schedule.limiter.take(retries(out, err))
	renewed := false
	if err == nil {
		renewed = k.schedule.succeeded(c, token, sent+life, now)
	} else {
		k.schedule.failed(c, err, sent, now)
	}
	next := c.next - now
	if c.queue != nil {
		k.start()
	}
	k.mu.Unlock()

	k.report(c, token, renewed, err, next)
}

func (k *keeper) report(c *compute, token *Token, renewed bool, err error, next time.Duration) {
	k.reports.Lock()
	defer k.reports.Unlock()
	ids := []any{slog.String("fleet", c.id.fleet), slog.String("compute", c.id.name)}
	switch {
	case err != nil:
		k.options.Logger.Warn("auth token fetch failed", append(ids, slog.Any("error", err), slog.Duration("retry_in", next))...)
		if k.options.OnFailure != nil {
			k.options.OnFailure(c.failure(err))
		}
	case renewed:
		k.options.Logger.Info("auth token fetched", append(ids, slog.Time("expires", token.Expires))...)
		if k.options.OnRefresh != nil {
			k.options.OnRefresh(*token)
		}
	default:
		k.options.Logger.Debug("auth token not replaced yet", append(ids, slog.Time("expires", token.Expires))...)
	}
}

// read takes the token from a response, and how much was left of its life when
// the request was sent: at least that much, since the service read its clock
// later. wall is the local clock when the request was sent; it serves where the
// response has no Date.
func (c *compute) read(out *gamelift.GetComputeAuthTokenOutput, wall time.Time) (*Token, time.Duration, error) {
	switch {
	case out == nil || out.AuthToken == nil || *out.AuthToken == "":
		return nil, 0, errors.New("the response has no AuthToken")
	case out.ExpirationTimestamp == nil:
		return nil, 0, errors.New("the response has no ExpirationTimestamp")
	}
	id := c.id
	if out.FleetId != nil {
		id.fleet = *out.FleetId
	}
	if out.ComputeName != nil {
		id.name = *out.ComputeName
	}
	if id = id.plain(); id == c.id {
		id = c.id // whose memory is there already
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

// retries returns how many requests a call sent beside the first.
func retries(out *gamelift.GetComputeAuthTokenOutput, err error) int {
	attempts := 0
	if exhausted, ok := errors.AsType[*apierrors.MaxAttemptsError](err); ok {
		attempts = exhausted.Attempt
	} else if out != nil {
		attempts = gamelift.Attempts(out.ResultMetadata)
	}
	return max(attempts-1, 0)
}

func (c *compute) failure(err error) *FetchError {
	return &FetchError{FleetID: c.id.fleet, ComputeName: c.id.name, Err: err}
}
