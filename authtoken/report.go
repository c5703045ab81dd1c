package authtoken

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gamelift-compute/gamelift/internal/guard"
)

// maxReports bounds the results that wait for a callback to return.
const maxReports = 1000

// reporter calls the callbacks and writes the log, one result at a time, on a
// goroutine that runs while there are results.
type reporter struct {
	options Options

	mu      sync.Mutex // guards the rest
	results []result   // at most maxReports
	running bool
}

// result is the outcome of one fetch.
type result struct {
	compute *compute
	token   *Token
	renewed bool // it is another token than before
	err     error
	next    time.Duration // until the next request
}

// add queues a result. If callbacks do not keep up, it drops the oldest one.
func (r *reporter) add(x result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.results) == maxReports {
		r.results = r.results[1:]
	}
	r.results = append(r.results, x)
	if !r.running {
		r.running = true
		go r.run()
	}
}

func (r *reporter) run() {
	for {
		r.mu.Lock()
		if len(r.results) == 0 {
			r.results, r.running = nil, false
			r.mu.Unlock()
			return
		}
		x := r.results[0]
		r.results = r.results[1:]
		r.mu.Unlock()
		r.report(x)
	}
}

func (r *reporter) report(x result) {
	switch {
	case x.err != nil:
		r.log(x, slog.LevelWarn, "auth token fetch failed", slog.Any("error", x.err), slog.Duration("retry_in", x.next))
		if r.options.OnFailure != nil {
			r.call(x, "OnFailure", func() { r.options.OnFailure(x.compute.id.failure(x.err)) })
		}
	case x.renewed:
		r.log(x, slog.LevelInfo, "auth token fetched", slog.Time("expires", x.token.Expires))
		if r.options.OnRefresh != nil {
			r.call(x, "OnRefresh", func() { r.options.OnRefresh(*x.token) })
		}
	default:
		r.log(x, slog.LevelDebug, "auth token not replaced yet", slog.Time("expires", x.token.Expires))
	}
}

// call calls a callback, and logs that it panicked or ended its goroutine.
func (r *reporter) call(x result, name string, f func()) {
	if err := guard.Call(name, func() error { f(); return nil }); err != nil {
		r.log(x, slog.LevelError, "callback failed", slog.Any("error", err))
	}
}

func (r *reporter) log(x result, level slog.Level, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("fleet", x.compute.id.fleet), slog.String("compute", x.compute.id.name))
	_ = guard.Call("Logger", func() error {
		r.options.Logger.LogAttrs(context.Background(), level, message, attrs...)
		return nil
	})
}
