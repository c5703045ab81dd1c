package gamelift_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
)

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

				s.Answers = s.Answers[:1]
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
		options := s.Options()
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
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.AttemptTimeout = time.Second }).
			GetComputeAuthToken(t.Context(), authTokenInput(), at("BeforeAttempt", func(*smithyhttp.InterceptorContext) error { return nil }))
		require.NoError(t, err)
		require.Len(t, s.At, 2)
	})
}

func TestAttemptTimeoutIsANetError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := gamelift.New(answers(never).Options(), func(o *gamelift.Options) { o.AttemptTimeout = time.Second }, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
		var netErr net.Error
		require.ErrorAs(t, err, &netErr)
		require.True(t, netErr.Timeout())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var canceled *smithy.CanceledError
		require.False(t, errors.As(err, &canceled), "the caller's own deadline is a CanceledError")
	})
}

func TestDoneContext(t *testing.T) {
	t.Parallel()
	t.Run("before the call", func(t *testing.T) {
		t.Parallel()
		s := answers(status(200, okBody))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(ctx, authTokenInput())
		requireCanceled(t, err, context.Canceled)
		require.Empty(t, s.At)
	})
	t.Run("in the attempt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(never)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := gamelift.New(s.Options()).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))
			require.Len(t, s.At, 1)
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
			_, err := gamelift.New(s.Options()).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Len(t, s.At, 1)
		})
	})
	t.Run("in the wait", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := answers(status(503, "", "X-Amz-Retry-After", "4000"))
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("shutting down"))
			defer cancel()
			start := time.Now()
			_, err := gamelift.New(s.Options()).GetComputeAuthToken(ctx, authTokenInput())
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
			options := s.Options()
			options.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
				<-ctx.Done()
				return gamelift.Credentials{}, ctx.Err()
			})
			_, err := gamelift.New(options).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Empty(t, s.At)
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

func TestDoneContextInTheAttemptToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) { o.Retryer = &waitingRetryer{} }).GetComputeAuthToken(ctx, authTokenInput())
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

func TestDoneContextWithAnError(t *testing.T) {
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
			_, err := gamelift.New(answers(status(500, "")).Options(), func(o *gamelift.Options) { o.Retryer = r }).GetComputeAuthToken(ctx, authTokenInput())
			requireCanceled(t, err, context.DeadlineExceeded)
			require.Equal(t, !inToken, slices.Contains(r.asked, "retry token settled, failed true"), "a token that was taken is settled")
		})
	}
}

// A call whose context has no deadline does not hang for ever: each of its
// attempts has 30 seconds, for the body too. A call that has a deadline has no
// other bound, and a negative AttemptTimeout is none.
func TestAttemptTimeout_Default(t *testing.T) {
	t.Parallel()
	stalled := func(r *http.Request) (*http.Response, error) {
		resp := response(200, "")
		resp.ContentLength, resp.Body = -1, io.NopCloser(readerFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}))
		return resp, nil
	}
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for _, tt := range []struct {
		name     string
		option   time.Duration
		deadline time.Duration // of the call; 0 means none
		attempts int
		atLeast  time.Duration // before the call returns
		canceled bool          // the error is a *smithy.CanceledError
	}{
		{"no deadline", 0, 0, 3, 90 * time.Second, false},
		{"deadline", 0, 10 * time.Minute, 1, 10 * time.Minute, true},
		{"negative", -1, 10 * time.Minute, 1, 10 * time.Minute, true},
		{"positive, no deadline", 5 * time.Second, 0, 3, 15 * time.Second, false},
		{"positive, deadline", 5 * time.Second, 12 * time.Second, 3, 12 * time.Second, true},
	} {
		for part, answer := range map[string]func(*http.Request) (*http.Response, error){"headers": silent, "body": stalled} {
			t.Run(tt.name+"/"+part, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					attempts := 0
					client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
						attempts++
						return answer(r)
					}), func(o *gamelift.Options) { o.AttemptTimeout = tt.option })
					ctx := context.Background()
					if tt.deadline > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
						defer cancel()
					}
					start := time.Now()
					_, err := client.GetComputeAuthToken(ctx, authTokenInput())
					took := time.Since(start)
					require.Error(t, err)
					require.GreaterOrEqual(t, took, tt.atLeast)
					require.Less(t, took, tt.atLeast+time.Second, "the delays before two retries")
					require.Equal(t, tt.attempts, attempts)
					require.ErrorIs(t, err, context.DeadlineExceeded)
					_, canceled := errors.AsType[*smithy.CanceledError](err)
					require.Equal(t, tt.canceled, canceled)
				})
			})
		}
	}
}

func TestAttemptTimeout_NegativeMeansNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(never)
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(24*time.Hour, cancel).Stop()
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.AttemptTimeout = -1 }).GetComputeAuthToken(ctx, authTokenInput())
		requireCanceled(t, err, context.Canceled)
		require.Len(t, s.At, 1)
	})
}

// A call with a deadline does not pay for a timer that it does not need.
func TestAttemptTimeout_CallsWithADeadlineHaveNoTimer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		ctx     func() (context.Context, context.CancelFunc)
		bounded bool
	}{
		{"no deadline", func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) }, true},
		{"deadline", func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), time.Hour) }, false},
	} {
		ctx, cancel := tt.ctx()
		defer cancel()
		want, _ := ctx.Deadline()
		_, err := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
			got, _ := r.Context().Deadline()
			require.Equal(t, tt.bounded, !got.Equal(want), tt.name)
			return response(200, okBody), nil
		})).GetComputeAuthToken(ctx, authTokenInput())
		require.NoError(t, err)
	}
}

// If the credentials take too long, the error says so.
func TestAttemptTimeoutNamesTheCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := gamelift.New(answers(status(200, okBody)).Options(), oneAttempt, func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
				<-ctx.Done()
				return gamelift.Credentials{}, ctx.Err()
			})
		}).GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "retrieve credentials: attempt exceeded the AttemptTimeout")
	})
}
