package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

const okBody = `{"AuthToken":"token-1"}`

// script answers the requests of a test one after the other, the last answer
// for ever, and keeps when they came and with which headers.
type script struct {
	answers []func() (*http.Response, error)
	at      []time.Time
	headers []http.Header
}

func (s *script) Do(r *http.Request) (*http.Response, error) {
	s.at = append(s.at, time.Now())
	s.headers = append(s.headers, r.Header.Clone())
	answer := s.answers[min(len(s.at), len(s.answers))-1]
	if resp, err := answer(); resp != nil || err != nil {
		return resp, err
	}
	<-r.Context().Done() // an answer that never comes
	return nil, r.Context().Err()
}

func (s *script) options() gamelift.Options { return answering(s.Do) }

func answers(fns ...func() (*http.Response, error)) *script { return &script{answers: fns} }

func status(code int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return response(code, body, header...), nil }
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

func never() (*http.Response, error) { return nil, nil }

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
				out, err := gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput())
				if !tt.retried {
					require.Error(t, err)
					require.Len(t, s.at, 1)
					return
				}
				require.NoError(t, err)
				require.Equal(t, 3, gamelift.Attempts(out.ResultMetadata))
				require.Len(t, s.at, 3)
				require.LessOrEqual(t, s.at[1].Sub(s.at[0]), tt.base)
				require.LessOrEqual(t, s.at[2].Sub(s.at[1]), 2*tt.base)
			})
		})
		t.Run(tt.name+" persists", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tt.failure)
				_, err := gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput())
				var exhausted *apierrors.MaxAttemptsError
				require.Equal(t, tt.retried, errors.As(err, &exhausted))
				if tt.retried {
					require.Equal(t, 3, exhausted.Attempt)
					require.Len(t, s.at, 3)
				}
			})
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestAttemptHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(500, ""), status(500, ""), status(200, okBody))
		client := gamelift.New(s.options())
		for range 2 {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
		var progress []string
		ids := map[string]int{}
		for _, h := range s.headers {
			progress = append(progress, h.Get("Amz-Sdk-Request"))
			ids[h.Get("Amz-Sdk-Invocation-Id")]++
		}
		diff(t, []string{"attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3", "attempt=1; max=3"}, progress)
		require.Equal(t, 3, ids[s.headers[0].Get("Amz-Sdk-Invocation-Id")], "constant over the attempts of a call")
		require.Len(t, ids, 2, "another one for the next call")
	})
}

func TestMaxAttempts(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 5} {
		for _, ofTheCall := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := answers(status(500, ""))
				set := func(o *gamelift.Options) { o.RetryMaxAttempts = limit }
				var err error
				if ofTheCall {
					_, err = gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput(), set)
				} else {
					_, err = gamelift.New(s.options(), set).GetComputeAuthToken(t.Context(), authTokenInput())
				}
				var exhausted *apierrors.MaxAttemptsError
				require.ErrorAs(t, err, &exhausted)
				require.Equal(t, limit, exhausted.Attempt)
				require.Len(t, s.at, limit)
				require.Equal(t, fmt.Sprintf("attempt=1; max=%d", limit), s.headers[0].Get("Amz-Sdk-Request"))
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
				_, err := gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput())
				require.NoError(t, err)
				waited := s.at[1].Sub(s.at[0])
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
		client := gamelift.New(s.options(), func(o *gamelift.Options) { o.RetryMaxAttempts = 100 })
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.Len(t, s.at, 36)
		var internal *types.InternalServiceException
		require.ErrorAs(t, err, &internal)
		var exhausted *apierrors.MaxAttemptsError
		require.False(t, errors.As(err, &exhausted))

		s.answers = []func() (*http.Response, error){status(200, okBody)}
		for range 4 { // 10 tokens are left
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
		s.at, s.answers = nil, []func() (*http.Response, error){status(500, ""), status(500, ""), status(200, okBody)}
		_, err = client.GetComputeAuthToken(t.Context(), authTokenInput())
		require.Error(t, err)
		require.Len(t, s.at, 2, "14 tokens pay for one retry")
	})
}

func TestRetryQuotaIsPaidBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failures []func() (*http.Response, error)
		for range 200 {
			failures = append(failures, status(500, ""), status(200, okBody))
		}
		s := answers(failures...)
		client := gamelift.New(s.options())
		for range 200 {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
			require.NoError(t, err)
		}
	})
}

func TestDoneContext(t *testing.T) {
	t.Parallel()
	t.Run("before the call", func(t *testing.T) {
		t.Parallel()
		s := answers(status(200, okBody))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := gamelift.New(s.options()).GetComputeAuthToken(ctx, authTokenInput())
		requireCanceled(t, err, context.Canceled)
		require.Empty(t, s.at)
	})
	t.Run("in the attempt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(never)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := gamelift.New(s.options()).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))
			require.Len(t, s.at, 1)
		})
	})
	t.Run("in the body", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			s := answers(func() (*http.Response, error) {
				resp := response(200, "")
				resp.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
					<-ctx.Done()
					return 0, ctx.Err()
				}))
				return resp, nil
			})
			_, err := gamelift.New(s.options()).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Len(t, s.at, 1)
		})
	})
	t.Run("in the wait", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(503, "", "X-Amz-Retry-After", "4000"))
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("shutting down"))
			defer cancel()
			start := time.Now()
			_, err := gamelift.New(s.options()).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))
			require.ErrorContains(t, err, "shutting down")
			var response *apierrors.ResponseError
			require.ErrorAs(t, err, &response, "the error that was to be retried is not lost")
			require.Equal(t, 503, response.HTTPStatusCode())
		})
	})
	t.Run("in the credentials", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(200, okBody))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			options := s.options()
			options.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
				<-ctx.Done()
				return gamelift.Credentials{}, ctx.Err()
			})
			_, err := gamelift.New(options).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Empty(t, s.at)
		})
	})
}

func requireCanceled(t *testing.T, err, cause error) {
	t.Helper()
	var operation *smithy.OperationError
	require.ErrorAs(t, err, &operation)
	var canceled *smithy.CanceledError
	require.ErrorAs(t, err, &canceled)
	require.ErrorIs(t, err, cause)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	stalled := func() (*http.Response, error) {
		r, _ := io.Pipe()
		resp := response(200, "")
		resp.ContentLength, resp.Body = -1, r
		return resp, nil
	}
	for name, slow := range map[string]func() (*http.Response, error){"headers": never, "body": stalled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(slow, status(200, okBody))
				client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
					resp, err := s.Do(r)
					if err == nil && resp.ContentLength < 0 { // a transport ends the body with the context
						pipe := resp.Body.(*io.PipeReader)
						context.AfterFunc(r.Context(), func() { pipe.CloseWithError(context.Cause(r.Context())) })
					}
					return resp, err
				}), func(o *gamelift.Options) { o.AttemptTimeout = 2 * time.Second })
				start := time.Now()
				out, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
				require.NoError(t, err)
				require.Equal(t, 2, gamelift.Attempts(out.ResultMetadata))
				require.Less(t, time.Since(start), 2*time.Second+51*time.Millisecond)

				s.answers = s.answers[:1]
				_, err = client.GetComputeAuthToken(t.Context(), authTokenInput())
				var exhausted *apierrors.MaxAttemptsError
				require.ErrorAs(t, err, &exhausted)
				var timeout interface{ Timeout() bool }
				require.ErrorAs(t, err, &timeout)
				require.True(t, timeout.Timeout())
				require.ErrorContains(t, err, "AttemptTimeout of 2s")
				var canceled *smithy.CanceledError
				require.False(t, errors.As(err, &canceled), "the caller's context is not done")
			})
		})
	}
}

func TestAttemptTimeoutBoundsTheCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(status(200, okBody))
		options := s.options()
		calls := 0
		options.AttemptTimeout = time.Second
		options.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
			if calls++; calls == 1 {
				<-ctx.Done()
				return gamelift.Credentials{}, ctx.Err()
			}
			return testCredentials().Retrieve(ctx)
		})
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
		require.Equal(t, 2, calls)
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
func (r *spyRetryer) MaxAttempts() int            { return 0 }
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
	_, err := gamelift.New(s.options(), func(o *gamelift.Options) { o.Retryer = v1 }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	diff(t, []string{
		"initial token", "initial token settled, failed true", "retryable", "retry token", "delay 1",
		"retry token settled, failed true", "retryable", "retry token", "delay 2",
		"retry token settled, failed false",
	}, v1.asked)
	require.Equal(t, "attempt=1", s.headers[0].Get("Amz-Sdk-Request"), "no limit")

	s = answers(status(500, ""), status(200, okBody))
	v2 := &spyRetryerV2{spyRetryer{retries: true}}
	_, err = gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.Retryer = v2 })
	require.NoError(t, err)
	diff(t, []string{
		"attempt token", "attempt token settled, failed true", "retryable", "retry token", "delay 1",
		"attempt token", "retry token settled, failed false", "attempt token settled, failed false",
	}, v2.asked)

	s = answers(status(500, ""))
	stubborn := &spyRetryer{}
	_, err = gamelift.New(s.options(), func(o *gamelift.Options) { o.Retryer = stubborn }).GetComputeAuthToken(t.Context(), authTokenInput())
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
	_, err := gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
		o.Retryer = &failingRetryer{token: refusal}
	})
	require.ErrorIs(t, err, refusal)
	require.Empty(t, s.at)

	_, err = gamelift.New(s.options()).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) {
		o.Retryer = &failingRetryer{spyRetryer: spyRetryer{retries: true}, delay: refusal}
	})
	require.ErrorIs(t, err, refusal)
	var httpResponse *smithyhttp.ResponseError
	require.ErrorAs(t, err, &httpResponse)
}

func TestAttemptTimeoutIsReleased(t *testing.T) {
	t.Parallel()
	var ctx context.Context
	options := answering(func(r *http.Request) (*http.Response, error) { ctx = r.Context(); return response(200, okBody), nil })
	options.AttemptTimeout = time.Hour
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.Error(t, ctx.Err(), "the attempt's timer outlives it")
}

func TestAttemptTimeoutWithInterceptors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(never, status(200, okBody))
		_, err := gamelift.New(s.options(), func(o *gamelift.Options) { o.AttemptTimeout = time.Second }).
			GetComputeAuthToken(t.Context(), authTokenInput(), at("BeforeAttempt", func(*smithyhttp.InterceptorContext) error { return nil }))
		require.NoError(t, err)
		require.Len(t, s.at, 2)
	})
}

func TestDoneContextInTheAttemptToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := gamelift.New(answers(status(200, okBody)).options(), func(o *gamelift.Options) { o.Retryer = &waitingRetryer{} }).GetComputeAuthToken(ctx, authTokenInput())
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

type waitingRetryer struct{ spyRetryer }

func (*waitingRetryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	<-ctx.Done()
	return nil, errors.New("in its own words")
}

func TestDoneContextBesideAnError(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		options := answering(func(*http.Request) (*http.Response, error) { cancel(); return response(500, ""), nil })
		options.RetryMaxAttempts = attempts
		_, err := gamelift.New(options).GetComputeAuthToken(ctx, authTokenInput())
		require.ErrorIs(t, err, context.Canceled)
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
		var re *apierrors.ResponseError
		require.ErrorAs(t, err, &re, "the attempt's error is not lost")
	}
}

func TestAttemptTimeoutIsANetError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := gamelift.New(answers(never).options(), func(o *gamelift.Options) { o.AttemptTimeout = time.Second }, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
		var netErr net.Error
		require.ErrorAs(t, err, &netErr)
		require.True(t, netErr.Timeout())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var canceled *smithy.CanceledError
		require.False(t, errors.As(err, &canceled), "the caller's own deadline is a CanceledError")
	})
}

// stuckRetryer waits for a retry token, or for the time of a retry, for ever.
type stuckRetryer struct {
	spyRetryer
	inToken bool
}

func (r *stuckRetryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	if r.inToken {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return r.spyRetryer.GetRetryToken(ctx, err)
}
func (*stuckRetryer) RetryDelay(int, error) (time.Duration, error) { return 1 << 62, nil }

func TestDoneContextInTheRetryer(t *testing.T) {
	t.Parallel()
	for _, inToken := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			r := &stuckRetryer{spyRetryer: spyRetryer{retries: true}, inToken: inToken}
			_, err := gamelift.New(answers(status(500, "")).options(), func(o *gamelift.Options) { o.Retryer = r }).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Equal(t, !inToken, slices.Contains(r.asked, "retry token settled, failed true"), "a token that was taken is settled")
		})
	}
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
	_, err := gamelift.New(answers(status(500, `{"__type":"InternalServiceException"}`)).options(), func(o *gamelift.Options) { o.Retryer = r }).
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
	_, err := call(t, gamelift.New(s.options(), func(o *gamelift.Options) { o.Retryer = &nilRetryer{spyRetryer{retries: true}} }))
	require.NoError(t, err)
}

// A clock that was off is corrected without the Retryer's leave, within the
// attempts that there are.
func TestClockCorrectionDoesNotAskTheRetryer(t *testing.T) {
	t.Parallel()
	ahead := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	s := answers(status(403, `{"__type":"InvalidSignatureException"}`, "Date", ahead, "X-Amzn-Requestid", "r-1"), status(200, okBody))
	stubborn := &spyRetryer{}
	_, err := call(t, gamelift.New(s.options(), func(o *gamelift.Options) { o.Retryer = stubborn }))
	require.NoError(t, err)
	require.NotContains(t, stubborn.asked, "retryable")
}
