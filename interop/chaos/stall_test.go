package chaos

import (
	"sync/atomic"
	"time"
)

// stallMeter measures for how long the process was not scheduled. A call is not
// to blame for that time.
type stallMeter struct {
	start   time.Time
	last    atomic.Int64 // when the meter was last scheduled, since start
	stalled atomic.Int64
	longest atomic.Int64
}

const tick = 5 * time.Millisecond

func newStallMeter() *stallMeter { return &stallMeter{start: time.Now()} }

func (m *stallMeter) run(done <-chan struct{}) {
	m.last.Store(int64(time.Since(m.start)))
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
		}
		now := int64(time.Since(m.start))
		if late := now - m.last.Load() - int64(tick); late > 0 {
			m.stalled.Add(late)
			m.longest.Store(max(m.longest.Load(), late))
		}
		m.last.Store(now)
	}
}

// total returns the sum of all stalls, including one that the meter itself has
// not come out of yet.
func (m *stallMeter) total() time.Duration {
	late := int64(time.Since(m.start)) - m.last.Load() - int64(tick)
	return time.Duration(m.stalled.Load() + max(late, 0))
}
