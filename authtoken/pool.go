package authtoken

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pool keeps the tokens of many computes, each as a [Source] does, under one
// request rate. A compute belongs to it from the first call of Token for it on,
// until there has been none for PoolOptions.ForgetAfter. It is safe for
// concurrent use and needs no closing.
//
// Where more requests are due than the rate allows, what is most urgent comes
// first: computes whose callers wait, by how long they have waited; then tokens
// in the refresh window, by how soon they end; then computes without a token for
// which nobody waits. Computes that started together fetched their tokens one
// after the other, and so these do not end together either.
//
// SIMULATION.md, beside this file, tells how large an account a pool can keep.
type Pool struct {
	keeper      *keeper
	maxComputes int
	fault       error // what is wrong with the arguments
}

// NewPool makes a pool. optFns change the options; nil ones are skipped.
// Nothing is sent before Token is called, and whatever is wrong with the
// arguments is the error of Token and Run.
func NewPool(api API, optFns ...func(*PoolOptions)) *Pool {
	var options PoolOptions
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.setDefaults()
	return &Pool{
		keeper:      newKeeper(api, options.Options, newPoolSchedule(&options)),
		maxComputes: options.MaxComputes,
		fault:       errors.Join(checkAPI(api), options.check()),
	}
}

// Token is [Source.Token] for one of the computes, and adds the compute to the
// pool. fleetID and computeName may be ARNs; they find the same compute as the
// IDs in them. The clocks are read at each call.
//
// It works without Run too: then a token is replaced when Token is called in its
// refresh window, and nothing is sent for computes that nobody asks for.
func (p *Pool) Token(ctx context.Context, fleetID, computeName string) (Token, error) {
	if p.fault != nil {
		return Token{}, p.fault
	}
	p.keeper.mu.Lock()
	c, err := p.compute(computeID{fleet: fleetID, name: computeName})
	if err != nil {
		p.keeper.mu.Unlock()
		return Token{}, err
	}
	token, err := p.keeper.token(ctx, c)
	if err != nil {
		return Token{}, err
	}
	return *token, nil
}

// Run keeps the tokens of all computes fresh until ctx is done, and returns the
// context's error. It goes on through every failure. Of a compute that fails for
// good, it asks again a minute later, and then once a minute for as long as
// somebody calls Token for it.
func (p *Pool) Run(ctx context.Context) error {
	if p.fault != nil {
		return p.fault
	}
	return p.keeper.run(ctx)
}

func (p *Pool) compute(given computeID) (*compute, error) {
	s := p.keeper.schedule
	if c, ok := s.computes[given.plain()]; ok {
		return c, nil
	}
	now, _ := p.keeper.clock.now()
	s.sweep(now)
	if len(s.computes) >= p.maxComputes {
		return nil, fmt.Errorf("authtoken: the pool holds %d computes, which is PoolOptions.MaxComputes: no token for compute %s of fleet %s", len(s.computes), given.name, given.fleet)
	}
	return s.add(given), nil
}

// Stats tell how a [Pool] is doing.
type Stats struct {
	// Computes are in the pool: Fresh and Expiring have a valid token, in the
	// second case within the refresh window; Missing have none.
	Computes, Fresh, Expiring, Missing int

	Waiting int // callers of Token that wait
	Sending int // requests under way
	Due     int // requests that the rate holds up

	// SoonestExpiry is how much the valid token that ends first has left; zero
	// where there is none. Far under the refresh window, requests do not keep
	// up.
	SoonestExpiry time.Duration

	// Counted since NewPool: Requests (calls of the API), those of them that
	// brought no token, those among them that the service throttled, and
	// computes that were forgotten.
	Requests, Failures, Throttled, Forgotten uint64
}

// Stats looks at every compute: call it once a second rather than a thousand
// times.
func (p *Pool) Stats() Stats {
	p.keeper.mu.Lock()
	defer p.keeper.mu.Unlock()
	now, _ := p.keeper.clock.now()
	s := p.keeper.schedule
	stats := s.totals
	stats.Computes = len(s.computes)
	stats.Due = len(s.waiting.computes) + len(s.renewing.computes) + len(s.lapsed.computes)
	for _, c := range s.computes {
		switch {
		case !c.valid(now):
			stats.Missing++
		case now < c.renewAt:
			stats.Fresh++
		default:
			stats.Expiring++
		}
		if c.valid(now) && (stats.SoonestExpiry == 0 || c.dead-now < stats.SoonestExpiry) {
			stats.SoonestExpiry = c.dead - now
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
