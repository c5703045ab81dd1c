// Package pace limits the rate of requests of several clients that share a quota
// without knowing of each other.
package pace

import "time"

// Limiter is a token bucket whose rate adapts to throttling. The zero Limiter
// has no limit.
//
// A client that is throttled and whose requests are not urgent gives way, and
// comes back slowly. A client whose requests are urgent does not give way. So the
// quota goes to where it is needed most.
type Limiter struct {
	max   float64 // per second; zero means no limit
	burst float64

	rate     float64       // at present, per second
	used     float64       // of burst, at the time of the last update
	at       time.Duration // of the last update
	slowedAt time.Duration // when the rate was last reduced
}

const (
	minRate     = 0.05 // per second
	slowing     = 0.5  // the part by which throttling reduces the rate if nothing is urgent
	minSpeeding = 0.01 // by which the rate grows in a second if nothing is urgent
	maxSpeeding = 0.3  // what is added to that if the urgency is 1

	// slowEvery is the shortest time between two reductions: the requests that
	// were under way during one say nothing about the reduced rate.
	slowEvery = time.Second

	// maxBurst keeps used so small that it counts single requests.
	maxBurst = 1 << 30

	maxWait = time.Duration(1) << 62
)

// New returns a Limiter of rate requests per second, and of burst requests at
// once.
func New(rate float64, burst int) Limiter {
	return Limiter{max: rate, rate: rate, burst: float64(min(burst, maxBurst))}
}

// Wait returns how long to wait before the next request. now is a time of the
// monotonic clock. urgency is from 0, if nothing is urgent, to 1.
func (l *Limiter) Wait(now time.Duration, urgency float64) time.Duration {
	if l.max == 0 {
		return 0
	}
	if now > l.at {
		passed := (now - l.at).Seconds()
		l.used = max(0, l.used-l.rate*passed)
		l.rate = min(l.rate+(minSpeeding+maxSpeeding*urgency*urgency)*passed, l.max)
		l.at = now
	}
	if excess := l.used + 1 - l.burst; excess > 0 {
		wait := excess / l.rate * float64(time.Second)
		return time.Duration(min(wait, float64(maxWait))) + 1 // rounded up: then a request may be sent
	}
	return 0
}

// Take counts n requests.
func (l *Limiter) Take(n int) { l.used += float64(n) }

// Throttled reduces the rate, and leaves no burst.
func (l *Limiter) Throttled(now time.Duration, urgency float64) {
	l.used = max(l.used, l.burst)
	if now-l.slowedAt >= slowEvery {
		l.slowedAt = now
		l.rate = max(l.rate*(1-slowing*(1-urgency)), min(minRate, l.max))
	}
}

// Limits reports whether there is a limit.
func (l *Limiter) Limits() bool { return l.max > 0 }
