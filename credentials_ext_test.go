package gamelift_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
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

func TestEmptyKeysOfAProvider(t *testing.T) {
	t.Parallel()
	for _, keys := range []gamelift.Credentials{{}, {AccessKeyID: "a"}, {SecretAccessKey: "s"}, {AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "x\ny"}} {
		s := answers(status(200, okBody))
		_, err := gamelift.New(s.options(), func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) { return keys, nil })
		}).GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "retrieve credentials")
		require.Empty(t, s.at)
	}
}

func TestContextsOfProviders(t *testing.T) {
	t.Parallel()
	own := errors.New("the provider's own words") // says nothing of the context
	stalls := func(from int) gamelift.CredentialsProvider {
		n := 0
		return gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
			if n++; n >= from {
				<-ctx.Done()
				return gamelift.Credentials{}, own
			}
			return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := gamelift.New(answers(status(200, okBody)).options(), func(o *gamelift.Options) { o.Credentials = stalls(1) }).GetComputeAuthToken(ctx, authTokenInput())
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := gamelift.New(answers(status(200, okBody)).options(), func(o *gamelift.Options) { o.Credentials, o.AttemptTimeout = stalls(1), time.Second }, oneAttempt).
			GetComputeAuthToken(t.Context(), authTokenInput())
		var send *smithyhttp.RequestSendError
		require.ErrorAs(t, err, &send)
		require.Equal(t, time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) { // the renewal
		start := time.Now()
		_, err := gamelift.New(answers(status(403, `{"__type":"ExpiredToken"}`)).options(), func(o *gamelift.Options) { o.Credentials, o.AttemptTimeout = stalls(2), time.Second }).
			GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "ExpiredToken")
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestRenewalWithACustomRetryer(t *testing.T) {
	t.Parallel()
	s := answers(status(500, ""), status(403, `{"__type":"ExpiredToken"}`), status(200, okBody))
	spy := &spyRetryer{retries: true} // MaxAttempts is 0: no limit
	_, err := gamelift.New(s.options(), func(o *gamelift.Options) {
		o.Retryer, o.Credentials = spy, &source{life: time.Hour}
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	diff(t, []string{
		"initial token", "initial token settled, failed true", "retryable", "retry token", "delay 1",
		"retry token settled, failed true", // and the renewed attempt settles nothing
	}, spy.asked)
}

func TestAbsentSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	require.Equal(t, `Credentials{AccessKeyID:"a"}`, fmt.Sprint(gamelift.Credentials{AccessKeyID: "a"}))
}

func TestRenewedKeysDifferInOnePart(t *testing.T) {
	t.Parallel()
	for _, next := range []gamelift.Credentials{
		{AccessKeyID: "b", SecretAccessKey: "s", SessionToken: "t"},
		{AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "t"},
		{AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "b"},
	} {
		n := 0
		s := answers(status(403, `{"__type":"ExpiredToken"}`), status(200, okBody))
		_, err := gamelift.New(s.options(), func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				if n++; n == 1 {
					return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "t"}, nil
				}
				return next, nil
			})
		}).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
	}
}

func TestStaticCredentials_Bytes(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{" ", "\x7f", "\x80", "é", "\t"} {
		_, err := gamelift.StaticCredentials("a"+bad, "b", "").Retrieve(t.Context())
		require.Error(t, err, "%q", bad)
	}
	_, err := gamelift.StaticCredentials("!~", "b", "!~").Retrieve(t.Context())
	require.NoError(t, err)
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

// Refused keys leave the cache also when the call has no attempt left for
// others.
func TestRefusedCredentialsAreDroppedByTheLastAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &keyedService{known: "key-2", code: "ExpiredTokenException"}
		options := answering(service.Do)
		options.Credentials, options.RetryMaxAttempts = gamelift.CacheCredentials(&source{life: time.Hour}), 1
		client := gamelift.New(options)
		_, err := call(t, client)
		require.Error(t, err)
		_, err = call(t, client)
		require.NoError(t, err)
	})
}

func TestDoneContextInTheRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		options := answers(status(403, `{"__type":"ExpiredToken"}`)).options()
		options.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
			if calls++; calls > 1 {
				<-ctx.Done()
				return gamelift.Credentials{}, ctx.Err()
			}
			return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := gamelift.New(options).GetComputeAuthToken(ctx, authTokenInput())
		requireCanceled(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "ExpiredToken")
	})
}

// The Retryer decides about a provider's failure as about others: one of the
// network is retried, and so is throttling. A provider whose own credentials
// are refused is not our service refusing ours.
func TestRetriesOfProviders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		failure error
		calls   int
	}{
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 3},
		{&smithy.GenericAPIError{Code: "ThrottlingException"}, 3},
		{errors.New("no such profile"), 1},
		{&smithy.GenericAPIError{Code: "ExpiredToken"}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			s := answers(status(200, okBody))
			_, err := call(t, gamelift.New(s.options(), func(o *gamelift.Options) {
				o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
					calls++
					return gamelift.Credentials{}, tt.failure
				})
			}))
			require.ErrorIs(t, err, tt.failure)
			require.Equal(t, tt.calls, calls, "%v", tt.failure)
			require.Empty(t, s.at)
		})
	}
}

func TestProvidersThatAreNil(t *testing.T) {
	t.Parallel()
	var none *gamelift.CredentialsCache
	none.Invalidate()
	new(gamelift.CredentialsCache).Invalidate()
	for _, provider := range []gamelift.CredentialsProvider{gamelift.CredentialsProviderFunc(nil), none, &gamelift.CredentialsCache{}} {
		s := answers(status(200, okBody))
		_, err := call(t, gamelift.New(s.options(), func(o *gamelift.Options) { o.Credentials = provider }))
		require.ErrorContains(t, err, "retrieve credentials: Credentials")
		require.Empty(t, s.at)
	}
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
