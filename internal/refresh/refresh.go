// Package refresh keeps a value that expires: it is fetched once for all that
// wait for it, and replaced in the background ahead of its end.
package refresh

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Lease is a fetched value and for how long it serves.
type Lease[T any] struct {
	Value   T
	Refresh time.Time // from here on a background fetch replaces the value; only with Expires
	Expires time.Time // from here on the value is not served; zero: it always is
}

// valid tells by the wall clock, which goes on while a machine sleeps.
func (l *Lease[T]) valid(now time.Time) bool {
	return l.Expires.IsZero() || now.Round(0).Before(l.Expires.Round(0))
}

func (l *Lease[T]) fresh(now time.Time) bool {
	return l.Expires.IsZero() || now.Round(0).Before(l.Refresh.Round(0))
}

// Cache holds a value and the fetch that is under way, if any. It is safe for
// concurrent use. The zero Cache with a Fetch is ready.
type Cache[T any] struct {
	// Fetch gets a new lease. Its context has the values of the first caller's,
	// and not its end.
	Fetch func(context.Context) (Lease[T], error)

	// RetryAfter is how long a failed background fetch holds off the next.
	RetryAfter time.Duration

	current atomic.Pointer[Lease[T]]

	mu      sync.Mutex
	flight  *flight[T] // guarded by mu; nil: no fetch is under way
	holdOff time.Time  // guarded by mu
}

// flight is one fetch; lease and err may be read when done is closed.
type flight[T any] struct {
	done    chan struct{}
	lease   *Lease[T]
	err     error
	dropped bool // guarded by Cache.mu: Drop was called meanwhile
}

// Get returns the value while it is valid, and else waits for a fetch, as long
// as ctx allows.
func (c *Cache[T]) Get(ctx context.Context) (T, error) {
	if lease := c.current.Load(); lease != nil {
		now := time.Now()
		if lease.fresh(now) {
			return lease.Value, nil
		}
		if lease.valid(now) {
			c.join(ctx, true)
			return lease.Value, nil
		}
	}
	f := c.join(ctx, false)
	select {
	case <-f.done:
		if f.err != nil {
			var none T
			return none, f.err
		}
		return f.lease.Value, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// join returns the fetch under way and starts one where there is none: in the
// background only when the last failure is RetryAfter ago.
func (c *Cache[T]) join(ctx context.Context, background bool) *flight[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flight != nil || background && time.Now().Before(c.holdOff) {
		return c.flight
	}
	f := &flight[T]{done: make(chan struct{})}
	c.flight = f
	go c.fetch(context.WithoutCancel(ctx), f)
	return f
}

func (c *Cache[T]) fetch(ctx context.Context, f *flight[T]) {
	f.err = errors.New("the fetch did not return") // runtime.Goexit
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case f.err != nil:
			c.holdOff = time.Now().Add(c.RetryAfter)
		case !f.dropped:
			c.current.Store(f.lease)
		}
		if c.flight == f {
			c.flight = nil
		}
		close(f.done)
	}()
	lease, err := c.Fetch(ctx)
	f.lease, f.err = &lease, err
}

// Drop forgets the value where match says so (nil: always), and a fetch under
// way serves those only who wait for it already.
func (c *Cache[T]) Drop(match func(T) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if lease := c.current.Load(); match != nil && (lease == nil || !match(lease.Value)) {
		return
	}
	c.current.Store(nil)
	if c.flight != nil {
		c.flight.dropped = true
		c.flight = nil
	}
}
