package keyheap_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamelift-compute/gamelift/internal/keyheap"
)

// Items that move at random between two heaps leave each in the order of their
// keys.
func TestHeap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	type item = keyheap.Item[*int64]
	var heaps [2]keyheap.Heap[*int64]
	items := make([]item, 100)
	for range 10_000 {
		i := &items[random.IntN(len(items))]
		key := random.Int64N(50)
		to := [3]*keyheap.Heap[*int64]{&heaps[0], &heaps[1], nil}[random.IntN(3)]
		i.Value = &key
		i.Move(to, key)
		if i.In() != to {
			t.Fatalf("In() = %p, want %p", i.In(), to)
		}
	}
	inHeaps := heaps[0].Len() + heaps[1].Len()
	var taken int
	for h := range heaps {
		var got, want []int64
		for heaps[h].First() != nil {
			first := heaps[h].First()
			for i := range items {
				if items[i].Value == first {
					got = append(got, *first)
					items[i].Move(nil, 0)
				}
			}
		}
		taken += len(got)
		want = append(want, got...)
		for i := 1; i < len(want); i++ {
			want[i] = max(want[i], want[i-1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys of heap %d (-want +got):\n%s", h, diff)
		}
	}
	if taken != inHeaps || taken < 20 {
		t.Errorf("took %d items, want %d, and many", taken, inHeaps)
	}
}
