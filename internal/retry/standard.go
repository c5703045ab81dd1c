// Package retry is the standard retryer, by the AWS specification of 2026: which errors are worth another
// attempt, how long to wait before it, and a bucket of tokens that keeps a client from retrying against a
// service that is down.
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// DefaultMaxAttempts is the number of attempts of a call, the first one included.
const DefaultMaxAttempts = 3

// ErrQuotaExceeded is what GetRetryToken returns when the client has failed too often of late to go on retrying.
// The call then ends with the service's own error.
var ErrQuotaExceeded = errors.New("retry quota is used up")

const (
	baseDelay           = 50 * time.Millisecond
	throttlingBaseDelay = time.Second
	maxDelay            = 20 * time.Second
	retryAfterWindow    = 5 * time.Second // by how much x-amz-retry-after may lengthen a delay

	retryCost           = 14
	throttlingRetryCost = 5
	firstTrySuccess     = 1
)

// Standard is the standard retryer. It holds the token bucket of one client, whose calls may use it
// concurrently. NewStandard makes one.
type Standard struct {
	rand         func() float64 // in [0, 1)
	bucket       bucket
	releaseFirst func(error) error // made once, so that a call that needs no retry allocates nothing here
}

// NewStandard returns a Standard with a full bucket.
func NewStandard() *Standard {
	s := &Standard{rand: rand.Float64, bucket: bucket{tokens: capacity}}
	s.releaseFirst = func(err error) error {
		if err == nil {
			s.bucket.put(firstTrySuccess)
		}
		return nil
	}
	return s
}

// MaxAttempts returns DefaultMaxAttempts.
func (s *Standard) MaxAttempts() int { return DefaultMaxAttempts }

// RetryDelay returns how long to wait after the given attempt, the first being 1, failed with opErr: a random
// part of a bound that doubles with every attempt, up to 20 s. A service that asks for a longer wait with
// x-amz-retry-after gets up to 5 s more. The error is always nil.
func (s *Standard) RetryDelay(attempt int, opErr error) (time.Duration, error) {
	base := baseDelay
	if IsThrottling(opErr) {
		base = throttlingBaseDelay
	}
	doublings := min(max(attempt, 1)-1, 10) // more would overflow in the end, and ten pass maxDelay from either base
	bound := min(base<<doublings, maxDelay)
	delay := time.Duration(s.rand() * float64(bound))

	if asked, ok := retryAfter(opErr); ok {
		delay = min(max(asked, delay), delay+retryAfterWindow)
	}
	return delay, nil
}

// retryAfter returns the wait that the response in err's chain asks for, if it does. One that is longer than
// RetryDelay could grant is cut, so that no number overflows.
func retryAfter(err error) (time.Duration, bool) {
	resp := response(err)
	if resp == nil {
		return 0, false
	}
	ms, err := strconv.ParseUint(resp.Header.Get("X-Amz-Retry-After"), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range, ms is the largest number
		return 0, false
	}
	const longest = maxDelay + retryAfterWindow
	return time.Duration(min(ms, uint64(longest/time.Millisecond))) * time.Millisecond, true
}

// GetRetryToken takes the cost of a retry after opErr from the bucket, or returns ErrQuotaExceeded. It does not
// wait, and does not look at the context.
//
// The caller gives releaseToken the retry's outcome: nil pays the cost back. Only the first call of it counts;
// it returns nil.
func (s *Standard) GetRetryToken(_ context.Context, opErr error) (releaseToken func(error) error, err error) {
	cost := retryCost
	if IsThrottling(opErr) {
		cost = throttlingRetryCost
	}
	if !s.bucket.take(cost) {
		return nil, ErrQuotaExceeded
	}
	var once sync.Once
	return func(err error) error {
		once.Do(func() {
			if err == nil {
				s.bucket.put(cost)
			}
		})
		return nil
	}, nil
}

// GetInitialToken starts a call. The caller gives releaseToken the outcome of the first attempt, once: nil adds
// a token to the bucket. It returns nil.
func (s *Standard) GetInitialToken() (releaseToken func(error) error) { return s.releaseFirst }
