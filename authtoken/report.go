package authtoken

import (
	"log/slog"
	"sync/atomic"
	"time"
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

// add queues a result. If callbacks do not keep up, it drops the oldest one.
func (r *reporter) add(x result) {
	for {
		select {
		case r.results <- x:
			r.start()
			return
		default:
		}
		select {
		case <-r.results:
		default:
		}
	}
}

func (r *reporter) start() {
	if r.running.CompareAndSwap(false, true) {
		go r.run()
	}
}

func (r *reporter) run() {
	defer func() {
		r.running.Store(false)
		if len(r.results) > 0 { // one was just added, or a callback called runtime.Goexit
			r.start()
		}
	}()
	for len(r.results) > 0 {
		r.report(<-r.results)
	}
}

func (r *reporter) report(x result) {
	logger := r.options.Logger.With(slog.String("fleet", x.compute.id.fleet), slog.String("compute", x.compute.id.name))
	switch {
	case x.err != nil:
		logger.Warn("auth token fetch failed", slog.Any("error", x.err), slog.Duration("retry_in", x.next))
		if r.options.OnFailure != nil {
			r.options.OnFailure(x.compute.failure(x.err))
		}
	case x.renewed:
		logger.Info("auth token fetched", slog.Time("expires", x.token.Expires))
		if r.options.OnRefresh != nil {
			r.options.OnRefresh(*x.token)
		}
	default:
		logger.Debug("auth token not replaced yet", slog.Time("expires", x.token.Expires))
	}
}
