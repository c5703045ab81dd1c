package authtoken

import "container/heap"

// queue holds computes, the first of them on top. A compute is in one queue at
// most, and knows where.
type queue struct {
	computes []*compute
	before   func(a, b *compute) bool
}

func (q *queue) first() *compute {
	if len(q.computes) == 0 {
		return nil
	}
	return q.computes[0]
}

// move puts the compute into the queue, or, nil, into none. What a queue is
// ordered by does not change while a compute is in it.
func (c *compute) move(to *queue) {
	if c.queue == to {
		return
	}
	if c.queue != nil {
		heap.Remove(c.queue, c.index)
	}
	if c.queue = to; to != nil {
		heap.Push(to, c)
	}
}

// The methods of heap.Interface.

func (q *queue) Len() int           { return len(q.computes) }
func (q *queue) Less(i, j int) bool { return q.before(q.computes[i], q.computes[j]) }

func (q *queue) Swap(i, j int) {
	q.computes[i], q.computes[j] = q.computes[j], q.computes[i]
	q.computes[i].index, q.computes[j].index = i, j
}

func (q *queue) Push(x any) {
	c := x.(*compute)
	c.index = len(q.computes)
	q.computes = append(q.computes, c)
}

func (q *queue) Pop() any {
	last := len(q.computes) - 1
	c := q.computes[last]
	q.computes[last] = nil
	q.computes = q.computes[:last]
	return c
}
