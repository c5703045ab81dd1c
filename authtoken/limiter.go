package authtoken

import "time"

// limiter is a token bucket. Its time is that of clock.
type limiter struct {
	rate  float64 // per second; zero: no limit
	burst float64
	used  float64       // of burst, at the time of the last update; more than burst: a debt
	at    time.Duration // of the last update
}

// wait returns how long it is until one may be taken.
func (l *limiter) wait(now time.Duration) time.Duration {
	if l.rate == 0 {
		return 0
	}
	if now > l.at {
		l.used = max(0, l.used-l.rate*(now-l.at).Seconds())
		l.at = now
	}
	if excess := l.used + 1 - l.burst; excess > 0 {
		// Rounded up: after that time one can be taken.
		return time.Duration(excess/l.rate*float64(time.Second)) + 1
	}
	return 0
}

// take takes n, whether they are there or not.
func (l *limiter) take(n int) { l.used += float64(n) }

// drain leaves no burst: somebody else is using the quota.
func (l *limiter) drain() { l.used = max(l.used, l.burst) }
