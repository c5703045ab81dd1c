package pace

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	l := New(4, 2)
	for _, step := range []struct {
		at   time.Duration
		take int
		want time.Duration
	}{
		{0, 0, 0},
		{0, 2, 250 * time.Millisecond},
		{100 * time.Millisecond, 0, 150 * time.Millisecond},
		{250 * time.Millisecond, 1, 250 * time.Millisecond},
		{time.Hour, 2, 250 * time.Millisecond},   // no more than the burst
		{time.Minute, 0, 250 * time.Millisecond}, // the clock may go back a little
	} {
		l.Wait(step.at, 0)
		l.Take(step.take)
		assert.InDelta(t, step.want, l.Wait(step.at, 0), 2, "%+v", step)
	}
	l = Limiter{}
	l.Take(1000)
	assert.Zero(t, l.Wait(0, 0), "no limit")
}

func TestLimiter_TinyRate(t *testing.T) {
	t.Parallel()
	l := New(1e-10, 8)
	l.Take(8)
	assert.Equal(t, maxWait+1, l.Wait(time.Hour, 0))
}

// Throttling ends a burst of any size.
func TestLimiter_HugeBurst(t *testing.T) {
	t.Parallel()
	l := New(4, math.MaxInt)
	l.Take(1000)
	assert.Zero(t, l.Wait(0, 0))
	l.Throttled(time.Second, 1)
	assert.InDelta(t, 250*time.Millisecond, l.Wait(0, 0), 2)
}

func TestLimiter_Throttled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		urgency    float64
		rate       float64 // after one
		lowest     float64 // after many
		afterAHour float64 // without any more
	}{
		{0, 2, 0.05, 4},
		{0.5, 3, 0.05, 4},
		{1, 4, 4, 4},
	} {
		l := New(4, 8)
		l.Throttled(time.Second, test.urgency)
		assert.InDelta(t, test.rate, l.rate, 1e-9)
		assert.InDelta(t, float64(time.Second)/test.rate, l.Wait(0, 0), 2, "no burst is left")
		for range 1000 {
			l.Throttled(2*time.Second-1, test.urgency)
		}
		assert.InDelta(t, test.rate, l.rate, 1e-9, "once a second")
		now := 2 * time.Second
		for ; now < 1000*time.Second; now += time.Second {
			l.Throttled(now, test.urgency)
		}
		assert.InDelta(t, test.lowest, l.rate, 1e-9)
		l.at = now
		l.Wait(now+time.Hour, 0)
		assert.InDelta(t, test.afterAHour, l.rate, 1e-9)
	}
}

// The rate comes back slowly, and in seconds if a token is about to expire.
func TestLimiter_SpeedsUp(t *testing.T) {
	t.Parallel()
	for urgency, want := range map[float64]float64{0: 1.1, 0.5: 1.85, 1: 4} {
		l := New(4, 8)
		l.rate = 1
		l.Wait(10*time.Second, urgency)
		assert.InDelta(t, want, l.rate, 1e-9, "urgency %v", urgency)
	}
}

func TestLimiter_RateUnderTheMinimum(t *testing.T) {
	t.Parallel()
	l := New(0.01, 8)
	l.Throttled(time.Second, 0)
	assert.InDelta(t, 0.01, l.rate, 1e-9)
}
