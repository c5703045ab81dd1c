package authtoken

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
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

func TestSource_Token(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		token, err := s.Token(w.Context())
		require.NoError(w, err)
		want := Token{Value: token.Value, Expires: w.start.Add(3 * time.Hour).UTC(), FleetID: fleet, ComputeName: name}
		if diff := cmp.Diff(want, token, cmp.Transformer("plain", func(t Token) [2]any { return [2]any{t.Value, t.Expires} })); diff != "" {
			w.Errorf("token (-want +got):\n%s", diff)
		}
		assert.Len(w, token.Value, 36)
		w.wantRequests(1)
	})
}

// The window is entered at renewAt and the token ends at expiresAt, to the
// nanosecond.
func TestSource_Token_Edges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		first, err := s.Token(w.Context())
		require.NoError(w, err)

		renewAt := life - window + entry
		w.sleepTo(renewAt - 1)
		assert.Equal(w, first.Value, w.token(s).Value)
		w.wantRequests(1)

		w.sleepTo(renewAt)
		assert.Equal(w, first.Value, w.token(s).Value, "in the window the current token is returned")
		w.wantRequests(2)
		second := w.token(s)
		assert.NotEqual(w, first.Value, second.Value)

		// Nobody asks until the second token has ended.
		expiresAt := s.compute.expiresAt
		w.sleepTo(expiresAt - 1)
		w.stub.Inject(gamelifttest.Fault{Delay: time.Second})
		assert.Equal(w, second.Value, w.token(s).Value, "valid to the end")
		w.wantRequests(3) // and renewed in the background
		w.sleepTo(expiresAt + time.Second)

		expiresAt = s.compute.expiresAt
		w.sleepTo(expiresAt)
		w.stub.Inject(gamelifttest.Fault{Delay: time.Second})
		fourth, err := s.Token(w.Context())
		require.NoError(w, err)
		assert.Equal(w, expiresAt+time.Second, time.Since(w.start), "a caller waits for the fetch")
		assert.WithinDuration(w, w.start.Add(expiresAt).Add(3*time.Hour), fourth.Expires, time.Second)
	})
}

func TestSource_Token_ConcurrentCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Delay: time.Second})
		s := w.source()
		var wg sync.WaitGroup
		var values sync.Map
		for range 10_000 {
			wg.Go(func() {
				token, err := s.Token(w.Context())
				if err != nil {
					w.Error(err)
				}
				values.Store(token.Value, true)
			})
		}
		wg.Wait()
		w.wantRequests(1)
		distinct := 0
		values.Range(func(any, any) bool { distinct++; return true })
		assert.Equal(w, 1, distinct)
	})
}

func TestSource_Token_WaitersLeaveOnTheirOwnContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Delay: 10 * time.Second})
		s := w.source()
		patient := make(chan error, 1)
		impatient := make(chan error, 1)
		ctx, cancel := context.WithTimeout(w.Context(), 3*time.Second)
		defer cancel()
		go func() { _, err := s.Token(ctx); impatient <- err }() // whose call starts the fetch
		synctest.Wait()
		go func() { _, err := s.Token(w.Context()); patient <- err }()

		err := <-impatient
		assert.Equal(w, 3*time.Second, time.Since(w.start))
		require.ErrorIs(w, err, context.DeadlineExceeded)
		var failure *FetchError
		require.ErrorAs(w, err, &failure)
		assert.Equal(w, [2]string{fleet, name}, [2]string{failure.FleetID, failure.ComputeName})

		require.NoError(w, <-patient)
		assert.Equal(w, 10*time.Second, time.Since(w.start))
		w.wantRequests(1)
	})
}

func TestSource_Token_FetchGoesOnWhenAllHaveLeft(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Delay: 10 * time.Second})
		s := w.source()
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		_, err := s.Token(ctx)
		require.ErrorIs(w, err, context.DeadlineExceeded)
		w.sleepTo(10 * time.Second)
		w.token(s)
		w.wantRequests(1)
	})
}

func TestSource_Token_DoneContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		w.sleepTo(time.Second)
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		_, err := s.Token(ctx)
		require.ErrorIs(w, err, context.Canceled)
		assert.Empty(w, s.fetcher.schedule.totals)
		assert.Nil(w, s.compute.queued.In())
		assert.Zero(w, s.compute.waitingSince, "it has not even asked")

		w.token1(s)
		w.sleepTo(time.Minute)
		_, err = s.Token(ctx)
		require.NoError(w, err, "there is a token, nothing is to be waited for")
	})
}

// token1 waits for the first token.
func (w *world) token1(s *Source) Token {
	w.Helper()
	token, err := s.Token(w.Context())
	require.NoError(w, err)
	return token
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

// A context error that is not the caller's looks like none.
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
		w.token1(s)

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

// When the last caller leaves during a back-off, no goroutine stays to wait for
// its end: the bubble would not close.
func TestSource_Token_NothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: 500})
		s := w.source()
		_, err := s.Token(w.Context())
		require.Error(w, err)
		ctx, cancel := context.WithTimeout(w.Context(), time.Millisecond)
		defer cancel()
		_, err = s.Token(ctx)
		require.ErrorIs(w, err, context.DeadlineExceeded)
	})
}

// Failures keep the valid token, and their back-off grows while it is asked for.
func TestSource_Token_FailuresInTheWindowKeepTheToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		first := w.token1(s)
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
			w.token1(s)
		})
	}
}

func TestSource_Token_InvalidParams(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := NewSource(w.client, "", name, middling)
		for range 3 {
			_, err := s.Token(w.Context())
			var invalid smithy.InvalidParamsError
			var pointer *smithy.InvalidParamsError
			require.True(w, errors.As(err, &invalid) || errors.As(err, &pointer), "%v", err)
		}
		assert.Zero(w, time.Since(w.start), "at once")
		assert.True(w, isPermanent(smithy.InvalidParamsError{}))
		assert.True(w, isPermanent(&smithy.InvalidParamsError{}))
	})
}

func TestSource_Token_NotFoundAtStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		absent    time.Duration
		startup   time.Duration
		wantErr   bool
		wantTimes []time.Duration // of requests, in seconds
	}{
		{"found in time", 10 * time.Second, 0, false, []time.Duration{0, 1, 3, 7, 15}},
		{"found at the last moment", 180 * time.Second, 0, false, []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 180}},
		{"found too late", 180*time.Second + 1, 0, true, []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 180}},
		{"own window", time.Hour, 5 * time.Second, true, []time.Duration{0, 1, 3, 5}},
		{"no window", time.Hour, -1, true, []time.Duration{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "new", AbsentFor: test.absent})
				s := NewSource(w.client, fleet, "new", middling, func(o *Options) { o.StartupWindow = test.startup })
				_, err := s.Token(w.Context())
				if test.wantErr {
					var missing *apierrors.NotFoundException
					require.ErrorAs(w, err, &missing)
				} else {
					require.NoError(w, err)
				}
				times := w.requestTimes()
				for i := range times {
					times[i] /= time.Second
				}
				if diff := cmp.Diff(test.wantTimes, times); diff != "" {
					w.Errorf("seconds of requests (-want +got):\n%s", diff)
				}
				if test.wantErr {
					at := time.Since(w.start)
					_, err := s.Token(w.Context())
					require.Error(w, err)
					assert.Equal(w, at, time.Since(w.start), "from now on at once")
					w.wantRequests(len(test.wantTimes))
				}
			})
		})
	}
}

// The window counts from the moment when the first request was sent.
func TestSource_Token_StartupWindowWithSlowAnswers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Delay: 20 * time.Second, Count: -1})
		s := NewSource(w.client, fleet, "unknown", middling, func(o *Options) { o.StartupWindow = 30 * time.Second })
		_, err := s.Token(w.Context())
		require.Error(w, err)
		assert.Equal(w, 41*time.Second, time.Since(w.start), "the second answer is after the window")
	})
}

// A caller that leaves in the start-up window takes nobody with it, and what
// it is told names the reason.
func TestSource_Token_LeaveInTheStartupWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "new", AbsentFor: 5 * time.Second})
		s := NewSource(w.client, fleet, "new", middling)
		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		defer cancel()
		left := make(chan error, 1)
		go func() { _, err := s.Token(ctx); left <- err }()
		w.token1(s)
		assert.Equal(w, 7*time.Second, time.Since(w.start))
		err := <-left
		require.ErrorIs(w, err, context.DeadlineExceeded)
		assert.ErrorContains(w, err, "NotFoundException")
	})
}

// The start-up window opens anew after a token: a compute that is registered
// again can be missing for a while.
func TestSource_Token_NotFoundAfterAToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: time.Second})
		s := w.source()
		w.token1(s)
		w.sleepTo(s.compute.expiresAt)
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: 20 * time.Second})
		asked := time.Since(w.start)
		w.token1(s)
		assert.Equal(w, 31*time.Second, time.Since(w.start)-asked)
	})
}

func TestSource_Token_WrongLocalClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				s := w.source()
				first := w.token1(s)
				assert.Zero(w, time.Since(w.start))
				assert.WithinDuration(w, time.Now().Add(off+3*time.Hour), first.Expires, time.Millisecond)
				w.wantRequests(3)

				renewAt := s.compute.renewAt
				assert.InDelta(w, life-window+entry, renewAt, float64(time.Second))
				w.sleepTo(renewAt - 1)
				w.token(s)
				w.wantRequests(3)
				w.sleepTo(renewAt)
				w.token(s)
				w.wantRequests(4)
			}, func(o *gamelifttest.Options) { o.Now = func() time.Time { return time.Now().Add(off) } })
		})
	}
}

func TestSource_Token_WithoutDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
			out := &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr("t"), ExpirationTimestamp: ptr(time.Now().Add(time.Hour))}
			time.Sleep(7 * time.Second)
			return out, nil
		}), fleet, name)
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, time.Hour, s.compute.expiresAt, "by the local clock, from the moment the request was sent")
		assert.Equal(t, [2]string{fleet, name}, [2]string{token.FleetID, token.ComputeName}, "as asked for")
	})
}

// While a host is suspended its monotonic clock stands still. The first call
// after that does not return the token that expired meanwhile.
func TestSource_Token_SuspendedHost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		s := w.source(host.clocks)
		w.token1(s)
		w.sleepTo(time.Minute)
		w.token(s)

		slept := 4 * time.Hour
		host.slept.Store(int64(slept))
		w.stub.Inject(gamelifttest.Fault{Delay: time.Second})
		w.token1(s)
		assert.Equal(w, time.Minute+time.Second, time.Since(w.start), "waited for a fetch")
		w.wantRequests(2)

		// Suspended for a part of its life: the window comes earlier by as much.
		w.sleepTo(time.Hour)
		w.token(s)
		host.slept.Add(int64(time.Hour))
		renewAt := s.compute.renewAt - slept - time.Hour
		w.sleepTo(renewAt - 1)
		w.token(s)
		w.wantRequests(2)
		w.sleepTo(renewAt)
		w.token(s)
		w.wantRequests(3)
	})
}

// A sleep is noticed, too, after the wall clock was set back by more.
func TestSource_Token_SuspendedAfterSetBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		s := w.source(host.clocks)
		w.token1(s)
		host.slept.Store(int64(-24 * time.Hour))
		w.sleepTo(time.Minute)
		w.token(s)
		w.wantRequests(1)
		host.slept.Add(int64(4 * time.Hour))
		w.sleepTo(2 * time.Minute)
		w.token1(s)
		w.wantRequests(2)
	})
}

func TestSource_Run_SuspendedHost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		s := w.source(host.clocks)
		defer runInBackground(w, s.Run)()
		w.wantRequests(1)
		w.sleepTo(time.Minute)
		host.slept.Store(int64(4 * time.Hour))
		w.sleepTo(time.Minute + lookAgain)
		w.wantRequests(2)
	})
}

// A service that does not renew in time is asked with back-off.
func TestSource_Run_SameTokenInTheWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		defer runInBackground(w, s.Run)()
		w.sleepTo(life)
		renewAt := life - window + entry
		var offsets []time.Duration
		for _, at := range w.requestTimes()[1:] {
			offsets = append(offsets, (at-renewAt)/time.Second)
		}
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483, 543, 603, 663, 723, 783, 843}
		if diff := cmp.Diff(want, offsets); diff != "" {
			w.Errorf("seconds of requests (-want +got):\n%s", diff)
		}
	}, func(o *gamelifttest.Options) { o.TokenRenewal = time.Nanosecond })
}

func within(d time.Duration) func(a, b time.Duration) bool {
	return func(a, b time.Duration) bool { return (a - b).Abs() <= d }
}

// A stub's token that lives for less than the window is renewed after half of its
// life.
func TestSource_Run_LifeUnderTheWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		stop := runInBackground(w, s.Run)
		life := 2*time.Minute - dateResolution
		w.sleepTo(life/2 - 1)
		w.wantRequests(1)
		w.sleepTo(life / 2)
		w.wantRequests(2)
		stop()
	}, func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = 2*time.Minute, 2*time.Minute })
}

// Tokens of a second's life, each a new one: at most one request a second.
func TestSource_Run_ShortLife(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		stop := runInBackground(w, s.Run)
		w.sleepTo(time.Minute)
		assert.InDelta(w, 60, len(w.stub.Requests()), 2)
		stop()
	}, func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = 2*time.Second, 2*time.Second })
}

func TestSource_Run_KeepsFreshWithoutCallers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var tokens []Token
		var failures []*FetchError
		s := w.source(func(o *Options) {
			o.OnRefresh = func(token Token) { tokens = append(tokens, token) }
			o.OnFailure = func(err *FetchError) { failures = append(failures, err) }
		})
		stop := runInBackground(w, s.Run)
		w.sleepTo(24 * time.Hour)
		generations := len(w.stub.Requests())
		assert.Equal(w, 9, generations)
		assert.Len(w, tokens, generations)
		assert.Empty(w, failures)
		assert.Equal(w, tokens[generations-1].Value, w.token(s).Value)
		stop()

		// No longer kept, it is fetched when it is asked for.
		w.sleepTo(48 * time.Hour)
		w.wantRequests(generations)
		w.token1(s)
		w.wantRequests(generations + 1)
	})
}

func TestSource_Run_GoesOnThroughPermanentErrors(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var failures []error
		s := w.source(func(o *Options) { o.OnFailure = func(err *FetchError) { failures = append(failures, err) } })
		w.stub.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Count: 60})
		defer runInBackground(w, s.Run)()
		w.sleepTo(59*time.Minute + 1)
		require.Len(w, failures, 60, "once a minute")
		var unauthorized *apierrors.UnauthorizedException
		require.ErrorAs(w, failures[59], &unauthorized)
		_, err := s.Token(w.Context())
		require.ErrorAs(w, err, &unauthorized)

		w.sleepTo(time.Hour)
		w.token(s)
	})
}

// The token is gone because the compute is; it is there soon after the compute
// was registered again.
func TestSource_Run_ComputeIsRegisteredAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		defer runInBackground(w, s.Run)()
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: 10 * time.Hour})
		w.sleepTo(9 * time.Hour)
		_, err := s.Token(w.Context())
		var missing *apierrors.NotFoundException
		require.ErrorAs(w, err, &missing)
		w.sleepTo(10*time.Hour + time.Minute)
		w.token(s)
	})
}

func TestSource_Run_DoneContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		for range 100 {
			require.ErrorIs(w, w.source().Run(ctx), context.Canceled)
		}
		synctest.Wait()
		w.wantRequests(0)
	})
}

func TestSource_Run_Twice(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source()
		stopFirst := runInBackground(w, s.Run)
		stopSecond := runInBackground(w, s.Run)
		w.wantRequests(1)
		stopFirst()
		w.sleepTo(life)
		w.wantRequests(2)
		stopSecond()
		w.sleepTo(10 * life)
		w.wantRequests(2)
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

func TestNewSource_FaultyArguments(t *testing.T) {
	t.Parallel()
	unused := apiFunc(nil)
	for _, test := range []struct {
		want string
		api  API
		opt  func(*Options)
	}{
		{"api is nil", nil, nil},
		{"api is nil", (*gamelift.Client)(nil), nil},
		{"Options.Timeout", unused, func(o *Options) { o.Timeout = -1 }},
	} {
		s := NewSource(test.api, fleet, name, test.opt)
		_, err := s.Token(t.Context())
		require.ErrorContains(t, err, test.want)
		var failure *FetchError
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, [2]string{fleet, name}, [2]string{failure.FleetID, failure.ComputeName})
		require.ErrorContains(t, s.Run(t.Context()), test.want)
	}
}

// Methods of a Source or Pool that is nil or zero report that, and so does a nil
// context.
func TestSource_NilAndZeroValue(t *testing.T) {
	t.Parallel()
	var none context.Context
	const notMade, noContext = "not made by NewSource", "context is nil"
	for _, test := range []struct {
		name   string
		source *Source
		pool   *Pool
		ctx    context.Context
		want   string
	}{
		{"nil", nil, nil, t.Context(), notMade},
		{"nil, nil context", nil, nil, none, notMade},
		{"zero", &Source{}, &Pool{}, t.Context(), notMade},
		{"nil context", NewSource(endless, fleet, name), NewPool(endless), none, noContext},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var failure *FetchError
			_, err := test.source.Token(test.ctx)
			require.ErrorAs(t, err, &failure)
			require.ErrorContains(t, err, test.want)
			_, err = test.pool.Token(test.ctx, fleet, name)
			require.ErrorAs(t, err, &failure)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, [2]string{fleet, name}, [2]string{failure.FleetID, failure.ComputeName})
			require.ErrorContains(t, test.source.Run(test.ctx), test.want)
			require.ErrorContains(t, test.pool.Run(test.ctx), test.want)
			assert.Equal(t, Stats{}, test.pool.Stats())
		})
	}
}

// An API that panics or ends its goroutine, as t.FailNow does, fails the fetch,
// and the next one is as good as any.
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
			w.token1(s)
			assert.Equal(w, time.Second, time.Since(w.start))
		})
	}
}

// The client is told to make one attempt.
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

// A caller whose context ends when its fetch does gets the token.
func TestFetcher_wait_ContextEndsWithTheFetch(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // select chooses at random
		s := NewSource(endless, fleet, name)
		f := s.fetcher
		f.mu.Lock()
		_, flight, err := f.schedule.ask(s.compute, 0)
		require.NoError(t, err)
		f.schedule.succeeded(s.compute, &Token{Value: "t"}, time.Hour, 0)
		require.NoError(t, f.wait(ctx, s.compute, flight))
		f.mu.Unlock()
	}
}

// A renewal that nobody waits for is not repeated for ever if the compute is gone.
func TestSource_Token_NotFoundInTheWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source(func(o *Options) { o.StartupWindow = math.MaxInt64 })
		w.token1(s)
		w.sleepTo(life - window/2)
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: 100 * time.Hour})
		w.token(s)
		w.sleepTo(50 * time.Hour)
		w.wantRequests(2)
	})
}

func TestSource_Token_ExpiresInAThousandYears(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
			return &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr("t"), ExpirationTimestamp: ptr(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))}, nil
		}), fleet, name)
		time.Sleep(time.Second)
		for range 2 {
			token, err := s.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 9999, token.Expires.Year())
			time.Sleep(365 * 24 * time.Hour)
		}
	})
}

// A wrong clock is corrected without an error for callers, even if another
// request failed before.
func TestSource_Token_WrongClockAfterAFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: 500}, gamelifttest.Fault{Code: "RequestTimeTooSkewed"})
		s := w.source()
		_, err := s.Token(w.Context())
		require.ErrorContains(w, err, "500")
		w.token1(s)
		assert.Equal(w, time.Second, time.Since(w.start), "the back-off of the first failure")
		w.wantRequests(3)

		w.sleepTo(life + time.Minute)
		w.stub.Inject(gamelifttest.Fault{Code: "RequestTimeTooSkewed", Count: 3})
		_, err = s.Token(w.Context())
		require.ErrorContains(w, err, "RequestTimeTooSkewed", "it is not corrected without end")
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

func TestSource_Token_EndlessStartupWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "new", AbsentFor: time.Hour})
		s := NewSource(w.client, fleet, "new", middling, func(o *Options) { o.StartupWindow = math.MaxInt64 })
		w.sleepTo(time.Second)
		w.token1(s)
		assert.InDelta(w, time.Hour, time.Since(w.start), float64(time.Minute))
	})
}

// The token says what the service says that it is for, in plain IDs.
func TestSource_IDsOfTheResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
			return &gamelift.GetComputeAuthTokenOutput{
				AuthToken: ptr("t"), ExpirationTimestamp: ptr(time.Now().Add(time.Hour)),
				FleetId:     ptr("arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-of-the-response"),
				ComputeName: ptr("arn:aws:gamelift:us-west-2:111122223333:compute/compute-of-the-response"),
			}, nil
		}), fleet, name)
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, [2]string{"fleet-of-the-response", "compute-of-the-response"}, [2]string{token.FleetID, token.ComputeName})
	})
}

func TestSource_ARNs(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := NewSource(w.client,
			"arn:aws:gamelift:us-west-2:111122223333:fleet/"+fleet,
			"arn:aws:gamelift:us-west-2:111122223333:compute/"+name)
		token := w.token1(s)
		assert.Equal(w, [2]string{fleet, name}, [2]string{token.FleetID, token.ComputeName})
		assert.Equal(w, map[string]any{"FleetId": fleet, "ComputeName": name}, w.stub.Requests()[0].Input, "the plain IDs are sent")
	})
}

// Neither the logger nor anything that is printed has the token.
func TestSource_KeepsTheSecret(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var log bytes.Buffer
		s := w.source(func(o *Options) {
			o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		p := w.pool()
		secret := w.token1(s).Value
		_, err := p.Token(w.Context(), fleet, name)
		require.NoError(w, err)
		stop := runInBackground(w, s.Run)
		w.sleepTo(life - window + entry)
		w.stub.Inject(gamelifttest.Fault{Code: "InternalServiceException"})
		w.sleepTo(life)
		stop()
		for _, record := range []string{"auth token fetched", "auth token not replaced yet", "auth token fetch failed", fleet, name} {
			assert.Contains(w, log.String(), record)
		}
		assert.NotContains(w, log.String(), secret)
		assert.NotContains(w, log.String(), w.token(s).Value)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			printed := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, p) + fmt.Sprintf(verb, *p)
			assert.NotContains(w, printed, w.token(s).Value)
			assert.NotContains(w, printed, fmt.Sprintf("%x", w.token(s).Value))
		}
	}, func(o *gamelifttest.Options) { o.TokenRenewal = 5 * time.Minute })
}

// Callers, failures and Run at once, for the race detector.
func TestSource_ConcurrentUse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: http.StatusInternalServerError, Probability: 0.3, Count: -1})
		s := w.source(func(o *Options) { o.random = nil; *o = Options{} })
		var served, late atomic.Int64
		end := w.start.Add(10 * time.Minute)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				for time.Now().Before(end) {
					ctx, cancel := context.WithTimeout(w.Context(), time.Duration(i)*100*time.Millisecond)
					token, err := s.Token(ctx)
					cancel()
					if err == nil {
						served.Add(1)
						if !time.Now().Before(token.Expires) {
							late.Add(1)
						}
					}
					time.Sleep(time.Second + time.Duration(i)*time.Millisecond)
				}
			})
		}
		stop := runInBackground(w, s.Run)
		wg.Wait()
		stop()
		assert.Greater(w, served.Load(), int64(10_000))
		assert.Zero(w, late.Load())
	}, func(o *gamelifttest.Options) {
		o.TokenLife, o.TokenRenewal, o.MaxRequests = 20*time.Second, 5*time.Second, 10
	})
}

// freshSource has a token, and needs no network.
func freshSource(t testing.TB) *Source {
	s := NewSource(endless, fleet, name)
	_, err := s.Token(t.Context())
	require.NoError(t, err)
	return s
}

// endless is an API whose tokens do not end while a test runs.
var endless = apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
	return &gamelift.GetComputeAuthTokenOutput{AuthToken: ptr(strings.Repeat("t", 36)), ExpirationTimestamp: ptr(time.Now().Add(3 * time.Hour))}, nil
})

func TestSource_Token_DoesNotAllocate(t *testing.T) {
	s := freshSource(t)
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = s.Token(ctx) }))
}

func BenchmarkSource_Token(b *testing.B) {
	s := freshSource(b)
	ctx := b.Context()
	b.Run("goroutines=1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Token(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("goroutines=64", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism((64 + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Token(ctx); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
