// Package refresh caches a value that expires. All callers who wait for a value
// share one fetch, and a value is replaced in the background before it expires.
package refresh

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// ErrExpired reports that a value had already expired when it was fetched.
var ErrExpired = errors.New("the fetched value has already expired")

// Cache holds the last value that Fetch returned. It is safe for concurrent use.
// Its exported fields must be set before its first use.
//
// Expiry times are times of the issuer's clock. Callers pass its skew: how far
// it is ahead of the local clock.
type Cache[T any] struct {
	// Fetch gets a new value and the time at which it expires. The zero time
	// means never. Its context is never done, and has the values of the context
	// whose caller started the fetch.
	Fetch func(context.Context) (value T, expires time.Time, err error)

	// Window is how long before its expiry a value is replaced in the
	// background. It is at most half of the life that the value had left when it
	// was fetched. Zero or less means that a value is not replaced before it
	// expires.
	Window time.Duration

	// Jitter is the largest fraction of Window, from 0 to 1, by which a value's
	// window is shortened at random.
	Jitter float64

	// RetryDelay is the time between a failed background fetch and the next.
	RetryDelay time.Duration

	current atomic.Pointer[entry[T]]

	mu         sync.Mutex // guards the rest
	flight     *flight[T] // the fetch under way, if any
	retryAfter time.Time  // no background fetch starts before it
}

// entry is a value with the times that decide when it is replaced.
type entry[T any] struct {
	value   T
	expires time.Time // the zero time means never
	fetched time.Time // by the local clock
	shorter float64   // the fraction of the window by which it is shortened
}

// flight is one fetch. entry and err may be read when done is closed.
type flight[T any] struct {
	done    chan struct{}
	entry   *entry[T]
	err     error
	dropped bool // Drop was called meanwhile; guarded by Cache.mu
}

// Get returns the value until it expires, and otherwise waits for a fetch for as
// long as ctx allows. If the fetched value has expired as well, Get returns it
// together with ErrExpired.
func (c *Cache[T]) Get(ctx context.Context, skew time.Duration) (T, error) {
	if e := c.current.Load(); e != nil && !e.expired(skew) {
		if e.left(skew) <= c.window(e, skew) {
			c.join(ctx, skew, true)
		}
		return e.value, nil
	}
	f := c.join(ctx, skew, false)
	var none T
	select {
	case <-f.done:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	switch {
	case f.err != nil:
		return none, f.err
	case f.entry.expired(skew):
		return f.entry.value, ErrExpired
	}
	return f.entry.value, nil
}

// Drop forgets the value if match returns true for it. A nil match forgets every
// value. Only the callers that already wait for a fetch under way get its
// result.
func (c *Cache[T]) Drop(match func(T) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.current.Load(); match != nil && (e == nil || !match(e.value)) {
		return
	}
	c.current.Store(nil)
	if c.flight != nil {
		c.flight.dropped = true
		c.flight = nil
	}
}

// join returns the fetch under way, or starts one. It starts none in the
// background until RetryDelay has passed since the last failure.
func (c *Cache[T]) join(ctx context.Context, skew time.Duration, background bool) *flight[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flight != nil || background && time.Now().Before(c.retryAfter) {
		return c.flight
	}
	f := &flight[T]{done: make(chan struct{})}
	c.flight = f
	go c.fetch(context.WithoutCancel(ctx), f, skew)
	return f
}

func (c *Cache[T]) fetch(ctx context.Context, f *flight[T], skew time.Duration) {
	value, expires, err := c.Fetch(ctx)
	f.entry = &entry[T]{value: value, expires: expires, fetched: wallClock(), shorter: c.Jitter * rand.Float64()}
	f.err = err

	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.current.Load()
	switch {
	case err != nil, f.entry.expired(skew) && current != nil && !current.expired(skew):
		c.retryAfter = time.Now().Add(c.RetryDelay)
	case !f.dropped: // even an expired value: a caller that knows the skew may still use it
		c.current.Store(f.entry)
	}
	if c.flight == f {
		c.flight = nil
	}
	close(f.done)
}

// window returns how long before it expires e is replaced.
func (c *Cache[T]) window(e *entry[T], skew time.Duration) time.Duration {
	window := min(c.Window, e.expires.Sub(e.fetched.Add(skew))/2)
	return max(window-time.Duration(float64(window)*e.shorter), 0)
}

// left returns how long it is until e expires.
func (e *entry[T]) left(skew time.Duration) time.Duration {
	if e.expires.IsZero() {
		return 1<<63 - 1
	}
	return e.expires.Round(0).Sub(wallClock().Add(skew))
}

func (e *entry[T]) expired(skew time.Duration) bool { return e.left(skew) <= 0 }

// wallClock returns the time without its monotonic reading, which stops while a
// machine sleeps.
func wallClock() time.Time { return time.Now().Round(0) }
