package authtoken

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func failureOf(i int) report {
	return report{compute: &compute{id: computeID{fleet, computeName(i)}}, err: errors.New("no")}
}

// A callback that blocks costs one goroutine and a bounded amount of memory. The
// newest results are kept.
func TestReporter_BlockedCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		blocked := make(chan bool)
		var got []string
		o := &Options{
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			OnFailure: func(err *FetchError) { <-blocked; got = append(got, err.ComputeName) },
		}
		r := &reporter{options: o}
		r.add(failureOf(0))
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		for i := range 3 * maxReports {
			r.add(failureOf(i + 1))
		}
		synctest.Wait()
		assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+100, "other tests run at the same time")
		assert.Len(t, r.reports, maxReports)
		close(blocked)
		synctest.Wait()
		assert.Len(t, got, 1+maxReports)
		assert.Equal(t, computeName(0), got[0])
		assert.Equal(t, computeName(2*maxReports+1), got[1])
		assert.Equal(t, computeName(3*maxReports), got[maxReports])
		assert.Contains(t, log.String(), fmt.Sprint("dropped=", 2*maxReports))
		assert.False(t, r.running)
	})
}

// A callback that ends its goroutine, as t.FailNow does, does not end the reports.
func TestReporter_CallbackThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		o := &Options{OnFailure: func(*FetchError) { calls++; runtime.Goexit() }}
		o.setDefaults()
		r := &reporter{options: o}
		for i := range 3 {
			r.add(failureOf(i))
		}
		synctest.Wait()
		assert.Equal(t, 3, calls)
	})
}
