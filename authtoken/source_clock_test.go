package authtoken

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestSource_Token_WrongLocalClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				s := w.source()
				first := w.awaitToken(s)
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

// A wrong clock is corrected without an error for callers, even if another
// request failed before.
func TestSource_Token_WrongClockAfterAFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.Inject(gamelifttest.Fault{Status: 500}, gamelifttest.Fault{Code: "RequestTimeTooSkewed"})
		s := w.source()
		_, err := s.Token(w.Context())
		require.ErrorContains(w, err, "500")
		w.awaitToken(s)
		assert.Equal(w, time.Second, time.Since(w.start), "the back-off of the first failure")
		w.wantRequests(3)

		w.sleepTo(life + time.Minute)
		w.stub.Inject(gamelifttest.Fault{Code: "RequestTimeTooSkewed", Count: 3})
		_, err = s.Token(w.Context())
		require.ErrorContains(w, err, "RequestTimeTooSkewed", "it is not corrected without end")
	})
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

// The monotonic clock of a host stops while the host is suspended. If the token
// expires in that time, the next call does not return it.
func TestSource_Token_SuspendedHost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		s := w.source(host.clocks)
		w.awaitToken(s)
		w.sleepTo(time.Minute)
		w.token(s)

		slept := 4 * time.Hour
		host.slept.Store(int64(slept))
		w.stub.Inject(gamelifttest.Fault{Delay: time.Second})
		w.awaitToken(s)
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

// A suspension is noticed even if the wall clock was set back by more before.
func TestSource_Token_SuspendedAfterSetBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		s := w.source(host.clocks)
		w.awaitToken(s)
		host.slept.Store(int64(-24 * time.Hour))
		w.sleepTo(time.Minute)
		w.token(s)
		w.wantRequests(1)
		host.slept.Add(int64(4 * time.Hour))
		w.sleepTo(2 * time.Minute)
		w.awaitToken(s)
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
