package authtoken

import "context"

// Source keeps the token of one compute. It is safe for concurrent use. It needs
// no closing: without callers and without Run it does nothing.
type Source struct {
	id      computeID // plain
	fetcher *fetcher
	compute *compute
}

// NewSource returns the source of a compute's token. fleetID and computeName
// may be ARNs; the IDs in them are sent. optFns change the options; nil
// functions are skipped. Nothing is sent until Token or Run is called. If the
// arguments are invalid, both return an error.
func NewSource(api API, fleetID, computeName string, optFns ...func(*Options)) *Source {
	var options Options
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.setDefaults()
	id := computeID{fleet: fleetID, name: computeName}.plain()
	schedule := newSchedule(&options)
	return &Source{
		id:      id,
		fetcher: newFetcher(api, &options, schedule, options.check(), id.check()),
		compute: schedule.add(id),
	}
}

// Token returns a valid token. While there is one, Token returns it at once, even
// if it is being replaced or ctx is done. Otherwise Token waits for the next
// fetch for as long as ctx allows. All callers who wait share that fetch. Token
// works without Run: then a token is replaced when Token is called in its refresh
// window.
//
// Every error is a [*FetchError]. The package documentation says which errors
// callers get, and when.
func (s *Source) Token(ctx context.Context) (Token, error) {
	s = orZero(s)
	token, err := s.fetcher.token(ctx, func() (*compute, error) { return s.compute, nil })
	if err != nil {
		return Token{}, s.id.failure(err)
	}
	return *token, nil
}

// Run keeps the token fresh until ctx is done, even if nobody calls Token, and
// returns the context's error. It goes on through every failure. If a person
// must correct the cause of a failure, Run sends a request a minute: a compute
// can be registered again, for example. OnFailure and Logger report failures. A
// fetch that is under way when ctx is done goes on until it ends or Timeout has
// passed.
//
// If the arguments of NewSource were wrong, Run returns that error at once.
func (s *Source) Run(ctx context.Context) error { return orZero(s).fetcher.run(ctx) }
