package authtoken

import (
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func failureOf(i int) result {
	return result{compute: &compute{id: computeID{fleet, computeName(i)}}, err: errors.New("no")}
}

// A callback that blocks costs one goroutine and a bounded amount of memory. The
// newest results are kept.
func TestReporter_BlockedCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan bool)
		var got []string
		o := &Options{OnFailure: func(err *FetchError) { <-blocked; got = append(got, err.ComputeName) }}
		o.setDefaults()
		r := newReporter(o)
		r.add(failureOf(0))
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		for i := range 3 * maxReports {
			r.add(failureOf(i + 1))
		}
		synctest.Wait()
		assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines+100, "other tests run at the same time")
		assert.Len(t, r.results, maxReports)
		close(blocked)
		synctest.Wait()
		assert.Len(t, got, 1+maxReports)
		assert.Equal(t, computeName(0), got[0])
		assert.Equal(t, computeName(2*maxReports+1), got[1])
		assert.Equal(t, computeName(3*maxReports), got[maxReports])
		assert.False(t, r.running.Load())
	})
}

// A callback that ends its goroutine, as t.FailNow does, does not end the reports.
func TestReporter_CallbackThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		o := &Options{OnFailure: func(*FetchError) { calls++; runtime.Goexit() }}
		o.setDefaults()
		r := newReporter(o)
		for i := range 3 {
			r.add(failureOf(i))
		}
		synctest.Wait()
		assert.Equal(t, 3, calls)
	})
}
