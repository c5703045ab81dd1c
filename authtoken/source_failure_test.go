package authtoken

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// With no valid token, those who waited get the error, and later ones the
// outcome of the next fetch, which starts after the back-off.
func TestSource_Token_FailureAndRecovery(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: 500, Count: 8})
		s := w.source()
		var failedAt []time.Duration
		for {
			_, err := s.Token(w.Context())
			if err == nil {
				break
			}
			var response *apierrors.ResponseError
			require.ErrorAs(w, err, &response)
			failedAt = append(failedAt, time.Since(w.start)/time.Second)
		}
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123}
		if diff := cmp.Diff(want, failedAt); diff != "" {
			w.Errorf("seconds of failures (-want +got):\n%s", diff)
		}
		assert.Equal(w, 183*time.Second, time.Since(w.start))
		w.wantRequests(9)
	})
}

func TestSource_Token_WaitForBackoffNamesTheLastFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Code: "InternalServiceException"})
		s := w.source()
		_, err := s.Token(w.Context())
		require.Error(w, err)

		ctx, cancel := context.WithTimeout(w.Context(), time.Second/2)
		defer cancel()
		_, err = s.Token(ctx)
		require.ErrorIs(w, err, context.DeadlineExceeded)
		var internal *apierrors.InternalServiceException
		require.ErrorAs(w, err, &internal)

		_, err = s.Token(ctx) // whose end is no news
		require.ErrorIs(w, err, context.DeadlineExceeded)
		require.ErrorAs(w, err, &internal)

		// Nobody waits any more: nothing is sent.
		w.sleepTo(time.Minute)
		w.wantRequests(1)
		w.awaitToken(s)

		// That failure is history now.
		w.sleepTo(life + time.Minute)
		w.stub.Inject(gamelifttest.Fault{Delay: time.Minute})
		ctx, cancel = context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		_, err = s.Token(ctx)
		require.ErrorIs(w, err, context.DeadlineExceeded)
		require.False(w, errors.As(err, &internal))
		w.sleepTo(life + 2*time.Minute)
	})
}

// Failures keep the valid token, and their back-off grows while it is asked for.
func TestSource_Token_FailuresInTheWindowKeepTheToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		first := w.awaitToken(s)
		w.stub.Inject(gamelifttest.Fault{Status: 503, Count: -1})
		renewAt := life - window + entry
		for at := renewAt; at < life; at += 500 * time.Millisecond {
			w.sleepTo(at)
			require.Equal(w, first.Value, w.token(s).Value)
		}
		var offsets []time.Duration
		for _, at := range w.requestTimes()[1:10] {
			offsets = append(offsets, (at-renewAt)/time.Second)
		}
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183}
		if diff := cmp.Diff(want, offsets); diff != "" {
			w.Errorf("seconds of requests (-want +got):\n%s", diff)
		}
		w.sleepTo(life)
		_, err := s.Token(w.Context())
		require.Error(w, err, "the token has ended")
	})
}

func TestSource_Token_Timeout(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Delay: time.Hour})
		s := w.source(func(o *Options) { o.Timeout = 5 * time.Second })
		_, err := s.Token(w.Context())
		assert.ErrorContains(w, err, "Timeout of 5s")
		require.NotErrorIs(w, err, context.DeadlineExceeded, "which would look like the caller's own deadline")
		require.ErrorIs(w, err, os.ErrDeadlineExceeded)
		assert.Equal(w, 5*time.Second, time.Since(w.start))
	})
}

// A context error of the API is not found in a FetchError: it would look like the
// end of the caller's own context.
func TestSource_Token_ContextErrorOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err     error
		timeout bool
	}{{context.DeadlineExceeded, true}, {context.Canceled, false}} {
		s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
			return nil, fmt.Errorf("from within: %w", test.err)
		}), fleet, name)
		_, err := s.Token(t.Context())
		require.ErrorContains(t, err, "from within")
		require.NotErrorIs(t, err, test.err)
		assert.Equal(t, test.timeout, errors.Is(err, os.ErrDeadlineExceeded))
	}
}

func TestSource_Token_PermanentErrors(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"UnauthorizedException", "InvalidRequestException", "AccessDeniedException", "ValidationException", "UnsupportedRegionException",
	} {
		inBubble(t, func(w *world) {
			w.stub.Inject(gamelifttest.Fault{Code: code, Status: 400, Count: 2})
			s := w.source()
			for range 1000 {
				_, err := s.Token(w.Context())
				require.ErrorContains(w, err, code)
			}
			assert.Zero(w, time.Since(w.start), "at once")
			w.wantRequests(1)

			w.sleepTo(time.Minute - 1)
			_, err := s.Token(w.Context())
			require.ErrorContains(w, err, code)
			w.wantRequests(1)

			w.sleepTo(time.Minute)
			_, err = s.Token(w.Context())
			require.ErrorContains(w, err, code)
			w.wantRequests(2)

			w.sleepTo(2 * time.Minute)
			w.awaitToken(s)
		})
	}
}

// An empty ID is reported by all methods, and costs no request.
func TestSource_EmptyID(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		for _, test := range []struct {
			id      computeID
			missing string
		}{
			{computeID{"", name}, "GetComputeAuthTokenInput.FleetId"},
			{computeID{fleet, ""}, "GetComputeAuthTokenInput.ComputeName"},
			{computeID{"arn:aws:gamelift:us-west-2:111122223333:fleet/", name}, "GetComputeAuthTokenInput.FleetId"},
		} {
			s, p := NewSource(w.client, test.id.fleet, test.id.name), w.pool()
			for _, call := range []func() error{
				func() error { _, err := s.Token(ctx); return err },
				func() error { return s.Run(ctx) },
				func() error { _, err := p.Token(ctx, test.id.fleet, test.id.name); return err },
			} {
				err := call()
				var invalid smithy.InvalidParamsError
				require.ErrorAs(w, err, &invalid)
				require.ErrorContains(w, err, test.missing)
			}
			assert.Equal(w, Stats{}, p.Stats())
		}
		assert.Zero(w, time.Since(w.start), "at once")
	})
}

func TestSource_UnusableResponses(t *testing.T) {
	t.Parallel()
	expires := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		out  *gamelift.GetComputeAuthTokenOutput
		want string
	}{
		{"nil", nil, "no AuthToken"},
		{"no token", &gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: &expires}, "no AuthToken"},
		{"empty token", &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr(""), ExpirationTimestamp: &expires}, "no AuthToken"},
		{"no expiry", &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr("canary")}, "no ExpirationTimestamp"},
		{"expired", &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr("canary"), ExpirationTimestamp: &expires}, "already expired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
					return test.out, nil
				}), fleet, name)
				_, err := s.Token(t.Context())
				require.ErrorContains(t, err, test.want)
				assert.NotContains(t, err.Error(), "canary")
			})
		})
	}
}

// If the API panics or ends its goroutine, as t.FailNow does, the fetch fails, and
// the next one is not affected.
func TestSource_APIThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(){
		"API did not return": runtime.Goexit,
		"API panicked":       func() { panic("canary") },
	} {
		inBubble(t, func(w *world) {
			calls := 0
			s := NewSource(apiFunc(func(ctx context.Context, in *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
				if calls++; calls == 1 {
					spoil()
				}
				return w.client.GetComputeAuthToken(ctx, in)
			}), fleet, name, middling)
			_, err := s.Token(w.Context())
			require.ErrorContains(w, err, want)
			assert.NotContains(w, err.Error(), "canary")
			w.awaitToken(s)
			assert.Equal(w, time.Second, time.Since(w.start))
		})
	}
}

// The client does not retry by itself.
func TestSource_OneAttempt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: 500})
		s := w.source()
		_, err := s.Token(w.Context())
		require.Error(w, err)
		w.wantRequests(1)
	})
}

// A second attempt is for another signature. It is not a retry.
func TestSource_SecondAttemptIsNoRetry(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Code: "ExpiredTokenException"})
		w.stub.Inject(gamelifttest.Fault{Status: 500})
		s := w.source()
		_, err := s.Token(w.Context())
		require.ErrorContains(w, err, "500")
		w.wantRequests(2)
	})
}
