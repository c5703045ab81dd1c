package hostclock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClock(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	type step struct {
		monotonic, wall time.Duration // that pass on each clock
		want            time.Duration // that has passed since the start
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"both alike", []step{{time.Hour, time.Hour, time.Hour}}},
		{"asleep", []step{{time.Minute, time.Hour, time.Hour}, {time.Minute, time.Minute, time.Hour + time.Minute}}},
		{"asleep for a moment", []step{{0, time.Millisecond, time.Millisecond}}},
		{"many moments add up", []step{
			{0, 60 * time.Millisecond, 60 * time.Millisecond},
			{0, 60 * time.Millisecond, 120 * time.Millisecond},
			{0, 60 * time.Millisecond, 180 * time.Millisecond},
		}},
		{"set back", []step{{time.Hour, -24 * time.Hour, time.Hour}}},
		{"asleep after set back", []step{
			{time.Minute, -24 * time.Hour, time.Minute},
			{time.Minute, time.Hour, time.Hour + time.Minute},
		}},
		{"jitter does not add up", []step{
			{time.Second, time.Second + 90*time.Millisecond, time.Second + 90*time.Millisecond},
			{time.Second, time.Second - 90*time.Millisecond, 2 * time.Second},
			{time.Second, time.Second + 90*time.Millisecond, 3*time.Second + 90*time.Millisecond},
			{time.Second, time.Second - 180*time.Millisecond, 4 * time.Second},
		}},
		{"drift backwards", []step{
			{time.Second, 950 * time.Millisecond, time.Second},
			{time.Second, 940 * time.Millisecond, 2 * time.Second},
			{0, time.Hour, 2*time.Second + time.Hour},
		}},
		{"set to the next century and back", []step{
			{time.Second, 100 * year, time.Second + year},
			{time.Second, -100 * year, 2*time.Second + year},
			{time.Second, 100 * year, 3*time.Second + 2*year},
			{time.Second, -100 * year, 4*time.Second + 2*year},
			{time.Second, 100 * year, 5*time.Second + 3*year},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			monotonic, wall := 42*time.Hour, time.Unix(1e9, 0)
			c := New(func() (time.Duration, time.Time) { return monotonic, wall })
			for i, step := range test.steps {
				monotonic, wall = monotonic+step.monotonic, wall.Add(step.wall)
				got := c.Now()
				assert.Equal(t, Reading{Now: step.want, Monotonic: monotonic, Wall: wall}, got, "step %d", i)
			}
		})
	}
}

// A reading from before a suspension that comes late does not count it twice.
func TestClock_At_LateReading(t *testing.T) {
	t.Parallel()
	monotonic, wall := time.Hour, time.Unix(1e9, 0)
	c := New(func() (time.Duration, time.Time) { return monotonic, wall })
	monotonic, wall = monotonic+time.Second, wall.Add(time.Second)
	lateMonotonic, lateWall := c.Read()
	monotonic, wall = monotonic+time.Second, wall.Add(4*time.Hour)
	want := 4*time.Hour + time.Second
	assert.Equal(t, want, c.Now().Now)
	assert.Equal(t, want, c.At(lateMonotonic, lateWall).Now)
	assert.Equal(t, want, c.Now().Now)
}

func TestSystem(t *testing.T) {
	t.Parallel()
	c := New(System())
	wall := c.Now().Wall
	assert.Equal(t, wall.Round(0), wall, "without a monotonic reading")
	assert.WithinDuration(t, time.Now(), wall, time.Minute)
}
