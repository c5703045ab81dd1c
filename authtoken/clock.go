package authtoken

import "time"

// clock tells the time that has passed since it was made, by whichever of two
// clocks says more: the monotonic one, which no correction moves but which
// stands still while the host is suspended, and the wall clock. It is not safe
// for concurrent use.
type clock struct {
	read func() (monotonic time.Duration, wall time.Time)

	// The reading that the next ones are compared with. It is replaced when the
	// wall clock was set: a host can be suspended after its clock was set back.
	monotonic time.Duration
	wall      time.Time
	skipped   time.Duration // what the wall clock was ahead by when the reading was replaced
}

// clockTolerance is how far the two clocks may drift apart before that counts as
// a step of the wall clock. What it is ahead by counts at once in any case.
const clockTolerance = 100 * time.Millisecond

func newClock(read func() (time.Duration, time.Time)) clock {
	c := clock{read: read}
	c.monotonic, c.wall = read()
	c.skipped = -c.monotonic
	return c
}

// now returns the time passed and the wall clock's reading. It does not go back
// by more than clockTolerance.
func (c *clock) now() (time.Duration, time.Time) {
	monotonic, wall := c.read()
	ahead := wall.Sub(c.wall) - (monotonic - c.monotonic)
	if ahead > clockTolerance || ahead < -clockTolerance {
		c.skipped += max(ahead, 0)
		c.monotonic, c.wall = monotonic, wall
		ahead = 0
	}
	return monotonic + c.skipped + max(ahead, 0), wall
}

func systemClocks() func() (time.Duration, time.Time) {
	start := time.Now()
	return func() (time.Duration, time.Time) {
		now := time.Now()
		return now.Sub(start), now.Round(0) // without its monotonic reading
	}
}
