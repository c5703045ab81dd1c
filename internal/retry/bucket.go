package retry

import "sync"

const capacity = 500

// bucket holds the retry quota of a client.
type bucket struct {
	mu     sync.Mutex
	tokens int // guarded by mu; 0 to capacity
}

// take removes n tokens, or none if there are fewer.
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
