package authtoken

import (
	"context"
	"fmt"
	"time"
)

// Pool keeps the tokens of many computes, each as a [Source] does, within one
// request rate. It is safe for concurrent use and needs no closing. The first
// call of Token for a compute adds it to the pool. A compute leaves the pool
// when Token has not been called for it during PoolOptions.ForgetAfter.
//
// If more requests are due than the rate allows, the pool first sends those that
// callers wait for, in the order in which the callers began to wait. Then it
// renews tokens, in the order in which they expire. Once a token has lost a
// third of its refresh window, every other request is a renewal. Computes that
// have neither a token nor a waiting caller come last, and so do computes whose
// last failure was permanent.
//
// Pools, Sources and other users of the account's quota need not know of each
// other. SIMULATION.md in this package's directory shows how large an account
// they can keep.
type Pool struct {
	fetcher     *fetcher
	maxComputes int
}

// NewPool returns a pool without computes. optFns change the options; nil
// functions are skipped. Nothing is sent until Token is called. If the
// arguments are invalid, Token and Run return an error.
func NewPool(api API, optFns ...func(*PoolOptions)) *Pool {
	var options PoolOptions
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.setDefaults()
	return &Pool{
		fetcher:     newFetcher(api, &options.Options, newPoolSchedule(&options), options.check()),
		maxComputes: options.MaxComputes,
	}
}

// Token is like [Source.Token], for one compute of the pool. It adds the compute
// if it is not in the pool. fleetID and computeName may be ARNs; they name the
// same compute as the IDs in them. If one is empty, Token returns a
// smithy.InvalidParamsError.
//
// Token works without Run: then nothing is sent for computes that nobody asks
// for.
func (p *Pool) Token(ctx context.Context, fleetID, computeName string) (Token, error) {
	p = orZero(p)
	id := computeID{fleet: fleetID, name: computeName}.plain()
	token, err := p.fetcher.token(ctx, func() (*compute, error) { return p.compute(id) })
	if err != nil {
		return Token{}, id.failure(err)
	}
	return *token, nil
}

// Run keeps the tokens of all computes fresh until ctx is done, and returns the
// context's error. It goes on through every failure. If a person must correct
// the cause of a failure, Run sends another request a minute later, and then one
// a minute for as long as somebody calls Token for that compute. After that, the
// compute leaves the pool unless it has a valid token.
//
// If the arguments of NewPool were wrong, Run returns that error at once.
func (p *Pool) Run(ctx context.Context) error { return orZero(p).fetcher.run(ctx) }

// compute returns the compute with the plain ID. It adds it if there is room.
func (p *Pool) compute(id computeID) (*compute, error) {
	s := p.fetcher.schedule
	if c, ok := s.computes[id]; ok {
		return c, nil
	}
	if err := id.check(); err != nil {
		return nil, err
	}
	now := p.fetcher.clock.Now().Now
	s.forgetIdle(now)
	if len(s.computes) >= p.maxComputes {
		return nil, fmt.Errorf("the pool is full: PoolOptions.MaxComputes is %d", p.maxComputes)
	}
	c := s.add(id)
	s.asked(c, now)
	s.requeue(c, now) // for Run, which fetches even if the caller does not wait
	return c, nil
}

// Stats are counts that show how a [Pool] is doing.
type Stats struct {
	// Computes is the number of computes in the pool.
	Computes int

	// Fresh is the number of computes with a valid token that is not yet in its
	// refresh window.
	Fresh int

	// Expiring is the number of computes with a valid token in its refresh
	// window.
	Expiring int

	// Missing is the number of computes without a valid token.
	Missing int

	// Waiting is the number of callers of Token that wait.
	Waiting int

	// Sending is the number of requests under way.
	Sending int

	// Due is the number of requests that wait for the rate.
	Due int

	// SoonestExpiry is the time left of the valid token that expires first, or
	// zero if there is no valid token. If it is much less than the refresh
	// window of 15 minutes, requests do not keep up.
	SoonestExpiry time.Duration

	// Requests is the number of requests sent since NewPool. A request and the
	// second attempt that corrects the clock or renews the keys count as one.
	Requests uint64

	// Failures is the number of those requests that brought no token.
	Failures uint64

	// Throttled is the number of those failures that were throttling.
	Throttled uint64

	// Forgotten is the number of computes that left the pool since NewPool.
	Forgotten uint64
}

// Stats returns the current counts. It looks at every compute, with the pool
// locked: call it once a second rather than a thousand times.
func (p *Pool) Stats() Stats {
	if p == nil || p.fetcher == nil {
		return Stats{} // the Pool was not made by NewPool
	}
	p.fetcher.mu.Lock()
	defer p.fetcher.mu.Unlock()
	now := p.fetcher.clock.Now().Now
	s := p.fetcher.schedule
	s.forgetIdle(now)
	stats := s.totals
	stats.Computes = len(s.computes)
	stats.Due = s.waiting.Len() + s.renewing.Len() + s.missing.Len()
	for _, c := range s.computes {
		switch {
		case !c.valid(now):
			stats.Missing++
		case now < c.renewAt:
			stats.Fresh++
		default:
			stats.Expiring++
		}
		if c.valid(now) && (stats.SoonestExpiry == 0 || c.expiresAt-now < stats.SoonestExpiry) {
			stats.SoonestExpiry = c.expiresAt - now
		}
		if c.sending {
			stats.Sending++
		}
		if c.flight != nil {
			stats.Waiting += c.flight.waiters
		}
	}
	return stats
}
