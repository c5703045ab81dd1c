package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
	"github.com/gamelift-compute/gamelift/types"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	throttled := `{"__type":"ThrottlingException","message":"Rate exceeded"}`
	broken := func() (*http.Response, error) {
		resp := response(200, "")
		resp.ContentLength = 100
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"AuthTo`), errReader{io.ErrUnexpectedEOF}))
		return resp, nil
	}
	tests := []struct {
		name    string
		failure func() (*http.Response, error)
		retried bool
		base    time.Duration // of the first delay
	}{
		{"connection error", fails(errors.New("connection reset by peer")), true, 50 * time.Millisecond},
		{"body that breaks off", broken, true, 50 * time.Millisecond},
		{"429", status(429, ""), true, time.Second},
		{"500", status(500, ""), true, 50 * time.Millisecond},
		{"502", status(502, "<html>"), true, 50 * time.Millisecond},
		{"503", status(503, ""), true, 50 * time.Millisecond},
		{"504", status(504, ""), true, 50 * time.Millisecond},
		{"RequestTimeout", status(400, `{"__type":"RequestTimeout"}`), true, 50 * time.Millisecond},
		{"RequestTimeoutException", status(400, `{"__type":"RequestTimeoutException"}`), true, 50 * time.Millisecond},
		{"throttling", status(400, throttled), true, time.Second},
		{"InternalServiceException as 500", status(500, `{"__type":"InternalServiceException"}`), true, 50 * time.Millisecond},
		{"NotFoundException", status(400, `{"__type":"NotFoundException"}`), false, 0},
		{"AccessDeniedException", status(403, `{"__type":"AccessDeniedException"}`), false, 0},
		{"501", status(501, ""), false, 0},
		{"308", status(308, ""), false, 0},
		{"malformed output", status(200, `{`), false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name+" recovers", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tt.failure, tt.failure, status(200, okBody))
				out, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
				if !tt.retried {
					require.Error(t, err)
					require.Len(t, s.At, 1)
					return
				}
				require.NoError(t, err)
				require.Equal(t, 3, gamelift.Attempts(out.ResultMetadata))
				require.Len(t, s.At, 3)
				require.LessOrEqual(t, s.At[1].Sub(s.At[0]), tt.base)
				require.LessOrEqual(t, s.At[2].Sub(s.At[1]), 2*tt.base)
			})
		})
		t.Run(tt.name+" persists", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tt.failure)
				_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
				var exhausted *apierrors.MaxAttemptsError
				require.Equal(t, tt.retried, errors.As(err, &exhausted))
				if tt.retried {
					require.Equal(t, 3, exhausted.Attempt)
					require.Len(t, s.At, 3)
				}
			})
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestMaxAttempts(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 5} {
		for _, ofTheCall := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := answers(status(500, ""))
				set := func(o *gamelift.Options) { o.RetryMaxAttempts = limit }
				var err error
				if ofTheCall {
					_, err = gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), set)
				} else {
					_, err = gamelift.New(s.Options(), set).GetComputeAuthToken(t.Context(), authTokenInput())
				}
				var exhausted *apierrors.MaxAttemptsError
				require.ErrorAs(t, err, &exhausted)
				require.Equal(t, limit, exhausted.Attempt)
				require.Len(t, s.At, limit)
				require.Equal(t, fmt.Sprintf("attempt=1; max=%d", limit), s.Headers[0].Get("Amz-Sdk-Request"))
				require.ErrorContains(t, err, fmt.Sprintf("gave up after %d attempts", limit))
			})
		}
	}
}

func TestRetryAfterHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value    string
		min, max time.Duration
	}{
		{"1000", time.Second, time.Second},
		{"60000", 5 * time.Second, 5*time.Second + 50*time.Millisecond},
		{"0", 0, 50 * time.Millisecond},
		{"-1", 0, 50 * time.Millisecond},
		{"soon", 0, 50 * time.Millisecond},
		{"1.5", 0, 50 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(status(503, "", "X-Amz-Retry-After", tt.value), status(200, okBody))
				_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
				require.NoError(t, err)
				waited := s.At[1].Sub(s.At[0])
				require.GreaterOrEqual(t, waited, tt.min)
				require.LessOrEqual(t, waited, tt.max)
			})
		})
	}
}

// The bucket of 500 tokens pays for 35 retries at 14; then a call ends with the
// service's error at its first attempt, until calls that succeed at once have
// paid for a retry again.
func TestRetryQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, `{"__type":"InternalServiceException"}`))
		client := gamelift.New(s.Options(), func(o *gamelift.Options) { o.RetryMaxAttempts = 100 })
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.Len(t, s.At, 36)
		var internal *types.InternalServiceException
		require.ErrorAs(t, err, &internal)
		var exhausted *apierrors.MaxAttemptsError
		require.False(t, errors.As(err, &exhausted))

		s.Answers = []clienttest.Answer{status(200, okBody)}
		for range 4 { // 10 tokens are left
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
		s.At, s.Answers = nil, []clienttest.Answer{status(500, ""), status(500, ""), status(200, okBody)}
		_, err = client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.Error(t, err)
		require.Len(t, s.At, 2, "14 tokens pay for one retry")
	})
}

func TestRetryQuotaIsPaidBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failures []clienttest.Answer
		for range 200 {
			failures = append(failures, status(500, ""), status(200, okBody))
		}
		s := answers(failures...)
		client := gamelift.New(s.Options())
		for range 200 {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
	})
}

// spyRetryer records what a call asks of its Retryer.
type spyRetryer struct {
	asked   []string
	retries bool
}

func (r *spyRetryer) record(format string, args ...any) {
	r.asked = append(r.asked, fmt.Sprintf(format, args...))
}

func (r *spyRetryer) IsErrorRetryable(error) bool { r.record("retryable"); return r.retries }

func (r *spyRetryer) MaxAttempts() int { return 0 }

func (r *spyRetryer) RetryDelay(attempt int, _ error) (time.Duration, error) {
	r.record("delay %d", attempt)
	return 0, nil
}

func (r *spyRetryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	r.record("retry token")
	return func(err error) error { r.record("retry token settled, failed %t", err != nil); return nil }, nil
}

func (r *spyRetryer) GetInitialToken() func(error) error {
	r.record("initial token")
	return func(err error) error { r.record("initial token settled, failed %t", err != nil); return nil }
}

type spyRetryerV2 struct{ spyRetryer }

func (r *spyRetryerV2) GetAttemptToken(context.Context) (func(error) error, error) {
	r.record("attempt token")
	return func(err error) error { r.record("attempt token settled, failed %t", err != nil); return nil }, nil
}

func TestCustomRetryer(t *testing.T) {
	t.Parallel()
	s := answers(status(500, ""), status(500, ""), status(200, okBody))
	v1 := &spyRetryer{retries: true}
	_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = v1 }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	diff(t, []string{
		"initial token", "initial token settled, failed true", "retryable", "retry token", "delay 1",
		"retry token settled, failed true", "retryable", "retry token", "delay 2",
		"retry token settled, failed false",
	}, v1.asked)
	require.Equal(t, "attempt=1", s.Headers[0].Get("Amz-Sdk-Request"), "no limit")

	s = answers(status(500, ""), status(200, okBody))
	v2 := &spyRetryerV2{spyRetryer{retries: true}}
	_, err = gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.Retryer = v2 })
	require.NoError(t, err)
	diff(t, []string{
		"attempt token", "attempt token settled, failed true", "retryable", "retry token", "delay 1",
		"attempt token", "retry token settled, failed false", "attempt token settled, failed false",
	}, v2.asked)

	s = answers(status(500, ""))
	stubborn := &spyRetryer{}
	_, err = gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = stubborn }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.Error(t, err)
	diff(t, []string{"initial token", "initial token settled, failed true", "retryable"}, stubborn.asked)
}

// failingRetryer fails where a Retryer may.
type failingRetryer struct {
	spyRetryer
	token, delay error
}

func (r *failingRetryer) GetAttemptToken(context.Context) (func(error) error, error) {
	return func(error) error { return nil }, r.token
}

func (r *failingRetryer) RetryDelay(int, error) (time.Duration, error) { return 0, r.delay }

func TestRetryerThatFails(t *testing.T) {
	t.Parallel()
	s := answers(status(500, ""))
	refusal := errors.New("no leave")
	_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
		o.Retryer = &failingRetryer{token: refusal}
	})
	require.ErrorIs(t, err, refusal)
	require.Empty(t, s.At)

	_, err = gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
		o.Retryer = &failingRetryer{spyRetryer: spyRetryer{retries: true}, delay: refusal}
	})
	require.ErrorIs(t, err, refusal)
	var httpResponse *smithyhttp.ResponseError
	require.ErrorAs(t, err, &httpResponse)
}

// onceRetryer has a token for one attempt.
type onceRetryer struct {
	spyRetryer
	refusal error
	tokens  int
}

func (r *onceRetryer) GetAttemptToken(context.Context) (func(error) error, error) {
	if r.tokens++; r.tokens > 1 {
		return nil, r.refusal
	}
	return nil, nil
}

func TestAttemptTokenRefusedForARetry(t *testing.T) {
	t.Parallel()
	r := &onceRetryer{spyRetryer: spyRetryer{retries: true}, refusal: errors.New("no leave")}
	_, err := gamelift.New(answers(status(500, `{"__type":"InternalServiceException"}`)).Options(), func(o *gamelift.Options) { o.Retryer = r }).
		GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorIs(t, err, r.refusal)
	var internal *types.InternalServiceException
	require.ErrorAs(t, err, &internal, "the service's error is not lost")
	require.Contains(t, r.asked, "retry token settled, failed true")
}

// nilRetryer has nothing to settle.
type nilRetryer struct{ spyRetryer }

func (*nilRetryer) GetInitialToken() func(error) error { return nil }

func (*nilRetryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	return nil, nil
}

func TestRetryerWithNothingToSettle(t *testing.T) {
	t.Parallel()
	s := answers(status(500, ""), status(200, okBody))
	_, err := call(t, gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = &nilRetryer{spyRetryer{retries: true}} }))
	require.NoError(t, err)
}

// If a call ends while it waits, even at the moment when the wait is over, its
// retry token is settled.
func TestRetryTokenIsSettledWhenTheContextEndsWithTheWait(t *testing.T) {
	t.Parallel()
	for range 200 { // both timers fire at once, and either may win
		synctest.Test(t, func(t *testing.T) {
			spy := &delayedRetryer{spyRetryer{retries: true}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := gamelift.New(answers(status(500, "")).Options(), func(o *gamelift.Options) { o.Retryer = spy }).
				GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Contains(t, spy.asked, "retry token settled, failed true")
		})
	}
}

// delayedRetryer retries after a second.
type delayedRetryer struct{ spyRetryer }

func (r *delayedRetryer) RetryDelay(int, error) (time.Duration, error) { return time.Second, nil }

// If an HTTPClient or an interceptor panics in a retry, the caller can recover,
// and the retry quota is whole.
func TestPanicsCostNoRetryQuota(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"HTTPClient", "BeforeAttempt", "BeforeSigning", "AfterTransmit", "AfterAttempt"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests, panics := 0, true
				client := gamelift.New(answering(func(*http.Request) (*http.Response, error) {
					requests++
					if point == "HTTPClient" && panics && requests == 2 {
						panic("HTTPClient")
					}
					return response(500, ""), nil
				}), at(point, func(*smithyhttp.InterceptorContext) error {
					if panics && (requests == 2 || requests == 1 && strings.HasPrefix(point, "Before")) {
						panic(point)
					}
					return nil
				}))
				for range 100 { // a full quota pays for 35 retries
					requests = 0
					require.PanicsWithValue(t, point, func() { _, _ = client.GetComputeAuthToken(t.Context(), authTokenInput()) })
				}
				panics = false
				_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.RetryMaxAttempts = 36 })
				var exhausted *apierrors.MaxAttemptsError
				require.ErrorAs(t, err, &exhausted)
				require.Equal(t, 36, exhausted.Attempt)
			})
		})
	}
}

// The header counts with every Retryer, whatever delay it asks for itself.
func TestRetryAfterHeaderWithACustomRetryer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header string
		own    gamelift.Retryer
		want   time.Duration
	}{
		{"1500", &spyRetryer{retries: true}, 1500 * time.Millisecond},
		{"9000", &spyRetryer{retries: true}, 5 * time.Second},
		{"100", &delayedRetryer{spyRetryer{retries: true}}, time.Second},
		{"1500", &delayedRetryer{spyRetryer{retries: true}}, 1500 * time.Millisecond},
		{"1500", &spyRetryerV2{spyRetryer{retries: true}}, 1500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(503, "", "X-Amz-Retry-After", tt.header), status(200, okBody))
			_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = tt.own }).GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
			require.Equal(t, tt.want, s.At[1].Sub(s.At[0]))
		})
	}
}

// Status 429 is throttling, with or without a code that says so: a retry costs 5
// tokens of the quota rather than 14, and the delays are those of throttling.
func TestStatus429IsThrottling(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct {
		attempts   int
		throttling bool
	}{429: {101, true}, 503: {36, false}} {
		synctest.Test(t, func(t *testing.T) {
			s := answers(clienttest.Status(status, ""))
			_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.RetryMaxAttempts = 1000 }).
				GetComputeAuthToken(t.Context(), authTokenInput())
			require.ErrorContains(t, err, "quota")
			require.Len(t, s.At, want.attempts)
			require.Equal(t, want.throttling, apierrors.IsThrottling(err))
			longest := time.Duration(0) // of many random delays before the first retry
			for range 1000 {
				delay, delayErr := gamelift.NewRetryer().RetryDelay(1, err)
				require.NoError(t, delayErr)
				longest = max(longest, delay)
			}
			require.Equal(t, want.throttling, longest > 50*time.Millisecond, "up to a second after throttling")
		})
	}
}

// When the quota is used up, the error says so. The service's error and the
// retryer's own are both found.
func TestQuotaErrorIsJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := gamelift.New(answers(status(500, `{"__type":"InternalServiceException"}`)).Options(), func(o *gamelift.Options) { o.RetryMaxAttempts = 100 }).
			GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "retry quota exceeded")
		var internal *apierrors.InternalServiceException
		require.ErrorAs(t, err, &internal)
		var exhausted *apierrors.MaxAttemptsError
		require.NotErrorAs(t, err, &exhausted, "attempts were left")
	})
	refusal := errors.New("quota of my own")
	for _, retryer := range []gamelift.Retryer{poorRetryer{&spyRetryer{retries: true}, refusal}, poorRetryer{gamelift.NewRetryer(), refusal}} {
		_, err := gamelift.New(answers(status(500, `{"__type":"InternalServiceException"}`)).Options(), func(o *gamelift.Options) { o.Retryer = retryer }).
			GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorIs(t, err, refusal)
		var internal *apierrors.InternalServiceException
		require.ErrorAs(t, err, &internal)
		require.ErrorContains(t, err, refusal.Error())
	}
}

// poorRetryer has no retry tokens.
type poorRetryer struct {
	gamelift.Retryer
	refusal error
}

func (r poorRetryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	return nil, r.refusal
}

func TestNewRetryer_InACall(t *testing.T) {
	t.Parallel()
	t.Run("attempts and backoff", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(500, ""))
			_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
				o.Retryer = gamelift.NewRetryer(func(o *gamelift.RetryerOptions) { o.MaxAttempts, o.MaxBackoff = 5, 0 })
			}).GetComputeAuthToken(t.Context(), authTokenInput())
			require.Error(t, err)
			require.Len(t, s.At, 5)
			require.Zero(t, s.At[4].Sub(s.At[0]))
			require.Equal(t, "attempt=5; max=5", s.Headers[4].Get("Amz-Sdk-Request"))
		})
	})
	t.Run("quota of its own", func(t *testing.T) {
		t.Parallel()
		spend := func(r gamelift.Retryer) (retries int) {
			for ; ; retries++ {
				if _, err := r.GetRetryToken(t.Context(), errors.New("failed")); err != nil {
					return retries
				}
			}
		}
		require.Equal(t, 35, spend(gamelift.NewRetryer()))
		require.Equal(t, 35, spend(gamelift.NewRetryer()))
	})
	t.Run("wrapped", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(404, `{"__type":"NotFoundException"}`), status(200, okBody))
			_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = stubborn{gamelift.NewRetryer()} }).
				GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
			require.Len(t, s.At, 2)
		})
	})
}

// stubborn retries everything.
type stubborn struct{ gamelift.Retryer }

func (stubborn) IsErrorRetryable(error) bool { return true }

// Callers who leave while they wait for a retry cost no quota.
func TestCallersWhoLeaveKeepTheQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, ""))
		client := gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = waitsLong{gamelift.NewRetryer()} })
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := client.GetComputeAuthToken(ctx, authTokenInput())
			cancel()
			requireCanceled(t, err, context.DeadlineExceeded)
		}
		require.Len(t, s.At, 50)
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.NotContains(t, err.Error(), "quota")
	})
}

type waitsLong struct{ gamelift.Retryer }

func (waitsLong) RetryDelay(int, error) (time.Duration, error) { return time.Minute, nil }

// A retryer that wraps the standard one counts as it does.
func TestRetryDelayGetsTheNumberOfTheAttempt(t *testing.T) {
	for variable, want := range map[string][]string{"": {"delay 1", "delay 2"}, "true": {"delay 0", "delay 1"}} {
		t.Setenv("AWS_NEW_RETRIES_2026", variable)
		spy := &spyRetryer{retries: true}
		_, err := call(t, gamelift.New(answers(status(500, ""), status(500, ""), status(200, okBody)).Options(), func(o *gamelift.Options) { o.Retryer = spy }))
		require.NoError(t, err)
		delays := slices.DeleteFunc(spy.asked, func(s string) bool { return !strings.HasPrefix(s, "delay") })
		diff(t, want, delays)
	}
}
