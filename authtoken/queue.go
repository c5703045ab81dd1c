package authtoken

import (
	"container/heap"
	"time"
)

// queue is a heap of computes, the one with the lowest key first. A compute is
// in at most one queue, and knows which.
type queue struct{ computes []*compute }

// first returns the compute with the lowest key, or nil.
func (q *queue) first() *compute {
	if len(q.computes) == 0 {
		return nil
	}
	return q.computes[0]
}

// move puts c into the queue to under a key. If to is nil, c is in no queue.
func (c *compute) move(to *queue, key time.Duration) {
	if c.queue == to && c.key == key {
		return
	}
	if c.queue != nil {
		heap.Remove(c.queue, c.index)
	}
	c.queue, c.key = to, key
	if to != nil {
		heap.Push(to, c)
	}
}

// Len implements heap.Interface.
func (q *queue) Len() int { return len(q.computes) }

// Less implements heap.Interface.
func (q *queue) Less(i, j int) bool { return q.computes[i].key < q.computes[j].key }

// Swap implements heap.Interface.
func (q *queue) Swap(i, j int) {
	q.computes[i], q.computes[j] = q.computes[j], q.computes[i]
	q.computes[i].index, q.computes[j].index = i, j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	c := x.(*compute)
	c.index = len(q.computes)
	q.computes = append(q.computes, c)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(q.computes) - 1
	c := q.computes[last]
	q.computes[last] = nil
	q.computes = q.computes[:last]
	return c
}
