package authtoken

import (
	"time"

	apierrors "github.com/gamelift-compute/gamelift/errors"
)

// The pace of requests for one compute.
const (
	minBackoff    = time.Second
	maxBackoff    = time.Minute
	backoffJitter = 0.2 // of the back-off, to either side

	// The part of the window in which it is entered. It does not begin at 0:
	// the Date that life is measured with has a resolution of a second, and a
	// request that comes too early gets the same token again.
	earliestEntry, latestEntry = 0.01, 0.2

	// serviceWindow is how long before its end the service replaces a token.
	serviceWindow = 15 * time.Minute
)

// compute is what is known of one compute's token. Times are those of clock.
type compute struct {
	id    computeID // plain
	given computeID // as the caller named it, which is what is sent

	token   *Token        // the newest; nil: there was none yet. Immutable.
	renewAt time.Duration // when the token's window is entered
	dead    time.Duration // when the token must not be given out any more; 0 without one

	next     time.Duration // no request before
	failures int           // in a row; the same token again counts as one
	err      error         // of the last request; nil: it succeeded
	final    bool          // err is for later callers as well, until the next request
	tried    time.Duration // when the last request ended
	absentBy time.Duration // when NotFoundException becomes final; 0: none since the last token

	flight  *flight       // nil: nobody waits
	since   time.Duration // when a caller first waited since the last token
	asked   bool          // a caller saw the window: renew without Run as well
	sending bool          // a request is under way
	used    time.Duration // when Token was last called

	at    time.Duration // when the next request is due
	queue *queue        // nil: no request is due, or one is under way
	index int
}

// flight is what the callers without a valid token wait for.
type flight struct {
	done    chan struct{} // closed at the end
	err     error         // may be read when done is closed; nil: there is a token
	waiters int
}

// valid reports whether the token may be given out.
func (c *compute) valid(now time.Duration) bool { return now < c.dead }

// schedule decides for a set of computes what callers get, and which request is
// to be sent when. It is a state machine: it has no lock, no goroutine and no
// clock of its own, so that a month of a large account can be simulated.
type schedule struct {
	window        time.Duration
	startupWindow time.Duration
	random        func() float64
	limiter       limiter
	forgetAfter   time.Duration // zero: never

	computes map[computeID]*compute // by plain ID
	keep     bool                   // renew what nobody asks for: Run is at work

	later    queue // due later, soonest first
	waiting  queue // due, and callers wait: who waits longest first
	renewing queue // due, and still valid: what ends soonest first
	lapsed   queue // due, not valid, and nobody waits

	sweepAt time.Duration
	totals  Stats // its counters only
}

func newSchedule(o *Options) *schedule {
	byTime := func(a, b *compute) bool { return a.at < b.at }
	return &schedule{
		window:        o.Window,
		startupWindow: o.StartupWindow,
		random:        o.random,
		computes:      map[computeID]*compute{},
		later:         queue{before: byTime},
		waiting:       queue{before: func(a, b *compute) bool { return a.since < b.since }},
		renewing:      queue{before: func(a, b *compute) bool { return a.dead < b.dead }},
		lapsed:        queue{before: byTime},
	}
}

func newPoolSchedule(o *PoolOptions) *schedule {
	s := newSchedule(&o.Options)
	s.limiter = limiter{rate: o.Rate, burst: float64(o.Burst)}
	s.forgetAfter = o.ForgetAfter
	return s
}

func (s *schedule) add(given computeID) *compute {
	c := &compute{id: given.plain(), given: given}
	s.computes[c.id] = c
	return c
}

// ask is a caller's question for a token. Without a token and without an error
// it has to wait for the flight, and to call leave if it stops waiting.
func (s *schedule) ask(c *compute, now time.Duration) (*Token, *flight, error) {
	c.used = now
	switch {
	case now < c.renewAt && c.valid(now):
		return c.token, nil, nil
	case c.valid(now):
		if !c.asked && !c.sending && now >= c.next {
			c.asked = true
			s.place(c, now)
		}
		return c.token, nil, nil
	case c.final && now < c.next:
		return nil, nil, c.err
	}
	if c.flight == nil {
		c.flight = &flight{done: make(chan struct{})}
		if c.since == 0 {
			c.since = now
		}
		s.place(c, now)
	}
	c.flight.waiters++
	return nil, c.flight, nil
}

// leave takes back an ask for a flight.
func (s *schedule) leave(c *compute, f *flight, now time.Duration) {
	f.waiters--
	if f.waiters == 0 && c.flight == f {
		c.flight = nil
		s.place(c, now)
	}
}

// setKeep says whether tokens are to be renewed that nobody asks for.
func (s *schedule) setKeep(keep bool, now time.Duration) {
	s.keep = keep
	for _, c := range s.computes {
		s.place(c, now)
	}
}

// next returns the compute that a request is to be sent for now. That is for
// its caller to do, and to report with succeeded or failed. Without one, it
// returns how long there is nothing to do, unless something is asked meanwhile;
// idle says that there is nothing to wait for at all.
func (s *schedule) next(now time.Duration) (c *compute, wait time.Duration, idle bool) {
	s.sweep(now)
	for c = s.later.first(); c != nil && c.at <= now; c = s.later.first() {
		s.place(c, now)
	}
	if c = s.mostUrgent(now); c == nil {
		if c = s.later.first(); c != nil {
			return nil, c.at - now, false
		}
		return nil, 0, true
	}
	if wait = s.limiter.wait(now); wait > 0 {
		return nil, wait, false
	}
	s.limiter.take(1)
	s.totals.Requests++
	c.sending, c.asked = true, false
	s.place(c, now)
	return c, 0, false
}

// mostUrgent puts first those for whom callers wait, and then the tokens that
// end soonest. What nobody has and nobody waits for comes last: it would be
// fetched at the expense of tokens that are still to be saved.
func (s *schedule) mostUrgent(now time.Duration) *compute {
	for c := s.renewing.first(); c != nil && !c.valid(now); c = s.renewing.first() {
		s.place(c, now)
	}
	for _, q := range []*queue{&s.waiting, &s.renewing, &s.lapsed} {
		if c := q.first(); c != nil {
			return c
		}
	}
	return nil
}

// place puts the compute where it belongs after whatever has changed.
func (s *schedule) place(c *compute, now time.Duration) {
	if c.sending || !s.keep && !c.asked && c.flight == nil {
		c.move(nil)
		return
	}
	c.at = c.next
	if c.valid(now) {
		c.at = max(c.at, c.renewAt)
	}
	switch {
	case now < c.at:
		c.move(&s.later)
	case c.valid(now):
		c.move(&s.renewing)
	case c.flight != nil:
		c.move(&s.waiting)
	default:
		c.move(&s.lapsed)
	}
}

// succeeded takes the token that a request brought, which must be valid until
// dead, and reports whether it is another one than before.
func (s *schedule) succeeded(c *compute, token *Token, dead, now time.Duration) (renewed bool) {
	renewed = c.token == nil || c.token.Value != token.Value
	if renewed || dead-now > s.window {
		window := min(s.window, dead-now)
		c.renewAt = dead - window + s.jitter(window)
	}
	c.token, c.dead = token, dead
	c.err, c.final, c.absentBy, c.since = nil, false, 0, 0
	if renewed || now < c.renewAt {
		c.failures = 0
		c.next = now + s.backoff(0) // a token of less life is no reason to spin
	} else {
		c.next = max(now+s.backoff(c.failures), dead-serviceWindow+s.jitter(serviceWindow))
		c.failures++
	}
	c.sending = false
	c.land(nil)
	s.place(c, now)
	return renewed
}

// failed takes the error of a request that was sent at that time.
func (s *schedule) failed(c *compute, err error, sent, now time.Duration) {
	s.totals.Failures++
	if apierrors.IsThrottling(err) {
		s.totals.Throttled++
		s.limiter.drain()
	}
	notFound := isNotFound(err)
	if notFound && c.absentBy == 0 {
		c.absentBy = sent + s.startupWindow
	}
	starting := notFound && now < c.absentBy
	wasFinal, unasked := c.final, c.used < c.tried
	c.err, c.final, c.tried = err, isPermanent(err) || notFound && !starting, now
	c.next = now + s.backoff(c.failures)
	switch {
	case c.final:
		c.next = now + s.jittered(maxBackoff)
	case starting:
		c.next = min(c.next, c.absentBy)
	case c.valid(now): // the closer its end, the less patience
		c.next = min(c.next, now+max((c.dead-now)/10, s.jittered(minBackoff)))
	}
	c.failures++
	c.sending = false
	if !starting {
		c.land(err)
	}
	s.place(c, now)
	if s.forgetAfter > 0 && wasFinal && c.final && unasked && !c.valid(now) {
		s.forget(c) // Run would ask for what is gone once a minute, for ever
	}
}

// land ends the wait of those who waited for the request.
func (c *compute) land(err error) {
	if c.flight != nil {
		c.flight.err = err
		close(c.flight.done)
		c.flight = nil
	}
}

// sweep forgets, from time to time, what nobody has asked for.
func (s *schedule) sweep(now time.Duration) {
	if s.forgetAfter == 0 || now < s.sweepAt {
		return
	}
	s.sweepAt = now + s.forgetAfter/8
	for _, c := range s.computes {
		if now-c.used > s.forgetAfter && !c.sending && c.flight == nil {
			s.forget(c)
		}
	}
}

func (s *schedule) forget(c *compute) {
	c.move(nil)
	delete(s.computes, c.id)
	s.totals.Forgotten++
}

// jitter returns when in a window it is entered.
func (s *schedule) jitter(window time.Duration) time.Duration {
	return time.Duration(float64(window) * (earliestEntry + (latestEntry-earliestEntry)*s.random()))
}

func (s *schedule) backoff(failures int) time.Duration {
	return s.jittered(min(minBackoff<<min(failures, 10), maxBackoff))
}

func (s *schedule) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 - backoffJitter + 2*backoffJitter*s.random()))
}
