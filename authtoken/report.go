package authtoken

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gamelift-compute/gamelift/internal/guard"
)

// maxReports bounds the results that wait for a callback to return.
const maxReports = 1000

// reporter calls the callbacks and writes the log, one result at a time, on a
// goroutine that runs while there are results.
type reporter struct {
	options *Options
	results chan result // at most maxReports
	running atomic.Bool
}

// result is that of one fetch.
type result struct {
	compute *compute
	token   *Token
	renewed bool // it is another token than before
	err     error
	next    time.Duration // until the next request
}

func newReporter(o *Options) *reporter {
	return &reporter{options: o, results: make(chan result, maxReports)}
}

// add queues a result. If callbacks do not keep up, it drops the oldest one. It
// never waits. Only one goroutine at a time may call it.
func (r *reporter) add(x result) {
	if len(r.results) == maxReports {
		select {
		case <-r.results:
		default: // it has just been reported
		}
	}
	r.results <- x
	r.start()
}

func (r *reporter) start() {
	if r.running.CompareAndSwap(false, true) {
		go r.run()
	}
}

func (r *reporter) run() {
	for len(r.results) > 0 {
		r.report(<-r.results)
	}
	r.running.Store(false)
	if len(r.results) > 0 { // one was just added
		r.start()
	}
}

func (r *reporter) report(x result) {
	switch {
	case x.err != nil:
		r.log(x, slog.LevelWarn, "auth token fetch failed", slog.Any("error", x.err), slog.Duration("retry_in", x.next))
		if r.options.OnFailure != nil {
			r.call(x, "OnFailure", func() { r.options.OnFailure(x.compute.failure(x.err)) })
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
