package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkInProcess measures a call without a network, from the public method
// to the typed output. The answer costs no allocation.
func BenchmarkInProcess(b *testing.B) {
	for _, operation := range operations {
		b.Run("op="+operation, func(b *testing.B) {
			each(b, func(b *testing.B, p *peer) { sequential(b, p.inProcess(operation)) })
		})
	}
}

// BenchmarkError measures a call that the service refuses and whose error the
// caller asks for its type, and with text=yes for its text as well.
func BenchmarkError(b *testing.B) {
	for _, text := range []string{"no", "yes"} {
		b.Run("text="+text, func(b *testing.B) {
			signing(b, func(b *testing.B, p *peer) {
				call := p.inProcess(notFound)
				sequential(b, func(ctx context.Context) (any, error) {
					_, err := call(ctx)
					if !p.notFound(err) {
						return nil, fmt.Errorf("no NotFoundException: %w", err)
					}
					if text == "yes" {
						return err.Error(), nil
					}
					return nil, nil
				})
			})
		})
	}
}

// BenchmarkLoopback measures a call over a TCP connection, with the HTTP client
// that each peer has by default. The server runs in the same process, and does
// the same for every peer: time and allocations are its own as well.
func BenchmarkLoopback(b *testing.B) {
	each(b, func(b *testing.B, p *peer) { sequential(b, p.loopback(b)) })
}

// BenchmarkParallel is BenchmarkLoopback with one client shared by goroutines.
// The time of a call is the inverse of the throughput.
func BenchmarkParallel(b *testing.B) {
	for _, goroutines := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("goroutines=%03d", goroutines), func(b *testing.B) {
			for _, p := range peers() {
				call := sync.OnceValue(func() call { return p.loopback(b) }) // once for all b.N
				b.Run("client="+p.name, func(b *testing.B) { parallel(b, goroutines, call()) })
			}
		})
	}
}

// BenchmarkNew measures how a client is made of region and credentials.
func BenchmarkNew(b *testing.B) {
	signing(b, func(b *testing.B, p *peer) {
		loop(b, func() error { made = p.make(); return nil })
	})
}

var made any // keeps the client on the heap

// BenchmarkSign measures the signature alone. The signing key is known from an
// earlier request.
func BenchmarkSign(b *testing.B) {
	canned := ours.canned(getComputeAuthToken)
	body := []byte(`{"ComputeName":"HardwareAnywhere","FleetId":"fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"}`)
	signing(b, func(b *testing.B, p *peer) {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, stubURL, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header = canned.requestHeader.Clone()
		request.Header.Del("Authorization")
		loop(b, func() error { return p.sign(request, body) })
	})
}

// BenchmarkHeap measures what a client holds after its first call. The HTTP
// client is not part of it.
func BenchmarkHeap(b *testing.B) {
	const clients = 500
	signing(b, func(b *testing.B, p *peer) {
		ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
		defer cancel()
		canned := p.canned(getComputeAuthToken)
		used := make([]any, clients)
		var held, rounds uint64
		for b.Loop() {
			clear(used)
			before := heap()
			for i := range used {
				used[i] = p.client(stubURL, canned, nil)
				if _, err := p.calls(used[i])[getComputeAuthToken](ctx); err != nil {
					b.Fatal(err)
				}
			}
			held += heap() - before
			rounds++
		}
		b.ReportMetric(float64(held)/float64(rounds*clients), "heap-B/client")
		b.ReportMetric(0, "ns/op")
		runtime.KeepAlive(used)
	})
}

// heap returns the bytes in use, without what pools keep for their next user.
func heap() uint64 {
	for range 3 { // a pool lets go in two steps
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// each runs a benchmark for every peer.
func each(b *testing.B, run func(*testing.B, *peer)) {
	for _, p := range peers() {
		b.Run("client="+p.name, func(b *testing.B) { run(b, p) })
	}
}

// signing runs a benchmark for every peer that is not bare.
func signing(b *testing.B, run func(*testing.B, *peer)) {
	for _, p := range peers() {
		if p.sign != nil {
			b.Run("client="+p.name, func(b *testing.B) { run(b, p) })
		}
	}
}

// loopback returns GetComputeAuthToken of a client that gets the answer from a
// server on the loopback interface.
func (p *peer) loopback(b *testing.B) call {
	canned := p.canned(getComputeAuthToken)
	server := httptest.NewServer(canned)
	b.Cleanup(server.Close)
	return p.calls(p.client(server.URL, nil, canned.requestHeader))[getComputeAuthToken]
}

// sequential makes one call after the other. Their context has a deadline, as
// those of a service have.
func sequential(b *testing.B, call call) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	loop(b, func() error {
		_, err := call(ctx)
		return err
	})
}

// loop measures f, in processor time as well.
func loop(b *testing.B, f func() error) {
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	reportProcessorTime(b, before)
}

// reportProcessorTime reports what the process has used since before. Unlike the
// time on the clock, it hardly changes if the machine does other work.
func reportProcessorTime(b *testing.B, before time.Duration) {
	if now := processorTime(); now > 0 {
		b.ReportMetric(float64((now-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
	}
}

// parallel makes b.N calls from as many goroutines, each with a context of its
// own, after each has made one to open its connection.
func parallel(b *testing.B, goroutines int, call call) {
	var warm, done sync.WaitGroup
	var made atomic.Int64
	start := make(chan struct{})
	warm.Add(goroutines)
	for range goroutines {
		done.Go(func() {
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			_, err := call(ctx)
			warm.Done()
			<-start
			for err == nil && made.Add(1) <= int64(b.N) {
				_, err = call(ctx)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	warm.Wait()
	b.ReportAllocs()
	before := processorTime()
	b.ResetTimer()
	close(start)
	done.Wait()
	reportProcessorTime(b, before)
}
