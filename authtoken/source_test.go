package authtoken

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
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

// When the last caller leaves during a back-off, no goroutine stays behind, or
// the test would not end.
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

		w.awaitToken(s)
		w.sleepTo(time.Minute)
		_, err = s.Token(ctx)
		require.NoError(w, err, "there is a token, nothing is to be waited for")
	})
}

// A caller whose context ends when its fetch does gets the token. If the fetch has
// failed, both errors are in the caller's.
func TestFetcher_wait_ContextEndsWithTheFetch(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failure := errors.New("no")
	for range 100 { // select chooses at random
		s := NewSource(endless, fleet, name)
		f := s.fetcher
		f.mu.Lock()
		_, flight, _ := f.schedule.ask(s.compute, 0)
		f.schedule.failed(s.compute, failure, 0, 0, 0)
		token, err := f.wait(ctx, s.compute, flight)
		require.Nil(t, token)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, failure)

		_, flight, _ = f.schedule.ask(s.compute, 0)
		f.schedule.succeeded(s.compute, &Token{Value: "t"}, time.Hour, 0)
		token, err = f.wait(ctx, s.compute, flight)
		require.NoError(t, err)
		require.Equal(t, "t", token.Value)
		f.mu.Unlock()
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

func TestSource_ARNs(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		s := NewSource(w.client,
			"arn:aws:gamelift:us-west-2:111122223333:fleet/"+fleet,
			"arn:aws:gamelift:us-west-2:111122223333:compute/"+name)
		token := w.awaitToken(s)
		assert.Equal(w, [2]string{fleet, name}, [2]string{token.FleetID, token.ComputeName})
		assert.Equal(w, map[string]any{"FleetId": fleet, "ComputeName": name}, w.stub.Requests()[0].Input, "the plain IDs are sent")
	})
}

// The IDs of a token are those of the response, as plain IDs. If the response has
// none, they are those of the request.
func TestSource_IDsOfTheResponse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, want computeID }{
		{
			computeID{"arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-of-the-response", "arn:aws:gamelift:us-west-2:111122223333:compute/compute-of-the-response"},
			computeID{"fleet-of-the-response", "compute-of-the-response"},
		},
		{computeID{"", ""}, computeID{fleet, name}},
	} {
		s := NewSource(apiFunc(func(context.Context, *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
			return &gamelift.GetComputeAuthTokenOutput{
				AuthToken: ptr("t"), ExpirationTimestamp: ptr(time.Now().Add(time.Hour)),
				FleetId: &test.given.fleet, ComputeName: &test.given.name,
			}, nil
		}), fleet, name)
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, test.want, computeID{token.FleetID, token.ComputeName})
	}
}

// No token is in the log or in the printed form of a Source or Pool.
func TestSource_KeepsTheSecret(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var log bytes.Buffer
		s := w.source(func(o *Options) {
			o.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		p := w.pool()
		secret := w.awaitToken(s).Value
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
