package authtoken

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

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
		w.awaitToken(s)
		w.wantRequests(generations + 1)
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

// If the service returns the same token in its window, requests back off.
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

// If tokens live for a second, there is at most one request a second.
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

// If the compute is deleted, its token expires. Soon after the compute is
// registered again, there is a new one.
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
