package authtoken

import (
	"cmp"
	"container/list"
	"math"
	"time"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/keyheap"
	"github.com/gamelift-compute/gamelift/internal/pace"
)

const (
	// window is how long before its expiry the service replaces a token. An
	// earlier request gets the same token again.
	window = 15 * time.Minute

	// minLife is the shortest remaining life of a token that the service
	// returns, with a margin for the measurement. Only a stub's tokens have
	// less.
	minLife = window - time.Minute

	// entry is how long after the beginning of the window a token is renewed. It
	// is not 0: life is measured by a Date with a resolution of a second, and a
	// request that comes too early gets the same token again. It is not random:
	// the service issues tokens no faster than its quota allows, so their
	// renewals are as far apart. Random delays would only bring requests closer
	// together.
	entry = 10 * time.Second

	// The pace of requests for one compute after failures.
	minBackoff    = time.Second
	maxBackoff    = time.Minute
	backoffJitter = 0.2 // of the back-off, to either side

	// The pace of requests for the compute of a Source that is throttled. While
	// there is a valid token, the wait is in proportion to the square of its
	// remaining life, and maxThrottledRenewal if that is the whole window.
	// Without a token it grows to maxThrottledStart.
	maxThrottledRenewal = 3 * time.Minute
	minThrottledRenewal = 100 * time.Millisecond
	maxThrottledStart   = 5 * time.Minute

	// urgentWindow is the remaining life of a token at which its renewal begins
	// to be urgent for the limiter of a Pool.
	urgentWindow = 13 * time.Minute
)

// compute has the token of one compute and its state. Its times are those of
// fetcher.clock.
type compute struct {
	id computeID // plain

	token     *Token        // the newest, or nil. Immutable.
	renewAt   time.Duration // when the token's refresh window is entered
	expiresAt time.Duration // when the token expires; 0 without a token

	next          time.Duration // no request is sent before
	failures      int           // in a row; the same token again in its window is one
	err           error         // of the last request, or nil
	permanent     bool          // later callers get err, too, until next
	notFoundUntil time.Duration // until then, NotFoundException is not permanent; 0 if there was none since the last token

	flight       *flight       // a request that somebody asked for, or nil
	waitingSince time.Duration // since when callers wait, or since the last failure; 0 after a success
	sending      bool          // a request is under way
	lastAsked    time.Duration // when somebody last asked, or stopped waiting
	recent       *list.Element // of schedule.recent; nil if computes are not forgotten

	// queued is the compute's item in one of the schedule's queues. It is in
	// none if no request is wanted, or one is under way.
	queued keyheap.Item[*compute]
}

// queue has the compute with the lowest key first. Keys are times.
type queue = keyheap.Heap[*compute]

// flight is a request that somebody asked for. Those who have no valid token
// wait for its end.
type flight struct {
	done    chan struct{} // closed at the end
	err     error         // may be read when done is closed; nil if there is a token
	waiters int
}

func newFlight() *flight { return &flight{done: make(chan struct{})} }

// valid reports whether the token may be given out.
func (c *compute) valid(now time.Duration) bool { return now < c.expiresAt }

// awaited reports whether callers wait for the token.
func (c *compute) awaited() bool { return c.flight != nil && c.flight.waiters > 0 }

// attempts returns how many attempts the client may make of the next request. It
// is one, since the schedule retries by itself. After a signature error it is
// two: the client signs differently only in a second attempt. The number does
// not change while a request is under way.
func (c *compute) attempts() int {
	if isSignatureError(c.err) {
		return 2
	}
	return 1
}

// schedule decides for a set of computes what callers get, and which request is
// sent when. It is a state machine without a lock, a goroutine or a clock, so
// that days of a large account can be simulated.
type schedule struct {
	startupWindow time.Duration
	random        func() float64
	limiter       pace.Limiter
	forgetAfter   time.Duration // zero means never

	computes map[computeID]*compute
	recent   list.List // the computes in the order of lastAsked
	keep     bool      // renew tokens that nobody asks for, too: Run is at work

	later    queue // no request yet; by next
	waiting  queue // callers wait; by waitingSince
	renewing queue // a valid token is in its window; by expiresAt
	missing  queue // there is no valid token, and nobody waits or the last failure was permanent; by next

	renewed bool  // the last request was for renewing
	totals  Stats // its counters only
}

func newSchedule(o *Options) *schedule {
	return &schedule{
		startupWindow: o.StartupWindow,
		random:        o.random,
		computes:      map[computeID]*compute{},
	}
}

func newPoolSchedule(o *PoolOptions) *schedule {
	s := newSchedule(&o.Options)
	s.limiter = pace.New(o.Rate, o.Burst)
	s.forgetAfter = o.ForgetAfter
	return s
}

// add adds a compute by its plain ID.
func (s *schedule) add(id computeID) *compute {
	c := &compute{id: id}
	c.queued.Value = c
	s.computes[id] = c
	if s.forgetAfter > 0 {
		c.recent = s.recent.PushBack(c)
	}
	return c
}

// ask returns what a caller gets: a token, an error, or a flight to wait for. A
// caller who stops waiting calls leave.
func (s *schedule) ask(c *compute, now time.Duration) (*Token, *flight, error) {
	s.asked(c, now)
	switch {
	case c.valid(now):
		if now >= c.next && !c.sending && c.flight == nil {
			c.flight = newFlight()
			s.requeue(c, now)
		}
		return c.token, nil, nil
	case c.permanent && now < c.next:
		return nil, nil, c.err
	}
	if c.flight == nil {
		c.flight = newFlight()
	}
	if c.flight.waiters++; c.flight.waiters == 1 {
		c.waitingSince = cmp.Or(c.waitingSince, now)
		s.requeue(c, now)
	}
	return nil, c.flight, nil
}

// asked notes that somebody asks for the compute, or has waited until now.
func (s *schedule) asked(c *compute, now time.Duration) {
	c.lastAsked = now
	if c.recent != nil {
		s.recent.MoveToBack(c.recent)
	}
}

// leave ends the wait of a caller that got a flight from ask.
func (s *schedule) leave(c *compute, f *flight, now time.Duration) {
	s.asked(c, now)
	f.waiters--
	if f.waiters == 0 && c.flight == f {
		c.flight = nil
		s.requeue(c, now)
	}
}

// setKeep says whether tokens that nobody asks for are renewed.
func (s *schedule) setKeep(keep bool, now time.Duration) {
	s.keep = keep
	for _, c := range s.computes {
		s.requeue(c, now)
	}
}

// next returns the compute whose request is due. The caller sends the request
// and calls succeeded or failed. If none is due, next returns how long there is
// nothing to do unless somebody asks; idle means that there is nothing to wait
// for. The limiter runs on the monotonic clock, so that steps of the wall clock
// do not raise the rate.
func (s *schedule) next(now, monotonic time.Duration) (c *compute, wait time.Duration, idle bool) {
	s.forgetIdle(now)
	for c = s.later.First(); c != nil && c.next <= now; c = s.later.First() {
		s.requeue(c, now)
	}
	if c = s.mostUrgent(now); c == nil {
		if c = s.later.First(); c != nil {
			return nil, c.next - now, false
		}
		return nil, math.MaxInt64, true
	}
	if wait = s.limiter.Wait(monotonic, s.urgency(now)); wait > 0 {
		return nil, wait, false
	}
	s.limiter.Take(c.attempts())
	s.totals.Requests++
	s.renewed = c.queued.In() == &s.renewing
	c.sending = true
	s.requeue(c, now)
	return c, 0, false
}

// mostUrgent returns the compute whose turn is next, or nil. Computes whose
// callers wait come first. Once the soonest token has lost a third of its
// window, every other request renews a token. Computes that have neither a token
// nor a waiting caller come last: requests for them would be at the expense of
// tokens that can still be saved.
func (s *schedule) mostUrgent(now time.Duration) *compute {
	renewal := s.soonestRenewal(now)
	waiter := s.waiting.First()
	switch {
	case waiter != nil && (renewal == nil || s.renewed || renewal.expiresAt-now > window*2/3):
		return waiter
	case renewal != nil:
		return renewal
	}
	return s.missing.First()
}

// soonestRenewal returns the compute whose token expires first of those in their
// window, or nil.
func (s *schedule) soonestRenewal(now time.Duration) *compute {
	c := s.renewing.First()
	for ; c != nil && !c.valid(now); c = s.renewing.First() {
		s.requeue(c, now) // it has expired in the queue
	}
	return c
}

// urgency is how urgent requests are for the limiter: 1 if a token that is to be
// renewed is about to expire, and less if more is left of it. It is 0.5 if no
// token is to be renewed.
func (s *schedule) urgency(now time.Duration) float64 {
	c := s.soonestRenewal(now)
	if c == nil {
		return 0.5
	}
	return max(0, 1-float64(c.expiresAt-now)/float64(urgentWindow))
}

// requeue puts c into the queue where it belongs after a change.
func (s *schedule) requeue(c *compute, now time.Duration) {
	switch {
	case c.sending || !s.keep && c.flight == nil:
		c.queued.Move(nil, 0)
	case now < c.next:
		c.queued.Move(&s.later, int64(c.next))
	case c.valid(now):
		c.queued.Move(&s.renewing, int64(c.expiresAt))
	case c.awaited() && !c.permanent:
		c.queued.Move(&s.waiting, int64(c.waitingSince))
	default:
		c.queued.Move(&s.missing, int64(c.next))
	}
}

// succeeded records the token of a request, which is valid until expiresAt. It
// reports whether it is another token than before.
func (s *schedule) succeeded(c *compute, token *Token, expiresAt, now time.Duration) (renewed bool) {
	left := expiresAt - now
	renewed = c.token == nil || c.token.Value != token.Value
	if renewed || left > window {
		c.renewAt = expiresAt - window + entry
		if left < minLife {
			c.renewAt = expiresAt - left/2
		}
	}
	c.token, c.expiresAt = token, expiresAt
	c.err, c.permanent, c.notFoundUntil, c.waitingSince = nil, false, 0, 0
	if renewed || now < c.renewAt {
		c.failures = 0
		c.next = max(now+s.backoff(0), c.renewAt) // even if little is left of the token's life
	} else {
		c.next = max(now+s.backoff(c.failures), expiresAt-window+entry)
		c.failures++
	}
	c.sending = false
	s.wakeWaiters(c, nil, now)
	s.requeue(c, now)
	return renewed
}

// failed records the error of a request that was sent at the time sent. The
// limiter runs on the monotonic clock, as in next.
func (s *schedule) failed(c *compute, err error, sent, now, monotonic time.Duration) {
	s.totals.Failures++
	throttled := apierrors.IsThrottling(err)
	if throttled {
		s.totals.Throttled++
		s.limiter.Throttled(monotonic, s.urgency(now))
	}
	absent := notFound.Matches(err)
	if absent && c.notFoundUntil == 0 {
		c.notFoundUntil = sent + min(s.startupWindow, math.MaxInt64-sent)
	}
	starting := absent && now < c.notFoundUntil
	unasked := c.permanent && c.lastAsked <= c.waitingSince // since the last failure, which was permanent as well
	before := isSignatureError(c.err)
	c.err, c.permanent = err, permanent.Matches(err) || absent && !starting
	signDifferently := isSignatureError(err) && !before && !c.permanent
	switch {
	case c.permanent:
		c.next = now + s.jittered(maxBackoff)
	case signDifferently:
		c.next = now
	case throttled:
		c.next = now + s.throttledBackoff(c, now)
	case starting:
		c.next = min(now+s.backoff(c.failures), c.notFoundUntil)
	case c.valid(now): // the closer its end, the less patience
		c.next = now + min(s.backoff(c.failures), max((c.expiresAt-now)/10, s.jittered(minBackoff)))
	default:
		c.next = now + s.backoff(c.failures)
	}
	c.failures++
	c.waitingSince = now // those who have not failed come first
	c.sending = false
	if !signDifferently && !(starting && c.awaited()) {
		s.wakeWaiters(c, err, now)
	}
	s.requeue(c, now)

	if s.forgetAfter > 0 && c.permanent && unasked && !c.valid(now) {
		s.forget(c) // or Run would ask for it once a minute for ever
	}
}

// wakeWaiters ends the wait of those who waited for the request.
func (s *schedule) wakeWaiters(c *compute, err error, now time.Duration) {
	if c.awaited() {
		s.asked(c, now)
	}
	if c.flight != nil {
		c.flight.err = err
		close(c.flight.done)
		c.flight = nil
	}
}

// forgetIdle forgets the computes that nobody has asked for.
func (s *schedule) forgetIdle(now time.Duration) {
	var next *list.Element
	for e := s.recent.Front(); e != nil; e = next {
		next = e.Next()
		c := e.Value.(*compute)
		if now-c.lastAsked <= s.forgetAfter {
			return
		}
		if !c.sending && !c.awaited() {
			s.forget(c)
		}
	}
}

func (s *schedule) forget(c *compute) {
	c.queued.Move(nil, 0)
	s.recent.Remove(c.recent)
	delete(s.computes, c.id)
	s.totals.Forgotten++
}

// throttledBackoff returns how long a throttled compute waits. The computes of a
// Pool do not wait, since its limiter does. Sources that share a quota do not
// know of each other: a Source whose token has long to live waits long, and
// leaves the quota to those whose tokens expire sooner.
func (s *schedule) throttledBackoff(c *compute, now time.Duration) time.Duration {
	switch {
	case s.limiter.Limits():
		return 0
	case c.valid(now):
		left := float64(c.expiresAt-now) / float64(window)
		wait := float64(maxThrottledRenewal) * min(left*left, 1) * (0.5 + s.random())
		return max(time.Duration(wait), minThrottledRenewal)
	}
	wait := min(minBackoff<<min(c.failures, 10), maxThrottledStart)
	return time.Duration(float64(wait) * (0.5 + s.random()/2))
}

func (s *schedule) backoff(failures int) time.Duration {
	return s.jittered(min(minBackoff<<min(failures, 10), maxBackoff))
}

func (s *schedule) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 - backoffJitter + 2*backoffJitter*s.random()))
}
