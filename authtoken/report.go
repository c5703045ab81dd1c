package authtoken

import (
	"log/slog"
	"sync"
	"time"
)

// maxReports bounds the results that wait for a callback to return.
const maxReports = 1000

// reporter calls the callbacks and writes the log, one result at a time, on a
// goroutine that runs while there are results.
type reporter struct {
	options *Options

	mu      sync.Mutex
	reports []report
	dropped int // since the last one was logged
	running bool
}

// report is the result of one fetch.
type report struct {
	compute *compute
	token   *Token
	renewed bool // it is another token than before
	err     error
	next    time.Duration // until the next request
}

// add queues a result. If callbacks do not keep up, the oldest one is dropped.
func (r *reporter) add(result report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.reports) == maxReports {
		r.reports = r.reports[1:]
		r.dropped++
	}
	r.reports = append(r.reports, result)
	if !r.running {
		r.running = true
		go r.run()
	}
}

func (r *reporter) run() {
	done := false
	defer func() {
		if !done {
			go r.run() // a callback has called runtime.Goexit
		}
	}()
	for {
		r.mu.Lock()
		if len(r.reports) == 0 {
			r.reports, r.running, done = nil, false, true
			r.mu.Unlock()
			return
		}
		next, dropped := r.reports[0], r.dropped
		r.reports, r.dropped = r.reports[1:], 0
		r.mu.Unlock()
		if dropped > 0 {
			r.options.Logger.Warn("results of auth token fetches dropped: callbacks do not keep up", slog.Int("dropped", dropped))
		}
		r.report(next)
	}
}

func (r *reporter) report(result report) {
	logger, id := r.options.Logger, result.compute.id
	attrs := []any{slog.String("fleet", id.fleet), slog.String("compute", id.name)}
	switch {
	case result.err != nil:
		logger.Warn("auth token fetch failed", append(attrs, slog.Any("error", result.err), slog.Duration("retry_in", result.next))...)
		if r.options.OnFailure != nil {
			r.options.OnFailure(result.compute.failure(result.err))
		}
	case result.renewed:
		logger.Info("auth token fetched", append(attrs, slog.Time("expires", result.token.Expires))...)
		if r.options.OnRefresh != nil {
			r.options.OnRefresh(*result.token)
		}
	default:
		logger.Debug("auth token not replaced yet", append(attrs, slog.Time("expires", result.token.Expires))...)
	}
}
