package authtoken

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

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

// The start-up window begins when the first request is sent.
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

// A caller who leaves in the start-up window leaves alone, and gets an error that
// names the reason.
func TestSource_Token_LeaveInTheStartupWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "new", AbsentFor: 5 * time.Second})
		s := NewSource(w.client, fleet, "new", middling)
		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		defer cancel()
		left := make(chan error, 1)
		go func() { _, err := s.Token(ctx); left <- err }()
		w.awaitToken(s)
		assert.Equal(w, 7*time.Second, time.Since(w.start))
		err := <-left
		require.ErrorIs(w, err, context.DeadlineExceeded)
		assert.ErrorContains(w, err, "NotFoundException")
	})
}

func TestSource_Token_EndlessStartupWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "new", AbsentFor: time.Hour})
		s := NewSource(w.client, fleet, "new", middling, func(o *Options) { o.StartupWindow = math.MaxInt64 })
		w.sleepTo(time.Second)
		w.awaitToken(s)
		assert.InDelta(w, time.Hour, time.Since(w.start), float64(time.Minute))
	})
}

// The start-up window opens anew after a token: a compute that is registered
// again can be missing for a while.
func TestSource_Token_NotFoundAfterAToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: time.Second})
		s := w.source()
		w.awaitToken(s)
		w.sleepTo(s.compute.expiresAt)
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: 20 * time.Second})
		asked := time.Since(w.start)
		w.awaitToken(s)
		assert.Equal(w, 31*time.Second, time.Since(w.start)-asked)
	})
}

// A renewal that nobody waits for is not repeated if the compute is not found.
func TestSource_Token_NotFoundInTheWindow(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := w.source(func(o *Options) { o.StartupWindow = math.MaxInt64 })
		w.awaitToken(s)
		w.sleepTo(life - window/2)
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: name, AbsentFor: 100 * time.Hour})
		w.token(s)
		w.sleepTo(50 * time.Hour)
		w.wantRequests(2)
	})
}
