package gamelift

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// decision is the next step of a call after a failed attempt.
type decision int

const (
	stop         decision = iota // return the attempt's error
	giveUp                       // return it in a MaxAttemptsError
	tryAgain                     // wait for the Retryer's delay and try again
	useOtherKeys                 // try again at once, with the provider's other keys
	correctClock                 // try again with the service's time
)

// outcome is everything that decide depends on.
type outcome struct {
	isLast      bool    // the call has no more attempts
	keysRenewed bool    // the service refused the keys, and the provider has others
	timeRefused bool    // the service refused the signing time, which was off
	err         error   // of the attempt
	retryer     Retryer // asked about err if nothing else decides
}

// decide returns the next step after a failed attempt. Nothing else decides
// whether there is another attempt.
func decide(o outcome) decision {
	switch {
	case o.keysRenewed && !o.isLast:
		return useOtherKeys
	case o.timeRefused && !o.isLast:
		return correctClock
	case !o.timeRefused && !o.retryer.IsErrorRetryable(o.err):
		return stop
	case o.isLast:
		return giveUp
	default:
		return tryAgain
	}
}

// loop makes attempts until one succeeds or none may follow.
func (c *call) loop(ctx context.Context) error {
	options := &c.settings.options
	limit := cmp.Or(options.RetryMaxAttempts, options.Retryer.MaxAttempts())
	timeout := attemptTimeoutFor(ctx, options.AttemptTimeout)
	estimate := serviceTime{known: true} // the local clock
	if !options.DisableClockSkewCorrection {
		estimate = c.client.clock.estimate()
	}
	keysRenewed, clockCorrected := false, false
	settleRetry := releaseNothing // takes the outcome of the attempt that a retry token paid for
	var last error                // of the previous attempt

	a := &c.first
	for number := 1; ; number++ {
		if ctx.Err() != nil {
			_ = settleRetry(retry.ErrNotSent)
			return canceled(ctx, last)
		}
		settleAttempt, err := c.attemptToken(ctx, number)
		if err != nil {
			_ = settleRetry(retry.ErrNotSent)
			if ctx.Err() != nil {
				return canceled(ctx, last)
			}
			return join(last, fmt.Errorf("attempt token: %w", err))
		}
		if number > 1 {
			c.rememberSecrets(a.keys)
			a = new(attempt) // the transport may still read the last request
		}
		a.call, a.number, a.limit, a.timeout, a.estimate = c, number, limit, timeout, estimate
		err = a.runPaid(ctx, settleRetry, settleAttempt)
		settleRetry = releaseNothing
		if err == nil {
			return nil
		}
		last = err

		o := outcome{
			isLast:      limit > 0 && number >= limit,
			timeRefused: refusesTime(err, a.estimate, a.measured),
			err:         err,
			retryer:     options.Retryer,
		}
		if a.keysRefused(err) {
			mayRenew := !keysRenewed && !o.isLast // once a call
			o.keysRenewed = a.renewKeys(ctx, mayRenew) && mayRenew
			if mayRenew && ctx.Err() != nil {
				return canceled(ctx, err)
			}
		}
		if o.timeRefused {
			estimate = c.client.clock.correct(a.estimate, a.measured)
		}
		next := decide(o)
		if next != stop && ctx.Err() != nil {
			return canceled(ctx, err)
		}
		switch next {
		case stop:
			return err
		case giveUp:
			return &apierrors.MaxAttemptsError{Attempt: number, Err: err}
		case useOtherKeys:
			keysRenewed = true
			c.observer.log(ctx, slog.LevelInfo, "credentials renewed", number, err)
			continue
		case correctClock:
			if estimate == a.estimate {
				break // servers disagree, and another one may accept it
			}
			c.observer.log(ctx, slog.LevelInfo, "clock corrected", number, err, slog.Duration("offset", estimate.offset))
			// The first correction is free, since the service is not
			// overloaded. The next ones are not: servers may disagree.
			if !clockCorrected {
				clockCorrected = true
				continue
			}
		}
		if settleRetry, err = c.waitForRetry(ctx, number, err); err != nil {
			return err
		}
	}
}

// attemptToken asks the Retryer for permission to make an attempt.
func (c *call) attemptToken(ctx context.Context, number int) (settle func(error) error, err error) {
	if r, ok := c.settings.options.Retryer.(attemptTokener); ok {
		settle, err = r.GetAttemptToken(ctx)
	} else if number == 1 {
		settle = c.settings.options.Retryer.GetInitialToken()
	}
	if settle == nil {
		settle = releaseNothing
	}
	return settle, err
}

func releaseNothing(error) error { return nil }

// waitForRetry takes a retry token and waits for the delay that the Retryer and
// the response ask for. If it returns an error, the call ends with that error.
func (c *call) waitForRetry(ctx context.Context, number int, last error) (settle func(error) error, err error) {
	retryer := c.settings.options.Retryer
	settle, err = retryer.GetRetryToken(ctx, last)
	if err != nil {
		c.observer.log(ctx, slog.LevelDebug, "retry refused", number, nil, slog.String("reason", err.Error()))
		if ctx.Err() != nil {
			return nil, canceled(ctx, last)
		}
		return nil, fmt.Errorf("%w (not retried: %w)", last, err)
	}
	if settle == nil {
		settle = releaseNothing
	}
	delay, err := retryer.RetryDelay(number-1+retry.FirstAttempt(), last)
	if err != nil {
		_ = settle(retry.ErrNotSent)
		return nil, fmt.Errorf("%w (retry delay: %w)", last, err)
	}
	delay = retry.Extend(delay, last)
	c.observer.log(ctx, slog.LevelDebug, "retry", number, last, slog.Duration("delay", delay))
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return settle, nil
	case <-ctx.Done():
		_ = settle(retry.ErrNotSent)
		return nil, canceled(ctx, last)
	}
}
