package gamelift_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestStaticCredentials(t *testing.T) {
	t.Parallel()
	got, err := gamelift.StaticCredentials("a", "b", "c").Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "c", Source: "StaticCredentials"}, got)
	for _, keys := range [][3]string{{"", "b", ""}, {"a", "", ""}, {"a\n", "b", ""}, {"a", "b", "c d"}} {
		_, err := gamelift.StaticCredentials(keys[0], keys[1], keys[2]).Retrieve(t.Context())
		require.Error(t, err)
	}
}

// source is a provider whose credentials live for life, that fails while
// failure is set and takes its time.
type source struct {
	life, delay time.Duration
	failure     error
	calls       atomic.Int32
	canceled    atomic.Bool
}

func (s *source) Retrieve(ctx context.Context) (gamelift.Credentials, error) {
	n := s.calls.Add(1)
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
		s.canceled.Store(true)
		return gamelift.Credentials{}, ctx.Err()
	}
	if s.failure != nil {
		return gamelift.Credentials{}, s.failure
	}
	return gamelift.Credentials{
		AccessKeyID: fmt.Sprintf("key-%d", n), SecretAccessKey: "s",
		CanExpire: s.life > 0, Expires: time.Now().Add(s.life),
	}, nil
}

func retrieve(t *testing.T, p gamelift.CredentialsProvider) string {
	t.Helper()
	c, err := p.Retrieve(t.Context())
	require.NoError(t, err)
	return c.AccessKeyID
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

	t.Run("short-lived credentials are kept for half of their life", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := &source{life: time.Minute}
			cache := gamelift.CacheCredentials(s, func(o *gamelift.CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 })
			retrieve(t, cache)
			time.Sleep(30*time.Second - 1)
			retrieve(t, cache)
			require.EqualValues(t, 1, s.calls.Load())
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

		// A fetch that is under way was asked for before: it serves those who
		// wait for it already, and is not kept.
		cache.Invalidate()
		s.delay = time.Second
		var waiter string
		var wg sync.WaitGroup
		wg.Go(func() { waiter = retrieve(t, cache) })
		synctest.Wait()
		cache.Invalidate()
		require.Equal(t, "key-4", retrieve(t, cache))
		wg.Wait()
		require.Equal(t, "key-3", waiter)
		require.Equal(t, "key-4", retrieve(t, cache))
	})
}

// keyedService knows some keys and refuses the others with a code.
type keyedService struct {
	mu    sync.Mutex
	known string // access key ID
	code  string
	seen  []string
}

func (s *keyedService) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), "/")
	s.seen = append(s.seen, id)
	if id != s.known {
		return response(403, `{"__type":"`+s.code+`"}`), nil
	}
	return response(200, okBody), nil
}

var refusalCodes = []string{"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"}

func TestRefusedCredentialsAreRenewed(t *testing.T) {
	t.Parallel()
	for _, code := range refusalCodes {
		for _, cached := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				service := &keyedService{known: "key-1", code: code}
				s := &source{life: time.Hour}
				options := answering(service.Do)
				options.Credentials = s
				if cached {
					options.Credentials = gamelift.CacheCredentials(s)
				}
				client := gamelift.New(options)
				attempts, err := call(t, client)
				require.NoError(t, err)
				require.Equal(t, 1, attempts)
				if !cached { // asked for at each attempt: the next keys are others anyway
					return
				}

				service.known = "key-2"
				start := time.Now()
				attempts, err = call(t, client)
				require.NoError(t, err)
				require.Equal(t, 2, attempts)
				require.Equal(t, start, time.Now(), "without a delay")
				diff(t, []string{"key-1", "key-1", "key-2"}, service.seen)
				require.EqualValues(t, 2, s.calls.Load())
			})
		}
	}
}

func TestRefusedCredentialsThatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*gamelift.Options)
		sent   int
	}{
		{"the same keys again", func(o *gamelift.Options) { o.Credentials = testCredentials() }, 1},
		{"the same keys again, cached", func(o *gamelift.Options) { o.Credentials = gamelift.CacheCredentials(testCredentials()) }, 1},
		{"other keys that are refused as well", func(o *gamelift.Options) { o.Credentials = gamelift.CacheCredentials(&source{life: time.Hour}) }, 2},
		{"a provider that fails now", func(o *gamelift.Options) {
			calls := 0
			o.Credentials = gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				if calls++; calls > 1 {
					return gamelift.Credentials{}, errors.New("provider is down")
				}
				return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
			}))
		}, 1},
		{"no retries", func(o *gamelift.Options) {
			o.Credentials, o.RetryMaxAttempts = gamelift.CacheCredentials(&source{life: time.Hour}), 1
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, code := range refusalCodes {
				synctest.Test(t, func(t *testing.T) {
					service := &keyedService{code: code}
					_, err := call(t, gamelift.New(answering(service.Do), tt.change))
					var apiErr smithy.APIError
					require.ErrorAs(t, err, &apiErr)
					require.Equal(t, code, apiErr.ErrorCode(), "the service's error, not the provider's")
					require.Len(t, service.seen, tt.sent)
				})
			}
		})
	}
}

// Calls that fail together with the same old keys renew them once.
func TestRefusedCredentialsAreRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{life: time.Hour, delay: time.Second}
		service := &keyedService{known: "key-2", code: "ExpiredTokenException"}
		options := answering(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return service.Do(r)
		})
		options.Credentials = gamelift.CacheCredentials(s)
		client := gamelift.New(options)
		var wg sync.WaitGroup
		errs := make([]error, 50)
		for i := range errs {
			wg.Go(func() { _, errs[i] = call(t, client) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.EqualValues(t, 2, s.calls.Load())
	})
}

// A provider of the caller's own that caches and has Invalidate is told, too.
type invalidatable struct{ n int }

func (p *invalidatable) Invalidate() { p.n++ }
func (p *invalidatable) Retrieve(context.Context) (gamelift.Credentials, error) {
	return gamelift.Credentials{AccessKeyID: fmt.Sprintf("key-%d", p.n), SecretAccessKey: "s"}, nil
}

func TestProvidersWithInvalidate(t *testing.T) {
	t.Parallel()
	service := &keyedService{known: "key-1", code: "ExpiredTokenException"}
	attempts, err := call(t, gamelift.New(answering(service.Do), func(o *gamelift.Options) { o.Credentials = &invalidatable{} }))
	require.NoError(t, err)
	require.Equal(t, 2, attempts)
}

func TestNewCredentialsAreUsedFromTheNextAttemptOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := []string{}
		s := &source{}
		options := answering(func(r *http.Request) (*http.Response, error) {
			_, id, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
			id, _, _ = strings.Cut(id, "/")
			if seen = append(seen, id); len(seen) < 3 {
				return response(500, ""), nil
			}
			return response(200, okBody), nil
		})
		options.Credentials = s
		_, err := call(t, gamelift.New(options))
		require.NoError(t, err)
		diff(t, []string{"key-1", "key-2", "key-3"}, seen)
	})
}

func TestCredentialsProviderThatFails(t *testing.T) {
	t.Parallel()
	failure := errors.New("no such profile")
	s := answers(status(200, okBody))
	options := s.options()
	options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		return gamelift.Credentials{}, failure
	})
	_, err := call(t, gamelift.New(options))
	require.ErrorIs(t, err, failure)
	require.ErrorContains(t, err, "retrieve credentials")
	require.Empty(t, s.at)
}
