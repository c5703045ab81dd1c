package authtoken

import "time"

// clock measures the time since it was made by two clocks: the monotonic one,
// which no correction moves but which stands still while the host is suspended,
// and the wall clock. What passes is what the clock that is ahead says. It is not
// safe for concurrent use.
type clock struct {
	read func() (monotonic time.Duration, wall time.Time)

	// The reading that later ones are compared with. It is replaced when the
	// wall clock has been set, since a host can be suspended after its clock was
	// set back.
	monotonic time.Duration
	wall      time.Time
	skipped   time.Duration // by which the wall clock was ahead when the reading was replaced
}

// reading is what the clocks say at one moment.
type reading struct {
	now       time.Duration // since the clock was made
	monotonic time.Duration // by the monotonic clock alone
	wall      time.Time
}

// clockTolerance is how far the two clocks may drift apart before that counts as
// a step of the wall clock. Whatever it is ahead by counts at once in any case.
const clockTolerance = 100 * time.Millisecond

func newClock(read func() (time.Duration, time.Time)) clock {
	c := clock{read: read}
	c.monotonic, c.wall = read()
	c.skipped = -c.monotonic
	return c
}

// now reads the clocks. The time does not go back by more than clockTolerance.
func (c *clock) now() reading {
	monotonic, wall := c.read()
	ahead := wall.Sub(c.wall) - (monotonic - c.monotonic)
	if ahead > clockTolerance || ahead < -clockTolerance {
		c.skipped += max(ahead, 0)
		c.monotonic, c.wall = monotonic, wall
		ahead = 0
	}
	return reading{now: monotonic + c.skipped + max(ahead, 0), monotonic: monotonic, wall: wall}
}

func systemClocks() func() (time.Duration, time.Time) {
	start := time.Now()
	return func() (time.Duration, time.Time) {
		now := time.Now()
		return now.Sub(start), now.Round(0) // without its monotonic reading
	}
}
