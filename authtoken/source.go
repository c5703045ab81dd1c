package authtoken

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Source keeps the token of one compute. It is safe for concurrent use, and
// needs no closing: without callers and without Run it does nothing.
type Source struct {
	lease   atomic.Pointer[Token] // what Token returns at once; nil: ask the keeper
	lapse   *time.Timer           // ends the lease; guarded by keeper.mu
	keeper  *keeper
	compute *compute
	fault   error // what is wrong with the arguments
}

// leaseTime is for how long Token returns a fresh token without a look at the
// clocks, which takes longer than the rest of it.
const leaseTime = 100 * time.Millisecond

// NewSource makes the source of a compute's token. fleetID and computeName may
// be ARNs. optFns change the options; nil ones are skipped. Nothing is sent
// before Token or Run is called, and whatever is wrong with the arguments is
// their error.
func NewSource(api API, fleetID, computeName string, optFns ...func(*Options)) *Source {
	var options Options
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.setDefaults()
	s := &Source{fault: errors.Join(checkAPI(api), options.check())}
	s.keeper = newKeeper(api, options, newSchedule(&options))
	s.keeper.lend = s.lend
	s.compute = s.keeper.schedule.add(computeID{fleet: fleetID, name: computeName})
	return s
}

// Token returns a token that is valid: at once while there is one, also when it
// is being replaced or ctx is done, and else the one that the next fetch brings,
// for which it waits as long as ctx allows. All callers who wait share that
// fetch. Its error is a *[FetchError]; the package documentation tells who gets
// which one when.
//
// The clocks are read at least ten times a second, and not at each call: on a
// host that was suspended, a token that expired meanwhile can be returned for a
// tenth of a second after it woke up.
func (s *Source) Token(ctx context.Context) (Token, error) {
	token := s.lease.Load()
	if token == nil {
		var err error
		if token, err = s.ask(ctx); err != nil {
			return Token{}, err
		}
	}
	return *token, nil
}

func (s *Source) ask(ctx context.Context) (*Token, error) {
	if s.fault != nil {
		return nil, s.fault
	}
	s.keeper.mu.Lock()
	return s.keeper.token(ctx, s.compute)
}

// Run keeps the token fresh until ctx is done, also when nobody calls Token, and
// returns the context's error. It goes on through every failure, those included
// that only a person can end, at a request a minute: a compute can be registered
// again. OnFailure and Logger hear of them. A fetch that is under way when ctx
// is done goes on to its end, or to Timeout.
func (s *Source) Run(ctx context.Context) error {
	if s.fault != nil {
		return s.fault
	}
	return s.keeper.run(ctx)
}

// lend makes Token return a fresh token at once, for leaseTime at most. Nothing
// renews the lease but the next caller after its end, so that a source that
// nobody uses has no timer.
func (s *Source) lend(token *Token, until time.Duration) {
	if until <= 0 {
		return
	}
	// In this order there is no lease without a timer that ends it.
	s.lease.Store(token)
	until = min(until, leaseTime)
	if s.lapse == nil {
		s.lapse = time.AfterFunc(until, func() { s.lease.Store(nil) })
		return
	}
	s.lapse.Reset(until)
}

func checkAPI(api API) error {
	if api == nil {
		return errors.New("authtoken: api is nil: want a *gamelift.Client, or what stands in for one")
	}
	return nil
}
