// Package retry implements the standard retryer of AWS's specification of 2026.
// It decides which errors are worth another attempt and how long to wait before
// it, and has a quota that keeps a client from retrying against a service that
// is down.
package retry

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	// DefaultMaxAttempts is the number of attempts of a call, the first
	// included.
	DefaultMaxAttempts = 3

	// DefaultMaxBackoff is the longest delay before a retry.
	DefaultMaxBackoff = 20 * time.Second

	baseDelay           = 50 * time.Millisecond
	throttlingBaseDelay = time.Second
	maxExtension        = 5 * time.Second // of a delay, by x-amz-retry-after

	retryCost           = 14
	throttlingRetryCost = 5
	firstTrySuccess     = 1
)

// ErrQuotaExceeded is the error of GetRetryToken if too many retries of the
// client have failed recently.
var ErrQuotaExceeded = errors.New("retry quota exceeded")

// ErrNotSent is the outcome of a retry that was paid for and then not made. It
// returns the cost of the retry to the bucket, as a success does.
var ErrNotSent = errors.New("the retry was not made")

// Standard is the standard retryer. It is safe for concurrent use. NewStandard
// makes one.
type Standard struct {
	maxAttempts  int
	maxBackoff   time.Duration
	rand         func() float64 // in [0, 1)
	bucket       bucket
	releaseFirst func(error) error // made once, so that a call without retries allocates nothing here
}

// NewStandard returns a Standard with a full bucket.
func NewStandard(maxAttempts int, maxBackoff time.Duration) *Standard {
	s := &Standard{maxAttempts: maxAttempts, maxBackoff: maxBackoff, rand: rand.Float64, bucket: bucket{tokens: capacity}}
	s.releaseFirst = func(err error) error {
		if err == nil {
			s.bucket.put(firstTrySuccess)
		}
		return nil
	}
	return s
}

// MaxAttempts returns the number of attempts of a call, the first included.
func (s *Standard) MaxAttempts() int { return s.maxAttempts }

// FirstAttempt returns the number of the first attempt, as RetryDelay counts: 1,
// or 0 if the environment variable AWS_NEW_RETRIES_2026 is "true", as in
// aws-sdk-go-v2.
func FirstAttempt() int {
	if os.Getenv("AWS_NEW_RETRIES_2026") == "true" {
		return 0
	}
	return 1
}

// RetryDelay returns how long to wait after the given attempt, counted from
// FirstAttempt, failed with opErr: a random part of a bound that doubles with
// every attempt. The error is always nil.
func (s *Standard) RetryDelay(attempt int, opErr error) (time.Duration, error) {
	base := baseDelay
	if IsThrottling(opErr) {
		base = throttlingBaseDelay
	}
	first := FirstAttempt()
	doublings := min(max(attempt, first)-first, 20) // enough for any bound that is useful, and no overflow
	bound := min(base<<doublings, s.maxBackoff)
	return time.Duration(s.rand() * float64(bound)), nil
}

// Extend lengthens a delay to the X-Amz-Retry-After of the response in err's
// chain, in milliseconds, but by no more than 5 seconds. A delay that is longer
// already stays as it is.
func Extend(delay time.Duration, err error) time.Duration {
	resp := response(err)
	if resp == nil {
		return delay
	}
	ms, parseErr := strconv.ParseUint(resp.Header.Get("X-Amz-Retry-After"), 10, 64)
	if parseErr != nil && !errors.Is(parseErr, strconv.ErrRange) { // if out of range, ms is the largest number
		return delay
	}
	asked := time.Duration(min(ms, uint64(math.MaxInt64/time.Millisecond))) * time.Millisecond
	return delay + min(max(asked-delay, 0), maxExtension)
}

// GetRetryToken takes the cost of a retry after opErr from the bucket, or
// returns ErrQuotaExceeded. It does not wait.
//
// The caller passes the outcome of the retry to releaseToken: nil and ErrNotSent
// return the cost to the bucket. Calls after the first have no effect. The error of
// releaseToken is always nil.
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
			if err == nil || err == ErrNotSent {
				s.bucket.put(cost)
			}
		})
		return nil
	}, nil
}

// GetInitialToken starts a call. The caller passes the outcome of the first
// attempt to releaseToken, once: nil adds a token to the bucket. The error of
// releaseToken is always nil.
func (s *Standard) GetInitialToken() (releaseToken func(error) error) { return s.releaseFirst }
