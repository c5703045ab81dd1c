package authtoken

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func failureOf(i int) result {
	return result{compute: &compute{id: computeID{fleet, computeName(i)}}, err: errors.New("no")}
}

// A callback that blocks costs one goroutine and a bounded amount of memory. The
// newest results are kept. The test counts the goroutines of the process, so it
// does not run in parallel with others.
func TestReporter_BlockedCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan bool)
		var got []string
		o := &Options{OnFailure: func(err *FetchError) { <-blocked; got = append(got, err.ComputeName) }}
		o.setDefaults()
		r := &reporter{options: *o}
		r.add(failureOf(0))
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		for i := range 3 * maxReports {
			r.add(failureOf(i + 1))
		}
		synctest.Wait()
		assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+10, "the runtime may start a few for finalizers")
		assert.Len(t, r.results, maxReports)
		close(blocked)
		synctest.Wait()
		assert.Len(t, got, 1+maxReports)
		assert.Equal(t, computeName(0), got[0])
		assert.Equal(t, computeName(2*maxReports+1), got[1])
		assert.Equal(t, computeName(3*maxReports), got[maxReports])
		assert.False(t, r.running)
	})
}

// A callback that panics, or ends its goroutine as t.FailNow does, ends neither
// the process nor the reports. What it panicked with may be a secret.
func TestReporter_CallbackThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(){
		"OnFailure did not return": runtime.Goexit,
		"OnFailure panicked":       func() { panic(canary) },
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			calls := 0
			o := &Options{
				OnFailure: func(*FetchError) { calls++; spoil() },
				Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			}
			o.setDefaults()
			r := &reporter{options: *o}
			for i := range 3 {
				r.add(failureOf(i))
			}
			synctest.Wait()
			assert.Equal(t, 3, calls)
			assert.Equal(t, 3, strings.Count(log.String(), want), log.String())
			assert.Contains(t, log.String(), "compute=compute-2")
			assert.NotContains(t, log.String(), canary)
		})
	}
}

// An option function that keeps its pointer cannot change the callbacks later.
func TestReporter_OptionsAreCopied(t *testing.T) {
	t.Parallel()
	var ofSource, ofPool *Options
	s := NewSource(endless, fleet, name, func(o *Options) { ofSource = o })
	p := NewPool(endless, func(o *PoolOptions) { ofPool = &o.Options })
	ofSource.OnRefresh, ofPool.OnRefresh = func(Token) {}, func(Token) {}
	assert.Nil(t, s.fetcher.reporter.options.OnRefresh)
	assert.Nil(t, p.fetcher.reporter.options.OnRefresh)
}

type brokenHandler struct{ slog.Handler }

func (brokenHandler) Enabled(context.Context, slog.Level) bool { panic(canary) }

func TestReporter_BrokenLogger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		o := &Options{OnFailure: func(*FetchError) { calls++; panic(canary) }, Logger: slog.New(brokenHandler{})}
		o.setDefaults()
		r := &reporter{options: *o}
		r.add(failureOf(0))
		r.add(failureOf(1))
		synctest.Wait()
		assert.Equal(t, 2, calls)
	})
}
