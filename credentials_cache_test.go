package gamelift_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestCredentialsCache_RefusesExpiredCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, expires := range map[string]time.Time{
			"an hour ago": time.Now().Add(-time.Hour),
			"now":         time.Now(),
			"unset":       {},
		} {
			cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "canary", CanExpire: true, Expires: expires}, nil
			}))
			got, err := cache.Retrieve(t.Context())
			require.ErrorContains(t, err, "already expired", name)
			assert.NotContains(t, err.Error(), "canary")
			assert.Empty(t, got)
		}
	})
}

// Valid credentials are used until they expire even if the provider's next ones
// have expired.
func TestCredentialsCache_KeepsValidCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life := time.Hour
		key := "valid"
		cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			return gamelift.Credentials{AccessKeyID: key, SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(life)}, nil
		}))
		for range 2 {
			got, err := cache.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, "valid", got.AccessKeyID)
			synctest.Wait()
			life, key = -time.Second, "expired"
			time.Sleep(59 * time.Minute)
		}
		time.Sleep(time.Minute)
		_, err := cache.Retrieve(t.Context())
		require.ErrorContains(t, err, "already expired")
	})
}

func TestCredentialsCache_ProviderThatPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		panic("canary")
	}), func(o *gamelift.CredentialsCacheOptions) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	for range 2 {
		_, err := cache.Retrieve(t.Context())
		require.EqualError(t, err, "credentials provider panicked with a value of type string")
	}
	assert.Contains(t, log.String(), "credentials not fetched")
	assert.NotContains(t, log.String(), "canary")
}

func TestCredentialsCache_Retrieve(t *testing.T) {
	t.Parallel()

	t.Run("fetches once for all waiters", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{delay: time.Second, life: time.Hour}
			cache := gamelift.CacheCredentials(s)
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					if got := retrieve(t, cache); got != "key-1" {
						t.Errorf("got %s", got)
					}
				})
			}
			wg.Wait()
			require.EqualValues(t, 1, s.calls.Load())
		})
	})

	t.Run("each waiter leaves on its own context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{delay: 10 * time.Second}
			cache := gamelift.CacheCredentials(s)
			first, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := cache.Retrieve(first)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))

			require.Equal(t, "key-1", retrieve(t, cache), "the fetch went on for the others")
			require.Equal(t, 10*time.Second, time.Since(start))
			require.False(t, s.canceled.Load())
		})
	})

	t.Run("refreshes ahead of expiry in the background", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Hour}
			cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 })
			retrieve(t, cache)
			time.Sleep(55*time.Minute - 1)
			require.Equal(t, "key-1", retrieve(t, cache))
			synctest.Wait()
			require.EqualValues(t, 1, s.calls.Load())

			time.Sleep(time.Nanosecond)
			s.delay = time.Minute
			start := time.Now()
			require.Equal(t, "key-1", retrieve(t, cache), "the old ones while the new ones come")
			require.Equal(t, "key-1", retrieve(t, cache))
			require.Equal(t, start, time.Now(), "nobody waits")
			time.Sleep(time.Minute + 1)
			synctest.Wait()
			require.Equal(t, "key-2", retrieve(t, cache))
			require.EqualValues(t, 2, s.calls.Load())
		})
	})

	t.Run("jitter spreads the refresh over the window", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			early := 0
			for range 64 {
				s := &source{life: time.Hour}
				cache := gamelift.CacheCredentials(s)
				retrieve(t, cache)
				time.Sleep(55*time.Minute + 75*time.Second) // the middle of the first half of the window
				retrieve(t, cache)
				synctest.Wait()
				early += int(s.calls.Load()) - 1
				time.Sleep(75*time.Second + 1)
				retrieve(t, cache)
				synctest.Wait()
				require.EqualValues(t, 2, s.calls.Load(), "all of them by the middle of the window")
			}
			require.Greater(t, early, 5)
			require.Less(t, early, 59)
		})
	})

	t.Run("serves the old ones to their end while the provider fails", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Hour}
			cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 })
			retrieve(t, cache)
			s.failure = errors.New("provider is down")
			time.Sleep(55 * time.Minute)
			for range 5 * 60 { // every second of the window
				require.Equal(t, "key-1", retrieve(t, cache))
				synctest.Wait()
				time.Sleep(time.Second)
			}
			require.LessOrEqual(t, s.calls.Load(), int32(1+5*60/10), "a failed refresh holds off the next for 10 seconds")
			require.Greater(t, s.calls.Load(), int32(20))
			_, err := cache.Retrieve(t.Context())
			require.ErrorIs(t, err, s.failure)

			s.failure = nil
			require.NotEqual(t, "key-1", retrieve(t, cache), "the next call asks again")
		})
	})

	t.Run("credentials that cannot expire are kept", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{}
			cache := gamelift.CacheCredentials(s)
			retrieve(t, cache)
			time.Sleep(1000 * time.Hour)
			require.Equal(t, "key-1", retrieve(t, cache))
		})
	})

	t.Run("bounds the provider", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{delay: time.Hour}
			start := time.Now()
			_, err := gamelift.CacheCredentials(s).Retrieve(t.Context())
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, time.Minute, time.Since(start))
		})
	})

	t.Run("logs what it fetches", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			s := &source{life: time.Hour}
			cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) {
				o.Logger = slog.New(slog.NewTextHandler(&b, nil))
			})
			retrieve(t, cache)
			require.Regexp(t, `level=INFO msg="credentials fetched" credentials.AccessKeyID=key-1 credentials.SecretAccessKey=REDACTED credentials.Expires=\S+\n$`, b.String())
			b.Reset()
			s.failure = errors.New("provider is down")
			cache.Invalidate()
			_, err := cache.Retrieve(t.Context())
			require.Error(t, err)
			require.Regexp(t, `level=WARN msg="credentials not fetched" error="provider is down"\n$`, b.String())
			b.Reset()
			s.failure = errors.New(strings.Repeat("x", 5000))
			_, err = cache.Retrieve(t.Context())
			require.Error(t, err)
			require.Regexp(t, `error="x+\.\.\. \(904 more bytes\)"\n$`, b.String(), "cut once")
		})
	})

	t.Run("nil provider", func(t *testing.T) {
		t.Parallel()
		_, err := gamelift.CacheCredentials(nil, nil).Retrieve(t.Context())
		require.ErrorContains(t, err, "provider is nil")
	})
}

func TestCredentialsCache_Invalidate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{life: time.Hour}
		cache := gamelift.CacheCredentials(s)
		cache.Invalidate()
		require.Equal(t, "key-1", retrieve(t, cache))
		cache.Invalidate()
		require.Equal(t, "key-2", retrieve(t, cache))
	})
}

func TestCredentialsCacheOptions(t *testing.T) {
	t.Parallel()
	plain := func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 }
	t.Run("a negative window", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cache := gamelift.CacheCredentials(&source{life: time.Minute}, plain, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindow = -time.Hour })
			retrieve(t, cache)
			time.Sleep(time.Minute)
			require.Equal(t, "key-2", retrieve(t, cache), "never beyond their end")
		})
	})
	t.Run("a failed refresh holds off the next for 10 seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Hour}
			cache := gamelift.CacheCredentials(s, plain)
			retrieve(t, cache)
			time.Sleep(55 * time.Minute)
			s.failure = errors.New("down")
			for _, want := range []int32{2, 2, 3} {
				retrieve(t, cache)
				synctest.Wait()
				require.Equal(t, want, s.calls.Load())
				time.Sleep(5 * time.Second)
			}
		})
	})
	t.Run("no timeout", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cache := gamelift.CacheCredentials(&source{delay: time.Hour}, func(o *gamelift.CredentialsCacheOptions) { o.Timeout = 0 })
			require.Equal(t, "key-1", retrieve(t, cache))
		})
	})
	t.Run("a function keeps its pointer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var kept *gamelift.CredentialsCacheOptions
			cache := gamelift.CacheCredentials(&source{delay: time.Second}, func(o *gamelift.CredentialsCacheOptions) { kept = o })
			kept.Timeout = 1
			require.Equal(t, "key-1", retrieve(t, cache))
		})
	})
	t.Run("the timeout is released", func(t *testing.T) {
		var ctx context.Context
		cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(c context.Context) (gamelift.Credentials, error) {
			ctx = c
			return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		}))
		retrieve(t, cache)
		require.Error(t, ctx.Err())
	})
}

func TestCredentialsCache_KeepsWhatCannotExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		cache := gamelift.CacheCredentials(s)
		for range 3 {
			retrieve(t, cache)
			synctest.Wait() // a fetch in the background would have been made by now
			time.Sleep(1000 * time.Hour)
		}
		require.EqualValues(t, 1, s.calls.Load())
	})
}

func TestCredentialsCache_ValuesOfTheContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	var value any
	cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
		value = ctx.Value(key{})
		return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
	}))
	_, err := cache.Retrieve(context.WithValue(t.Context(), key{}, "trace-1"))
	require.NoError(t, err)
	require.Equal(t, "trace-1", value)
}

func TestCredentialsCache_FetchOfBeforeInvalidate(t *testing.T) {
	t.Parallel()
	for _, later := range []time.Duration{time.Second, time.Minute} { // the newer fetch ends ahead of the older, and after it
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Hour, delay: 10 * time.Second}
			cache := gamelift.CacheCredentials(s)
			go func() { _, _ = cache.Retrieve(t.Context()) }()
			synctest.Wait()
			cache.Invalidate()
			s.delay = later
			go func() { _, _ = cache.Retrieve(t.Context()) }()
			synctest.Wait()
			time.Sleep(11 * time.Second)
			require.Equal(t, "key-2", retrieve(t, cache))
			require.EqualValues(t, 2, s.calls.Load(), "the newer fetch is joined")
		})
	}
}

func TestCredentialsCache_HalfOfAShortLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{life: time.Minute}
		cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 })
		retrieve(t, cache)
		time.Sleep(30*time.Second - time.Nanosecond)
		retrieve(t, cache)
		synctest.Wait()
		require.EqualValues(t, 1, s.calls.Load())
		time.Sleep(time.Nanosecond)
		retrieve(t, cache)
		synctest.Wait()
		require.EqualValues(t, 2, s.calls.Load())
	})
}

// What cannot be used is not kept.
func TestCredentialsCache_KeepsNothingUseless(t *testing.T) {
	t.Parallel()
	for name, useless := range map[string]gamelift.Credentials{
		"no keys":              {},
		"an end without a day": {AccessKeyID: "a", SecretAccessKey: "b", CanExpire: true},
	} {
		calls := 0
		cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			calls++
			return useless, nil
		}))
		for range 3 {
			_, _ = cache.Retrieve(t.Context())
		}
		require.Equal(t, 3, calls, name)
	}
}

// A provider that ends its goroutine, as t.FailNow does, fails those who wait.
func TestCredentialsCache_ProviderThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	cache := gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		runtime.Goexit()
		return gamelift.Credentials{}, nil
	}))
	for range 2 {
		_, err := cache.Retrieve(t.Context())
		require.ErrorContains(t, err, "did not return")
	}
}

func TestCredentialsCache_JitterIsCut(t *testing.T) {
	t.Parallel()
	for fraction, at := range map[float64]time.Duration{-1000: 55 * time.Minute, 1000: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Hour}
			cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = fraction })
			for range 3 {
				retrieve(t, cache)
				synctest.Wait()
			}
			require.EqualValues(t, 1, s.calls.Load())
			time.Sleep(at)
			retrieve(t, cache)
			synctest.Wait()
			require.EqualValues(t, 2, s.calls.Load())
		})
	}
}
