package gamelift

import (
	"testing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const asks = true // the Retryer
	tests := []struct {
		isLast, keysRenewed, timeRefused, isRetryable bool

		want decision
		asks bool
	}{
		// Attempts are left.
		{false, false, false, false, stop, asks},
		{false, false, false, true, tryAgain, asks},
		{false, false, true, false, correctClock, !asks},
		{false, false, true, true, correctClock, !asks},
		{false, true, false, false, useOtherKeys, !asks},
		{false, true, false, true, useOtherKeys, !asks},
		{false, true, true, false, useOtherKeys, !asks},
		{false, true, true, true, useOtherKeys, !asks},

		// It was the last attempt.
		{true, false, false, false, stop, asks},
		{true, false, false, true, giveUp, asks},
		{true, false, true, false, giveUp, !asks},
		{true, false, true, true, giveUp, !asks},
		{true, true, false, false, stop, asks},
		{true, true, false, true, giveUp, asks},
		{true, true, true, false, giveUp, !asks},
		{true, true, true, true, giveUp, !asks},
	}
	seen := map[[4]bool]bool{}
	for _, tt := range tests {
		seen[[4]bool{tt.isLast, tt.keysRenewed, tt.timeRefused, tt.isRetryable}] = true
		retryer := &countedRetryer{retryable: tt.isRetryable}
		got := decide(outcome{isLast: tt.isLast, keysRenewed: tt.keysRenewed, timeRefused: tt.timeRefused, retryer: retryer})
		if got != tt.want || (retryer.asked == 1) != tt.asks {
			t.Errorf("%+v: got %d after %d questions", tt, got, retryer.asked)
		}
	}
	if len(seen) != 1<<4 {
		t.Errorf("the table has %d of %d combinations", len(seen), 1<<4)
	}
}

// countedRetryer counts how often it is asked about an error.
type countedRetryer struct {
	Retryer
	retryable bool
	asked     int
}

func (r *countedRetryer) IsErrorRetryable(error) bool {
	r.asked++
	return r.retryable
}
