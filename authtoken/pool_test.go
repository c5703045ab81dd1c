package authtoken

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// addComputes adds so many computes, compute-0 and following, to the stub.
func (w *world) addComputes(n int) {
	for i := range n {
		w.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: computeName(i)})
	}
}

func computeName(i int) string { return fmt.Sprint("compute-", i) }

// askAll asks for the tokens of so many computes at once, and waits for them.
func (w *world) askAll(p *Pool, n int) {
	w.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			token, err := p.Token(w.Context(), fleet, computeName(i))
			if err != nil || token.ComputeName != computeName(i) {
				w.Errorf("token of %s: %v, %v", computeName(i), token, err)
			}
		})
	}
	wg.Wait()
}

func TestPool_Token_Rate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(20)
		w.askAll(w.pool(), 20)
		want := slices.Repeat([]time.Duration{0}, 8) // the burst
		for i := range 12 {
			want = append(want, time.Duration(i+1)*250*time.Millisecond)
		}
		if diff := cmp.Diff(want, w.requestTimes(), cmp.Comparer(within(time.Microsecond))); diff != "" {
			w.Errorf("times of requests (-want +got):\n%s", diff)
		}
	})
}

func TestPool_Token_OwnRate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(20)
		w.askAll(w.pool(func(o *PoolOptions) { o.Rate, o.Burst = 0.5, 1 }), 20)
		assert.InDelta(w, 38*time.Second, time.Since(w.start), 1000)
	})
}

// The client does not retry by itself: each request is counted against the rate.
func TestPool_Token_EachRequestCounts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(4)
		for i := range 4 {
			w.stub.Inject(gamelifttest.Fault{ComputeName: computeName(i), Status: 500, Count: 2})
		}
		p := w.pool(func(o *PoolOptions) { o.Rate, o.Burst = 0.5, 1 })
		for i := range 4 {
			for _, fails := range []bool{true, true, false} {
				_, err := p.Token(w.Context(), fleet, computeName(i))
				assert.Equal(w, fails, err != nil)
			}
		}
		assert.EqualValues(w, 12, p.Stats().Requests)
		var want []time.Duration
		for i := range 12 {
			want = append(want, time.Duration(i)*2*time.Second)
		}
		if diff := cmp.Diff(want, w.requestTimes(), cmp.Comparer(within(time.Microsecond))); diff != "" {
			w.Errorf("times of requests (-want +got):\n%s", diff)
		}
	})
}

// A second attempt, which corrects the clock, counts as well.
func TestPool_Token_EachAttemptCounts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(2)
		p := w.pool(func(o *PoolOptions) { o.Rate, o.Burst = 0.5, 1 })
		for i := range 2 {
			_, err := p.Token(w.Context(), fleet, computeName(i))
			require.NoError(w, err)
		}
		var want []time.Duration // by the stub's clock
		for _, at := range []time.Duration{0, 2, 2, 6} {
			want = append(want, 24*time.Hour+at*time.Second)
		}
		if diff := cmp.Diff(want, w.requestTimes(), cmp.Comparer(within(time.Microsecond))); diff != "" {
			w.Errorf("times of requests (-want +got):\n%s", diff)
		}
	}, func(o *gamelifttest.Options) { o.Now = func() time.Time { return time.Now().Add(24 * time.Hour) } })
}

func TestPool_Token_OneComputeByIDAndARN(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		p := w.pool()
		byID, err := p.Token(w.Context(), fleet, name)
		require.NoError(w, err)
		byARN, err := p.Token(w.Context(), "arn:aws:gamelift:us-west-2:111122223333:fleet/"+fleet, "arn:aws:gamelift:us-west-2:111122223333:compute/"+name)
		require.NoError(w, err)
		assert.Equal(w, byID.Value, byARN.Value)
		w.wantRequests(1)
	})
}

// Without Run, a token is replaced when somebody asks in its window, and nothing
// is sent otherwise.
func TestPool_Token_WithoutRun(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(3)
		p := w.pool()
		w.askAll(p, 3)
		w.sleepTo(life - window/2)
		old, err := p.Token(w.Context(), fleet, computeName(0))
		require.NoError(w, err)
		synctest.Wait()
		w.wantRequests(4)
		renewed, err := p.Token(w.Context(), fleet, computeName(0))
		require.NoError(w, err)
		assert.NotEqual(w, old.Value, renewed.Value)

		w.sleepTo(2 * life)
		w.wantRequests(4)
		w.askAll(p, 3)
		w.wantRequests(7)
	})
}

func TestPool_Run(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(100)
		p := w.pool(func(o *PoolOptions) { o.ForgetAfter = 48 * time.Hour })
		stop := runInBackground(w, p.Run)
		w.wantRequests(0)
		w.askAll(p, 100)
		for hour := time.Hour; hour <= 24*time.Hour; hour += time.Hour {
			w.sleepTo(hour)
			stats := p.Stats()
			require.Equal(w, 100, stats.Fresh+stats.Expiring, "at %v: %+v", hour, stats)
		}
		stop()
		sent := p.Stats().Requests
		assert.InDelta(w, 900, sent, 100)
		w.sleepTo(30 * time.Hour)
		assert.Equal(w, 100, p.Stats().Missing)
		assert.Equal(w, sent, p.Stats().Requests)

		// A Run that comes later takes over what there is.
		stop = runInBackground(w, p.Run)
		w.sleepTo(31 * time.Hour)
		assert.Equal(w, 100, p.Stats().Fresh)
		stop()
	}, func(o *gamelifttest.Options) { o.MaxRequests = 10 })
}

func TestPool_ForgetsIdleComputes(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		inBubble(t, func(w *world) {
			w.addComputes(4)
			p := w.pool(func(o *PoolOptions) { o.ForgetAfter = 8 * time.Hour })
			if running {
				defer runInBackground(w, p.Run)()
			}
			w.askAll(p, 3)
			w.sleepTo(8 * time.Hour)
			assert.Equal(w, 3, p.Stats().Computes)
			w.askAll(p, 1)
			w.sleepTo(9 * time.Hour)
			_, err := p.Token(w.Context(), fleet, computeName(3))
			require.NoError(w, err)
			stats := p.Stats()
			assert.Equal(w, 2, stats.Computes)
			assert.Equal(w, uint64(2), stats.Forgotten)
			sent := stats.Requests
			if running {
				w.sleepTo(100 * time.Hour)
				stats = p.Stats()
				assert.Zero(w, stats.Computes)
				assert.Less(w, stats.Requests-sent, uint64(10), "what is forgotten is not renewed")
			}
			w.askAll(p, 3) // and comes back
		})
	}
}

// ForgetAfter begins when the last call of Token ends, and ends without Run and
// other calls as well.
func TestPool_ForgetAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		end   string // of a call that takes 10 seconds
		rate  float64
		fault gamelifttest.Fault
	}{
		{"token", 1, gamelifttest.Fault{Delay: 10 * time.Second}},
		{"error", 1, gamelifttest.Fault{Delay: 10 * time.Second, Status: 500}},
		{"context, before a request is sent", 1e-3, gamelifttest.Fault{}},
	} {
		t.Run(test.end, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *world) {
				w.addComputes(1)
				p := w.pool(func(o *PoolOptions) { o.Rate, o.Burst, o.ForgetAfter = test.rate, 1, 5*time.Second })
				w.askAll(p, 1)
				w.sleepTo(time.Minute)
				w.stub.Inject(test.fault)
				ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second+1)
				defer cancel()
				_, _ = p.Token(ctx, fleet, name)
				synctest.Wait()
				end := time.Since(w.start)
				require.InDelta(w, time.Minute+10*time.Second, end, 1)
				w.sleepTo(end + 5*time.Second)
				assert.Equal(w, 1, p.Stats().Computes)
				w.sleepTo(end + 5*time.Second + 1)
				stats := p.Stats()
				assert.Equal(w, [2]uint64{0, 2}, [2]uint64{uint64(stats.Computes), stats.Forgotten})
			})
		})
	}
}

// A call with a context that is done adds a compute as well.
func TestPool_Token_DoneContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		p := w.pool()
		defer runInBackground(w, p.Run)()
		w.sleepTo(48 * time.Hour)
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		_, err := p.Token(ctx, fleet, name)
		require.ErrorIs(w, err, context.Canceled)
		w.sleepTo(48*time.Hour + lookAgain)
		assert.Equal(w, 1, p.Stats().Fresh)
	})
}

func TestPool_MaxComputes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(4)
		p := w.pool(func(o *PoolOptions) { o.MaxComputes, o.ForgetAfter = 3, time.Hour })
		w.askAll(p, 3)
		_, err := p.Token(w.Context(), fleet, computeName(3))
		require.ErrorContains(w, err, "PoolOptions.MaxComputes")
		var failure *FetchError
		require.ErrorAs(w, err, &failure)
		assert.Equal(w, [2]string{fleet, computeName(3)}, [2]string{failure.FleetID, failure.ComputeName})
		w.sleepTo(time.Hour - time.Minute)
		w.askAll(p, 1)
		w.sleepTo(2 * time.Hour)
		_, err = p.Token(w.Context(), fleet, computeName(3))
		require.NoError(w, err, "idle computes made room")
	})
}

// A full pool makes room as soon as a compute has been idle for long enough,
// whenever it looked last.
func TestPool_MaxComputes_MakesRoom(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(2)
		p := w.pool(func(o *PoolOptions) { o.MaxComputes = 1 })
		w.askAll(p, 1)
		for _, at := range []time.Duration{time.Hour, 23*time.Hour + 59*time.Minute} {
			w.sleepTo(at)
			_, err := p.Token(w.Context(), fleet, computeName(1))
			require.Error(w, err)
		}
		w.sleepTo(25 * time.Hour)
		_, err := p.Token(w.Context(), fleet, computeName(1))
		require.NoError(w, err)
	})
}

// The plain IDs are sent, even if the first caller gave the ARN of another region.
func TestPool_Token_ARNOfAnotherRegion(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		p := w.pool()
		for _, id := range []string{"arn:aws:gamelift:eu-west-1:999999999999:fleet/" + fleet, fleet} {
			token, err := p.Token(w.Context(), id, name)
			require.NoError(w, err)
			assert.Equal(w, fleet, token.FleetID)
		}
		assert.Equal(w, fleet, w.stub.Requests()[0].Input["FleetId"])
	})
}

// A tiny rate is not taken for no limit.
func TestPool_Token_TinyRate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(20)
		p := w.pool(func(o *PoolOptions) { o.Rate = 1e-10 })
		ctx, cancel := context.WithTimeout(w.Context(), time.Hour)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { _, _ = p.Token(ctx, fleet, computeName(i)) })
		}
		wg.Wait()
		w.wantRequests(8) // the burst
	})
}

// Steps of the wall clock do not raise the rate.
func TestPool_Token_RateOnTheMonotonicClock(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(1000)
		p := w.pool(func(o *PoolOptions) {
			start := time.Now()
			o.clocks = func() (time.Duration, time.Time) {
				now := time.Now()
				steps := now.Sub(start) / time.Second % 2 * 2 * time.Second // ahead by 2 s in every other second
				return now.Sub(start), now.Round(0).Add(steps)
			}
		})
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() { _, _ = p.Token(ctx, fleet, computeName(i)) })
		}
		wg.Wait()
		assert.InDelta(w, 8+4*60, len(w.stub.Requests()), 2)
	})
}

// A caller asks for a compute anew if it was forgotten before the caller could look
// at its token, which has expired as well.
func TestPool_Token_ForgottenWhileWaiting(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var host sleeper
		var p *Pool
		p = w.pool(func(o *PoolOptions) {
			host.clocks(&o.Options)
			o.random = func() float64 { // called when the fetch has ended
				if host.slept.CompareAndSwap(0, int64(48*time.Hour)) {
					p.fetcher.schedule.forget(p.fetcher.schedule.computes[computeID{fleet, name}])
				}
				return 0.5
			}
		})
		_, err := p.Token(w.Context(), fleet, name)
		require.NoError(w, err)
		w.wantRequests(2)
		assert.Equal(w, 1, p.Stats().Computes)
	})
}

// After a permanent failure there is one more request, and others only for
// callers.
func TestPool_Run_ForgetsPermanentFailures(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		var failures int
		p := w.pool(func(o *PoolOptions) { o.OnFailure = func(*FetchError) { failures++ } })
		defer runInBackground(w, p.Run)()
		w.stub.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Count: -1})
		_, err := p.Token(w.Context(), fleet, name)
		require.Error(w, err)
		w.sleepTo(30 * time.Second)
		_, err = p.Token(w.Context(), fleet, name)
		require.Error(w, err)
		w.wantRequests(1)
		w.sleepTo(24 * time.Hour)
		w.wantRequests(3) // at 0, 1 and 2 minutes
		assert.Zero(w, p.Stats().Computes)
		synctest.Wait()
		assert.Equal(w, 3, failures)

		_, err = p.Token(w.Context(), fleet, name)
		require.Error(w, err)
		w.sleepTo(48 * time.Hour)
		w.wantRequests(5)
	})
}

// A callback may call the pool, even for a compute that is new to it.
func TestPool_CalledByItsCallbacks(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(3)
		var p *Pool
		var got []string
		p = w.pool(func(o *PoolOptions) {
			o.OnRefresh = func(token Token) {
				got = append(got, token.ComputeName)
				_, err := p.Token(w.Context(), fleet, computeName(min(len(got), 2)))
				assert.NoError(w, err)
				assert.Positive(w, p.Stats().Computes)
			}
		})
		w.askAll(p, 1)
		synctest.Wait()
		assert.Equal(w, []string{computeName(0), computeName(1), computeName(2)}, got)
	})
}

func TestPool_Stats(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(20)
		p := w.pool()
		assert.Equal(w, Stats{}, p.Stats())

		w.stub.Inject(gamelifttest.Fault{Delay: time.Second, Count: -1})
		ctx, cancel := context.WithCancel(w.Context())
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { _, _ = p.Token(ctx, fleet, computeName(i)) })
		}
		synctest.Wait()
		if diff := cmp.Diff(Stats{Computes: 20, Missing: 20, Waiting: 20, Sending: 8, Due: 12, Requests: 8}, p.Stats()); diff != "" {
			w.Errorf("all wait (-want +got):\n%s", diff)
		}
		w.sleepTo(time.Second + time.Millisecond)
		got := p.Stats()
		if diff := cmp.Diff(Stats{Computes: 20, Fresh: 8, Missing: 12, Waiting: 12, Sending: 4, Due: 8, SoonestExpiry: got.SoonestExpiry, Requests: 12}, got); diff != "" {
			w.Errorf("the burst is there (-want +got):\n%s", diff)
		}
		assert.InDelta(w, life-time.Second, got.SoonestExpiry, float64(time.Second))

		cancel()
		wg.Wait()
		w.sleepTo(time.Hour)
		got = p.Stats()
		if diff := cmp.Diff(Stats{Computes: 20, Fresh: 12, Missing: 8, SoonestExpiry: got.SoonestExpiry, Requests: 12}, got); diff != "" {
			w.Errorf("nobody waits (-want +got):\n%s", diff)
		}
		w.sleepTo(life - window/2)
		assert.Equal(w, 12, p.Stats().Expiring)

		w.stub.Reset()
		w.stub.Inject(gamelifttest.Fault{Code: "ThrottlingException"})
		_, err := p.Token(w.Context(), fleet, name)
		require.Error(w, err)
		synctest.Wait()
		got = p.Stats()
		assert.Equal(w, [2]uint64{1, 1}, [2]uint64{got.Failures, got.Throttled})
	})
}

func TestNewPool_FaultyArguments(t *testing.T) {
	t.Parallel()
	unused := apiFunc(nil)
	for _, test := range []struct {
		want string
		api  API
		opt  func(*PoolOptions)
	}{
		{"api is nil", nil, nil},
		{"api is nil", (*gamelift.Client)(nil), nil},
		{"PoolOptions.Rate", unused, func(o *PoolOptions) { o.Rate = -1 }},
		{"PoolOptions.Rate", unused, func(o *PoolOptions) { o.Rate = math.NaN() }},
		{"PoolOptions.Rate", unused, func(o *PoolOptions) { o.Rate = math.Inf(1) }},
		{"PoolOptions.Burst", unused, func(o *PoolOptions) { o.Burst = -1 }},
		{"PoolOptions.ForgetAfter", unused, func(o *PoolOptions) { o.ForgetAfter = -1 }},
		{"PoolOptions.MaxComputes", unused, func(o *PoolOptions) { o.MaxComputes = -1 }},
	} {
		p := NewPool(test.api, test.opt)
		_, err := p.Token(t.Context(), fleet, name)
		require.ErrorContains(t, err, test.want)
		var failure *FetchError
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, [2]string{fleet, name}, [2]string{failure.FleetID, failure.ComputeName})
		require.ErrorContains(t, p.Run(t.Context()), test.want)
	}
}

// Many callers of many computes with failures and Run at once, for the race
// detector: no token is another compute's, and none has expired.
func TestPool_ConcurrentUse(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.addComputes(10)
		w.stub.Inject(gamelifttest.Fault{Status: 500, Probability: 0.2, Count: -1})
		p := NewPool(w.client)
		var values sync.Map
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				own := computeName(i % 10)
				for range 100 {
					ctx, cancel := context.WithTimeout(w.Context(), time.Duration(i)*50*time.Millisecond)
					token, err := p.Token(ctx, fleet, own)
					cancel()
					var failure *FetchError
					switch {
					case err == nil:
						if whose, _ := values.LoadOrStore(token.Value, own); whose != own || token.ComputeName != own {
							w.Errorf("%v got a token of %v", own, whose)
						}
						if !time.Now().Before(token.Expires) {
							w.Errorf("%v expired", token)
						}
					case !errors.As(err, &failure) || failure.ComputeName != own:
						w.Errorf("%v got %v", own, err)
					}
					time.Sleep(time.Second + time.Duration(i)*time.Millisecond)
				}
			})
		}
		stop := runInBackground(w, p.Run)
		wg.Wait()
		stop()
	}, func(o *gamelifttest.Options) {
		o.TokenLife, o.TokenRenewal, o.MaxRequests = time.Minute, 20*time.Second, 10
	})
}
