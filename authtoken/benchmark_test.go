package authtoken

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSource_Token_DoesNotAllocate(t *testing.T) {
	s := freshSource(t)
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = s.Token(ctx) }))
}

// freshSource has a token, and needs no network.
func freshSource(t testing.TB) *Source {
	s := NewSource(endless, fleet, name)
	_, err := s.Token(t.Context())
	require.NoError(t, err)
	return s
}

func BenchmarkSource_Token(b *testing.B) {
	s := freshSource(b)
	ctx := b.Context()
	b.Run("goroutines=1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Token(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("goroutines=64", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism((64 + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Token(ctx); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func BenchmarkPool_Token(b *testing.B) {
	p := NewPool(endless)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Token(ctx, fleet, name); err != nil {
			b.Fatal(err)
		}
	}
}
