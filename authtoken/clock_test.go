package authtoken

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestClock(t *testing.T) {
	t.Parallel()
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
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			monotonic, wall := 42*time.Hour, time.Unix(1e9, 0)
			c := newClock(func() (time.Duration, time.Time) { return monotonic, wall })
			for i, step := range test.steps {
				monotonic, wall = monotonic+step.monotonic, wall.Add(step.wall)
				now, atWall := c.now()
				assert.Equal(t, step.want, now, "step %d", i)
				assert.Equal(t, wall, atWall)
			}
		})
	}
}

func TestSystemClocks(t *testing.T) {
	t.Parallel()
	c := newClock(systemClocks())
	_, wall := c.now()
	assert.Equal(t, wall.Round(0), wall, "without a monotonic reading")
	assert.WithinDuration(t, time.Now(), wall, time.Minute)
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	l := limiter{rate: 4, burst: 2}
	for _, step := range []struct {
		at   time.Duration
		take int
		want time.Duration
	}{
		{0, 0, 0},
		{0, 2, 250 * time.Millisecond},
		{100 * time.Millisecond, 0, 150 * time.Millisecond},
		{250 * time.Millisecond, 1, 250 * time.Millisecond},
		{time.Hour, 2, 250 * time.Millisecond},    // no more than the burst
		{time.Hour, 4, 1250 * time.Millisecond},   // a debt
		{time.Minute, 0, 1250 * time.Millisecond}, // the clock may go back a little
	} {
		l.wait(step.at)
		l.take(step.take)
		assert.InDelta(t, step.want, l.wait(step.at), 2, "%+v", step)
	}
	l.drain()
	assert.InDelta(t, 1250*time.Millisecond, l.wait(time.Hour), 2, "a debt stays")
	l = limiter{rate: 4, burst: 2}
	l.drain()
	assert.InDelta(t, 250*time.Millisecond, l.wait(0), 2)
	l = limiter{}
	l.take(1000)
	assert.Zero(t, l.wait(0), "no limit")
}
