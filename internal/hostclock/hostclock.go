// Package hostclock measures time on hosts that can be suspended and whose wall
// clock can be set.
package hostclock

import "time"

// Clock measures the time since it was made. It reads two clocks, and the one
// that is ahead counts: the monotonic clock, which is never set but stops while
// the host is suspended, and the wall clock. A Clock is not safe for concurrent
// use.
type Clock struct {
	read Read

	// The reading that later ones are compared with. It is replaced when the
	// wall clock has been set, since a host can be suspended after its clock was
	// set back.
	monotonic time.Duration
	wall      time.Time
	skipped   time.Duration // by which the wall clock was ahead when the reading was replaced
}

// Read reads both clocks. The wall time has no monotonic reading.
type Read func() (monotonic time.Duration, wall time.Time)

// Reading holds the times of both clocks at one moment.
type Reading struct {
	Now       time.Duration // since the Clock was made
	Monotonic time.Duration // by the monotonic clock alone
	Wall      time.Time     // of the wall clock
}

// tolerance is how far the two clocks may drift apart before the wall clock
// counts as set. A smaller lead of the wall clock is part of the time, too.
const tolerance = 100 * time.Millisecond

// maxStep is the most by which a step of the wall clock advances the time, so
// that times do not overflow.
const maxStep = 365 * 24 * time.Hour

// New returns a Clock that begins now.
func New(read Read) Clock {
	c := Clock{read: read}
	c.monotonic, c.wall = read()
	c.skipped = -c.monotonic
	return c
}

// Read reads both clocks, for At. Unlike the other methods, it is safe for
// concurrent use.
func (c *Clock) Read() (monotonic time.Duration, wall time.Time) { return c.read() }

// Now reads the clocks. The time does not go back by more than 100 ms.
func (c *Clock) Now() Reading { return c.At(c.read()) }

// At is Now for a result of Read.
func (c *Clock) At(monotonic time.Duration, wall time.Time) Reading {
	if monotonic < c.monotonic { // another reading has come first
		monotonic, wall = c.monotonic, c.wall
	}
	ahead := time.Duration(wall.UnixNano()-c.wall.UnixNano()) - (monotonic - c.monotonic)
	if ahead > tolerance || ahead < -tolerance {
		c.skipped += min(max(ahead, 0), maxStep)
		c.monotonic, c.wall = monotonic, wall
		ahead = 0
	}
	return Reading{Now: monotonic + c.skipped + max(ahead, 0), Monotonic: monotonic, Wall: wall}
}

// System returns the clocks of the operating system.
func System() Read {
	start := time.Now()
	return func() (time.Duration, time.Time) {
		now := time.Now()
		return now.Sub(start), now.Round(0)
	}
}
