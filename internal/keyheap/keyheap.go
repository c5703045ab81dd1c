// Package keyheap implements heaps whose items can move from one heap to
// another.
package keyheap

import "container/heap"

// Heap is a heap of items. Its first item has the lowest key. The zero Heap is
// empty and ready to use.
type Heap[T any] struct{ items items[T] }

// Item is in one heap at most. The zero Item is in none.
type Item[T any] struct {
	Value T // any value of the caller

	heap  *Heap[T]
	key   int64
	index int
}

// Len returns the number of items.
func (h *Heap[T]) Len() int { return len(h.items) }

// First returns the value of the item with the lowest key, or the zero value if
// the heap is empty.
func (h *Heap[T]) First() (value T) {
	if len(h.items) > 0 {
		value = h.items[0].Value
	}
	return value
}

// In returns the heap that the item is in, or nil.
func (i *Item[T]) In() *Heap[T] { return i.heap }

// Move moves the item to a heap and sets its key. If to is nil, the item leaves
// its heap.
func (i *Item[T]) Move(to *Heap[T], key int64) {
	if i.heap == to && i.key == key {
		return
	}
	if i.heap != nil {
		heap.Remove(&i.heap.items, i.index)
	}
	i.heap, i.key = to, key
	if to != nil {
		heap.Push(&to.items, i)
	}
}

// items implements heap.Interface.
type items[T any] []*Item[T]

func (s items[T]) Len() int           { return len(s) }
func (s items[T]) Less(i, j int) bool { return s[i].key < s[j].key }

func (s items[T]) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].index, s[j].index = i, j
}

func (s *items[T]) Push(x any) {
	item := x.(*Item[T])
	item.index = len(*s)
	*s = append(*s, item)
}

func (s *items[T]) Pop() any {
	last := len(*s) - 1
	item := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return item
}
