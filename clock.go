package gamelift

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
)

const (
	// maxTrustedRoundTrip and minSignificantOffset are the limits of AWS's
	// specification of clock skew correction.
	maxTrustedRoundTrip  = 15 * time.Minute
	minSignificantOffset = 4 * time.Minute

	// maxOffset allows for a machine without a clock battery, which starts in
	// 1970. A Date that is further away is wrong.
	maxOffset = 100 * 365 * 24 * time.Hour

	maxDisputes   = 3 // 16 refusals to keep a time
	disputeMemory = time.Hour
)

// serviceTime is an estimate of the service's clock. The zero value is the local
// clock.
type serviceTime struct {
	offset time.Duration // how far the service's clock is ahead of the local one
	known  bool          // estimated from a response, or not to be corrected
}

func (t serviceTime) now() time.Time { return time.Now().Add(t.offset) }

// agrees reports whether two estimates are so close that the service accepts a
// request signed by either.
func (t serviceTime) agrees(other serviceTime) bool {
	return (t.offset - other.offset).Abs() <= minSignificantOffset
}

// measure estimates the service's clock from the Date of a response and the
// middle of its round trip. The estimate is unknown if the Date is missing or
// absurd, if the response is not the service's own (it has no request ID, or it
// comes from a cache), or if the round trip took too long.
func measure(date time.Time, header http.Header, sent time.Time, roundTrip time.Duration) serviceTime {
	if date.IsZero() || headerValue(header, "X-Amzn-Requestid") == "" || headerValue(header, "Age") != "" || roundTrip > maxTrustedRoundTrip {
		return serviceTime{}
	}
	offset := date.Sub(sent.Add(roundTrip / 2))
	if offset.Abs() > maxOffset {
		return serviceTime{}
	}
	return serviceTime{offset, true}
}

// clock keeps a client's estimate of the service's clock. The zero value is
// ready to use. It is safe for concurrent use.
type clock struct {
	state    atomic.Int64 // 0: unknown; else the offset in nanoseconds, with the lowest bit set
	refusals atomic.Int32 // of signing times, in a row and with the same time
	lastDate atomic.Pointer[parsedDate]

	mu        sync.Mutex  // guards the rest, and is held when refusals is increased
	refusal   serviceTime // the time of the last refusal
	disputes  int         // how often refusals in a row had different times, up to maxDisputes
	disputeAt time.Time   // when they last did
}

// parsedDate is a Date header and its meaning. All responses of a second have
// the same one.
type parsedDate struct {
	text string
	time time.Time
}

// parse returns the time of a Date header, or the zero time if it is malformed.
func (c *clock) parse(text string) time.Time {
	if last := c.lastDate.Load(); last != nil && last.text == text {
		return last.time
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	c.lastDate.Store(&parsedDate{text, date})
	return date
}

func (c *clock) estimate() serviceTime {
	state := c.state.Load()
	return serviceTime{time.Duration(state), state != 0}
}

func (c *clock) keep(t serviceTime) { c.state.Store(int64(t.offset) | 1) }

// learn keeps the estimate of a response if it agrees with the time that the
// request was signed with. A single wrong Date, or one server of several whose
// clock is off, then changes nothing: a correction counts for its own call until
// a response confirms it.
func (c *clock) learn(signed, measured serviceTime) {
	if measured.known && measured.agrees(signed) {
		c.keep(measured)
		if c.refusals.Load() != 0 {
			c.refusals.Store(0)
		}
	}
}

// correct returns the time to sign with after the service refused a request
// because of its signing time. Usually that is the measured time.
//
// It keeps the measured time if the previous refusal had the same one, and no
// response has agreed with its request in between. Otherwise, calls of one
// attempt would fail for as long as the local clock is wrong.
//
// If the clocks of servers disagree, corrections must not do more harm than no
// corrections would. After two refusals in a row with different times, and for
// an hour, correct therefore chooses a time for another server than the one that
// refused the request. It returns the signing time again or, if no response has
// confirmed that time, the time of the previous refusal. Each such dispute
// doubles the number of refusals after which a time is kept. A refusal with the
// local time is kept at once, since there is nothing to correct.
func (c *clock) correct(signed, measured serviceTime) serviceTime {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.disputeAt) > disputeMemory {
		c.disputes = 0
	}
	disputed, previous := c.disputes > 0, c.refusal
	if c.refusals.Add(1) > 1 && !measured.agrees(previous) {
		c.refusals.Store(1)
		c.disputes, c.disputeAt = min(c.disputes+1, maxDisputes), now
	}
	c.refusal = measured
	switch {
	case measured.agrees(serviceTime{}), c.refusals.Load() >= 2<<c.disputes:
		c.keep(measured)
		return measured
	case !disputed:
		return measured
	case signed.known:
		return signed
	default:
		return previous
	}
}

// refusesTime reports whether the service refused the signing time: err has a
// code for that, and the Date of the response shows that the time was off.
func refusesTime(err error, signed, measured serviceTime) bool {
	return measured.known && !measured.agrees(signed) && errorcode.ClockSkew.Matches(err)
}
