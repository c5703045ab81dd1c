package retry

import "sync"

const capacity = 500

type bucket struct {
	mu     sync.Mutex
	tokens int // guarded by mu; never negative, never beyond capacity
}

// take takes all n tokens or, where there are fewer, none.
func (b *bucket) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

func (b *bucket) put(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+n, capacity)
}
