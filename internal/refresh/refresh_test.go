package refresh_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/refresh"
)

// issuer counts the values that it issues. Its clock is ahead of the local one
// by skew.
type issuer struct {
	life, skew, delay time.Duration
	err               error
	n                 atomic.Int64
}

func (i *issuer) fetch(context.Context) (int64, time.Time, error) {
	n := i.n.Add(1)
	time.Sleep(i.delay)
	if i.life == 0 {
		return n, time.Time{}, i.err
	}
	return n, time.Now().Add(i.skew + i.life), i.err
}

func (i *issuer) cache() *refresh.Cache[int64] {
	return &refresh.Cache[int64]{Fetch: i.fetch, Window: 10 * time.Minute, RetryDelay: 10 * time.Second}
}

// want checks the value that Get returns at once, and lets a background fetch
// come to its end.
func want(t *testing.T, c *refresh.Cache[int64], skew time.Duration, value int64) {
	t.Helper()
	start := time.Now()
	got, err := c.Get(t.Context(), skew)
	require.NoError(t, err)
	require.Equal(t, value, got)
	require.Equal(t, start, time.Now(), "nobody waits")
	synctest.Wait()
}

func TestCache_Get_Edges(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{life: time.Hour, skew: skew}
			c := i.cache()
			want(t, c, skew, 1)
			time.Sleep(50*time.Minute - 1)
			want(t, c, skew, 1)
			require.EqualValues(t, 1, i.n.Load())
			time.Sleep(time.Nanosecond)
			want(t, c, skew, 1) // and starts a fetch
			want(t, c, skew, 2)

			i.err = errors.New("down")
			time.Sleep(time.Hour - 1)
			want(t, c, skew, 2)
			time.Sleep(time.Nanosecond)
			_, err := c.Get(t.Context(), skew)
			require.ErrorIs(t, err, i.err, "the value has expired")
		})
	}
}

func TestCache_Get_NeverExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{}
		c := i.cache()
		for range 3 {
			want(t, c, 1000*time.Hour, 1)
			time.Sleep(1000 * time.Hour)
		}
		require.EqualValues(t, 1, i.n.Load())
	})
}

func TestCache_Get_ShortLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Minute, skew: -time.Hour}
		c := i.cache()
		want(t, c, -time.Hour, 1)
		time.Sleep(30*time.Second - 1)
		want(t, c, -time.Hour, 1)
		require.EqualValues(t, 1, i.n.Load())
		time.Sleep(time.Nanosecond)
		want(t, c, -time.Hour, 1)
		require.EqualValues(t, 2, i.n.Load(), "after half of its life")
	})
}

// Without the skew, every value of such an issuer has expired. It is kept
// nevertheless for callers who know the skew.
func TestCache_Get_ExpiredByOneClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour, skew: -24 * time.Hour}
		c := i.cache()
		got, err := c.Get(t.Context(), 0)
		require.ErrorIs(t, err, refresh.ErrExpired)
		require.EqualValues(t, 1, got)
		for range 3 {
			want(t, c, i.skew, 1)
		}
		time.Sleep(50 * time.Minute)
		want(t, c, i.skew, 1)
		want(t, c, i.skew, 2) // replaced before it expired
	})
}

// A background fetch that brings an expired value does not replace a valid one.
func TestCache_Get_ExpiredInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour}
		c := i.cache()
		want(t, c, 0, 1)
		time.Sleep(50 * time.Minute)
		i.life = -time.Second
		for range 10 {
			want(t, c, 0, 1)
			time.Sleep(time.Second)
		}
		require.EqualValues(t, 2, i.n.Load())
		want(t, c, 0, 1)
		require.EqualValues(t, 3, i.n.Load(), "after RetryDelay")
	})
}

func TestCache_Get_RetryDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour}
		c := i.cache()
		want(t, c, 0, 1)
		time.Sleep(50 * time.Minute)
		i.err = errors.New("down")
		for _, fetches := range []int64{2, 2, 3} {
			want(t, c, 0, 1)
			require.Equal(t, fetches, i.n.Load())
			time.Sleep(5 * time.Second)
		}
	})
}

func TestCache_Get_WaitersLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour, delay: 10 * time.Second}
		c := i.cache()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Get(ctx, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))

		got, err := c.Get(t.Context(), 0)
		require.NoError(t, err)
		assert.EqualValues(t, 1, got, "the fetch goes on for the others")
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestCache_Drop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{life: time.Hour}
		c := i.cache()
		c.Drop(func(int64) bool { t.Error("there is no value"); return true })
		want(t, c, 0, 1)
		c.Drop(func(value int64) bool { return value == 2 })
		want(t, c, 0, 1)
		c.Drop(func(value int64) bool { return value == 1 })
		want(t, c, 0, 2)

		// The result of a fetch that started before Drop is not kept.
		c.Drop(nil)
		i.delay = time.Minute
		got := make(chan int64)
		go func() { value, _ := c.Get(t.Context(), 0); got <- value }()
		synctest.Wait()
		c.Drop(nil)
		require.EqualValues(t, 3, <-got)
		i.delay = 0
		want(t, c, 0, 4)
	})
}

func TestCache_Jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		early := 0
		for range 64 {
			i := &issuer{life: time.Hour}
			c := i.cache()
			c.Jitter = 0.5
			want(t, c, 0, 1)
			time.Sleep(50*time.Minute + 150*time.Second) // the middle of the spread
			want(t, c, 0, 1)
			early += int(i.n.Load()) - 1
			time.Sleep(150*time.Second + 1)
			want(t, c, 0, i.n.Load())
			require.EqualValues(t, 2, i.n.Load())
		}
		assert.Greater(t, early, 5)
		assert.Less(t, early, 59)
	})
}

func BenchmarkCache_Get(b *testing.B) {
	i := &issuer{life: time.Hour}
	c := i.cache()
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Get(ctx, 0); err != nil {
			b.Fatal(err)
		}
	}
}
