package authtoken

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	apierrors "github.com/gamelift-compute/gamelift/errors"
)

func newTestSchedule(optFns ...func(*PoolOptions)) *schedule {
	var o PoolOptions
	middling(&o.Options)
	for _, fn := range optFns {
		fn(&o)
	}
	o.setDefaults()
	return newPoolSchedule(&o)
}

// have gives a compute a token that ends at that time.
func (s *schedule) have(c *compute, expiresAt, now time.Duration) {
	c.sending = true
	s.succeeded(c, &Token{Value: fmt.Sprint(c.id.name, expiresAt)}, expiresAt, now)
}

// Callers come first, in the order in which they began to wait. If a token has
// lost a third of its window, every other request renews a token, in the order in
// which they expire. Computes without a token for which nobody waits come last,
// and so do permanent failures.
func TestSchedule_MostUrgentFirst(t *testing.T) {
	t.Parallel()
	s := newTestSchedule(func(o *PoolOptions) { o.Burst = 100 })
	s.setKeep(true, 0)
	computes := map[string]*compute{}
	for _, name := range []string{"waits longer", "waits", "ends later", "ends sooner", "ended", "fresh", "backs off", "nobody waits any more", "failed permanently"} {
		computes[name] = s.add(computeID{fleet, name})
	}
	now := 10 * time.Hour
	s.have(computes["ends later"], now+10*time.Minute, 0)
	s.have(computes["ends sooner"], now+5*time.Minute, 0)
	s.have(computes["ended"], now-time.Minute, 0)
	s.have(computes["fresh"], now+time.Hour, 0)
	_, left, _ := s.ask(computes["nobody waits any more"], now-3*time.Minute)
	s.leave(computes["nobody waits any more"], left, now-2*time.Minute)
	s.ask(computes["backs off"], now-time.Minute)
	computes["backs off"].sending = true
	s.failed(computes["backs off"], errors.New("no"), now, now, now)
	failed := computes["failed permanently"]
	failed.sending = true
	s.failed(failed, apierrors.FromCode("UnauthorizedException", ""), now-time.Hour, now-time.Hour, now-time.Hour)
	s.ask(failed, now-30*time.Minute)
	s.ask(computes["waits longer"], now-time.Minute)
	s.ask(computes["waits"], now)

	var order []string
	for {
		c, _, _ := s.next(now, now)
		if c == nil {
			break
		}
		order = append(order, c.id.name)
	}
	want := []string{"ends sooner", "waits longer", "ends later", "waits", "nobody waits any more", "failed permanently", "ended"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order of requests (-want +got):\n%s", diff)
	}
	c, wait, idle := s.next(now, now)
	assert.Nil(t, c)
	assert.Equal(t, time.Second, wait, "until the back-off is over")
	assert.False(t, idle)
}

// A caller who leaves and comes back keeps its place in the queue.
func TestSchedule_PlaceIsKept(t *testing.T) {
	t.Parallel()
	s := newTestSchedule()
	s.limiter.Take(8)
	first, second := s.add(computeID{fleet, "first"}), s.add(computeID{fleet, "second"})
	_, f, _ := s.ask(first, 1)
	s.ask(second, 2)
	s.leave(first, f, 3)
	s.ask(first, 4)
	c, _, _ := s.next(time.Minute, time.Minute)
	assert.Equal(t, first, c)

	// But not for ever: after a token, its wait begins anew.
	s.succeeded(first, &Token{Value: "t"}, time.Hour, time.Minute)
	s.ask(first, time.Hour)
	assert.Equal(t, time.Hour, first.waitingSince)
}

// A token that expires while its renewal waits for the rate is not to be saved
// any more.
func TestSchedule_ExpiresInTheQueue(t *testing.T) {
	t.Parallel()
	s := newTestSchedule(func(o *PoolOptions) { o.Burst = 1 })
	s.setKeep(true, 0)
	ends, later := s.add(computeID{fleet, "ends"}), s.add(computeID{fleet, "later"})
	now := time.Hour
	s.have(ends, now, 0)
	s.have(later, now+time.Minute, 0)
	s.limiter.Wait(now-1, 0)
	s.limiter.Take(1)
	c, _, _ := s.next(now-1, now-1)
	require.Nil(t, c)
	require.Equal(t, &s.renewing, ends.queued.In())
	c, _, _ = s.next(now+time.Second, now+time.Second)
	assert.Equal(t, later, c)
}

// A compute is not forgotten while somebody waits for it or a request is under way.
func TestSchedule_Forgets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		to   func(s *schedule, c *compute, now time.Duration)
		want bool
	}{
		{"unused", func(s *schedule, c *compute, now time.Duration) {}, true},
		{"unused, with a token", func(s *schedule, c *compute, now time.Duration) { s.have(c, now+time.Hour, 0) }, true},
		{"waited for", func(s *schedule, c *compute, now time.Duration) { s.ask(c, 0) }, false},
		{"under way", func(s *schedule, c *compute, now time.Duration) { c.sending = true }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSchedule()
			c := s.add(computeID{fleet, name})
			now := 24*time.Hour + 1
			test.to(s, c, now)
			s.forgetIdle(now)
			assert.Equal(t, test.want, s.computes[c.id] == nil)
		})
	}
}

func TestSchedule_ForgetsPermanentFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		errs      [2]error
		used      time.Duration
		expiresAt time.Duration
		want      bool
	}{
		{"unasked", [2]error{apierrors.FromCode("UnauthorizedException", ""), apierrors.FromCode("UnauthorizedException", "")}, 0, 0, true},
		{"asked since", [2]error{apierrors.FromCode("UnauthorizedException", ""), apierrors.FromCode("UnauthorizedException", "")}, time.Hour + 1, 0, false},
		{"has a token", [2]error{apierrors.FromCode("UnauthorizedException", ""), apierrors.FromCode("UnauthorizedException", "")}, 0, 3 * time.Hour, false},
		{"once", [2]error{errors.New("no"), apierrors.FromCode("UnauthorizedException", "")}, 0, 0, false},
		{"may pass", [2]error{apierrors.FromCode("UnauthorizedException", ""), errors.New("no")}, 0, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestSchedule()
			c := s.add(computeID{fleet, name})
			s.have(c, test.expiresAt, 0)
			for i, err := range test.errs {
				now := time.Duration(i+1) * time.Hour
				c.sending = true
				s.failed(c, err, now, now, now)
				c.lastAsked = max(c.lastAsked, test.used)
			}
			assert.Equal(t, test.want, s.computes[c.id] == nil)
		})
	}
}

// Tokens that were issued at the rate of the quota are renewed at that rate.
func TestSchedule_RenewalsStayApart(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	s := newTestSchedule(func(o *PoolOptions) { o.random = random.Float64 })
	s.setKeep(true, 0)
	const apart = 250 * time.Millisecond
	var want []time.Duration
	for i := range 3_000 {
		expiresAt := 3*time.Hour + time.Duration(i)*apart
		s.have(s.add(computeID{fleet, fmt.Sprint(i)}), expiresAt, time.Duration(i)*apart)
		want = append(want, expiresAt-window+entry)
	}
	var got []time.Duration
	for now := time.Duration(0); len(got) < len(want); {
		c, wait, idle := s.next(now, now)
		require.False(t, idle)
		if c == nil {
			now += wait
			continue
		}
		got = append(got, now)
		s.succeeded(c, &Token{Value: "new"}, now+3*time.Hour, now)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("times of renewals (-want +got):\n%s", diff)
	}
}

func TestSchedule_ThrottlingEndsTheBurst(t *testing.T) {
	t.Parallel()
	s := newTestSchedule()
	for i := range 8 {
		s.ask(s.add(computeID{fleet, fmt.Sprint(i)}), 0)
	}
	c, _, _ := s.next(0, 0)
	require.NotNil(t, c)
	s.failed(c, apierrors.FromCode("ThrottlingException", ""), 0, 0, 0)
	c, wait, _ := s.next(0, 0)
	assert.Nil(t, c)
	assert.InDelta(t, 250*time.Millisecond, wait, 2)
}

// The rate is reduced once a second by the monotonic clock, whatever the wall
// clock does.
func TestSchedule_ThrottlingOnTheMonotonicClock(t *testing.T) {
	t.Parallel()
	s := newTestSchedule()
	c := s.add(computeID{fleet, name})
	s.ask(c, 0)
	for i := range time.Duration(5) {
		s.failed(c, apierrors.FromCode("ThrottlingException", ""), 0, (i+1)*time.Hour, time.Second+i)
	}
	s.ask(c, 5*time.Hour)
	_, wait, _ := s.next(5*time.Hour, 0)
	assert.InDelta(t, time.Second/3, wait, 2, "3 requests per second, of 4")
}

// Back-off shortens as the end comes near: an outage that ends in time must not
// cost the token.
func TestSchedule_BackoffNearTheEnd(t *testing.T) {
	t.Parallel()
	s := newTestSchedule()
	c := s.add(computeID{fleet, name})
	for _, test := range []struct{ left, want time.Duration }{
		{15 * time.Minute, time.Minute},
		{10 * time.Minute, time.Minute},
		{5 * time.Minute, 30 * time.Second},
		{time.Minute, 6 * time.Second},
		{time.Second, time.Second},
		{-time.Second, time.Minute},
	} {
		now := 10 * time.Hour
		s.have(c, now+test.left, now-time.Hour)
		c.failures, c.sending = 10, true
		s.failed(c, errors.New("no"), now, now, now)
		assert.Equal(t, test.want, c.next-now, "%v left", test.left)
	}
}

func TestSchedule_BackoffIsJittered(t *testing.T) {
	t.Parallel()
	chance := 0.0
	s := newTestSchedule(func(o *PoolOptions) { o.random = func() float64 { return chance } })
	assert.Equal(t, 800*time.Millisecond, s.backoff(0))
	assert.Equal(t, 48*time.Second, s.backoff(1_000_000))
	chance = 1
	assert.Equal(t, 1200*time.Millisecond, s.backoff(0))
	assert.Equal(t, 72*time.Second, s.backoff(1_000_000))
}

// runUntil lets a schedule run, and calls each at each step. Requests end at once,
// with the error that fail returns. It returns how many tokens expired before
// they were renewed.
func (s *schedule) runUntil(end time.Duration, every time.Duration, each func(now time.Duration), fail func(*compute) error) (lapsed int) {
	for now := time.Duration(0); now < end; now += every {
		each(now)
		for {
			c, _, _ := s.next(now, now)
			if c == nil {
				break
			}
			if err := fail(c); err != nil {
				s.failed(c, err, now, now, now)
				continue
			}
			if c.token != nil && !c.valid(now) {
				lapsed++
			}
			s.succeeded(c, &Token{Value: fmt.Sprint(now)}, now+3*time.Hour, now)
		}
	}
	return lapsed
}

// Computes that always fail, and that somebody asks for every second, do not take
// the rate away from others.
func TestSchedule_FailingComputesStarveNobody(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{errors.New("no"), apierrors.FromCode("UnauthorizedException", "")} {
		s := newTestSchedule()
		s.setKeep(true, 0)
		kept := s.add(computeID{fleet, "kept"})
		s.have(kept, time.Hour, 0)
		var failing []*compute
		for i := range 300 {
			failing = append(failing, s.add(computeID{fleet, fmt.Sprint("failing-", i)}))
		}
		var healthy []*compute
		lapsed := s.runUntil(70*time.Minute, time.Second, func(now time.Duration) {
			for _, c := range failing {
				s.ask(c, now)
			}
			if now == 20*time.Minute {
				for i := range 100 {
					c := s.add(computeID{fleet, fmt.Sprint("healthy-", i)})
					healthy = append(healthy, c)
					s.ask(c, now)
				}
			}
			if now == 23*time.Minute {
				for _, c := range healthy {
					require.True(t, c.valid(now), c.id.name)
				}
			}
		}, func(c *compute) error {
			if strings.HasPrefix(c.id.name, "failing") {
				return failure
			}
			return nil
		})
		assert.Zero(t, lapsed)
		assert.True(t, kept.valid(70*time.Minute))
	}
}

// Many new computes at once do not cost the others their tokens.
func TestSchedule_NewComputesStarveNobody(t *testing.T) {
	t.Parallel()
	for _, added := range []int{4_000, 10_000} {
		s := newTestSchedule()
		s.setKeep(true, 0)
		const old = 20_000
		for i := range old {
			s.have(s.add(computeID{fleet, fmt.Sprint("old-", i)}), time.Hour+time.Duration(i)*tokenLife/old, 0)
		}
		lapsed := s.runUntil(5*time.Hour, time.Second/4, func(now time.Duration) {
			if now == time.Hour {
				for i := range added {
					s.ask(s.add(computeID{fleet, fmt.Sprint("new-", i)}), now)
				}
			}
		}, func(*compute) error { return nil })
		assert.Zero(t, lapsed)
		for _, c := range s.computes {
			require.True(t, c.valid(5*time.Hour), "%v", c.id)
		}
	}
}

// A throttled Source waits by what is left of its token, and without a token
// longer each time.
func TestSchedule_ThrottledSource(t *testing.T) {
	t.Parallel()
	throttled := apierrors.FromCode("ThrottlingException", "")
	chance := 0.5
	o := Options{random: func() float64 { return chance }}
	o.setDefaults()
	s := newSchedule(&o)
	c := s.add(computeID{fleet, name})
	for _, test := range []struct{ left, want time.Duration }{
		{15 * time.Minute, 3 * time.Minute},
		{7*time.Minute + 30*time.Second, 45 * time.Second},
		{90 * time.Second, 1800 * time.Millisecond},
		{time.Second, 100 * time.Millisecond},
	} {
		now := 10 * time.Hour
		s.have(c, now+test.left, now-time.Hour)
		c.sending = true
		s.failed(c, throttled, now, now, now)
		assert.InDelta(t, test.want, c.next-now, 1, "%v left", test.left)
	}
	var waits []time.Duration
	for _, chance = range []float64{0, 1} {
		for _, c.failures = range []int{0, 3, 100} {
			c.sending = true
			now := 20 * time.Hour
			s.failed(c, throttled, now, now, now)
			waits = append(waits, c.next-now)
		}
	}
	want := []time.Duration{time.Second / 2, 4 * time.Second, 150 * time.Second, time.Second, 8 * time.Second, 300 * time.Second}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits without a token (-want +got):\n%s", diff)
	}
}

// A pool does not put the compute off that is throttled: its limiter waits.
func TestSchedule_ThrottledPool(t *testing.T) {
	t.Parallel()
	s := newTestSchedule()
	now := time.Hour
	s.setKeep(true, 0)
	soonest, later := s.add(computeID{fleet, "soonest"}), s.add(computeID{fleet, "later"})
	s.have(soonest, now+5*time.Minute, 0)
	s.have(later, now+6*time.Minute, 0)
	for range 3 {
		c, _, _ := s.next(now, now)
		require.Equal(t, soonest, c)
		s.failed(c, apierrors.FromCode("ThrottlingException", ""), now, now, now)
		require.Equal(t, now, c.next)
		now += 30 * time.Second
	}
}
