package gamelift_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
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
	apierrors "github.com/gamelift-compute/gamelift/errors"
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

// invalidatable is a provider of the caller's own that caches its keys.
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

// renewing is a provider whose keys another call has replaced meanwhile.
type renewing struct {
	invalidatable
	calls int
}

func (p *renewing) Retrieve(context.Context) (gamelift.Credentials, error) {
	p.calls++
	return gamelift.Credentials{AccessKeyID: fmt.Sprintf("key-%d", min(p.calls, 2)), SecretAccessKey: "s"}, nil
}

func TestProvidersThatHaveOtherKeysAreNotInvalidated(t *testing.T) {
	t.Parallel()
	service := &keyedService{known: "key-2", code: "ExpiredTokenException"}
	provider := &renewing{}
	attempts, err := call(t, gamelift.New(answering(service.Do), func(o *gamelift.Options) { o.Credentials = provider }))
	require.NoError(t, err)
	require.Equal(t, 2, attempts)
	require.Zero(t, provider.n, "a late refusal must not drop fresh keys")
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
	options := s.Options()
	options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		return gamelift.Credentials{}, failure
	})
	_, err := call(t, gamelift.New(options))
	require.ErrorIs(t, err, failure)
	require.ErrorContains(t, err, "retrieve credentials")
	require.Empty(t, s.At)
}

func TestEmptyKeysOfAProvider(t *testing.T) {
	t.Parallel()
	for _, keys := range []gamelift.Credentials{{}, {AccessKeyID: "a"}, {SecretAccessKey: "s"}, {AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "x\ny"}} {
		s := answers(status(200, okBody))
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) { return keys, nil })
		}).GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "retrieve credentials")
		require.Empty(t, s.At)
	}
}

func TestContextsOfProviders(t *testing.T) {
	t.Parallel()
	own := errors.New("the provider's own words") // does not wrap the context's error
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
		_, err := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) { o.Credentials = stalls(1) }).GetComputeAuthToken(ctx, authTokenInput())
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) { o.Credentials, o.AttemptTimeout = stalls(1), time.Second }, oneAttempt).
			GetComputeAuthToken(t.Context(), authTokenInput())
		var send *smithyhttp.RequestSendError
		require.ErrorAs(t, err, &send)
		require.Equal(t, time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) { // the renewal
		start := time.Now()
		_, err := gamelift.New(answers(status(403, `{"__type":"ExpiredToken"}`)).Options(), func(o *gamelift.Options) { o.Credentials, o.AttemptTimeout = stalls(2), time.Second }).
			GetComputeAuthToken(t.Context(), authTokenInput())
		require.ErrorContains(t, err, "ExpiredToken")
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestRenewalWithACustomRetryer(t *testing.T) {
	t.Parallel()
	s := answers(status(500, ""), status(403, `{"__type":"ExpiredToken"}`), status(200, okBody))
	spy := &spyRetryer{retries: true} // MaxAttempts is 0: no limit
	_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
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
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
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
	for _, bad := range []string{"b\n", "\r\nb", "b\nb", " b", "b ", "b\t", " "} { // copied with too much
		_, err := gamelift.StaticCredentials("a", bad, "").Retrieve(t.Context())
		require.ErrorContains(t, err, "SecretAccessKey", "%q", bad)
		require.True(t, apierrors.IsCredentials(err))
	}
	_, err := gamelift.StaticCredentials("!~", "b b", "!~").Retrieve(t.Context())
	require.NoError(t, err)
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
		options := answers(status(403, `{"__type":"ExpiredToken"}`)).Options()
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
			_, err := call(t, gamelift.New(s.Options(), func(o *gamelift.Options) {
				o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
					calls++
					return gamelift.Credentials{}, tt.failure
				})
			}))
			require.ErrorIs(t, err, tt.failure)
			require.Equal(t, tt.calls, calls, "%v", tt.failure)
			require.Empty(t, s.At)
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
		_, err := call(t, gamelift.New(s.Options(), func(o *gamelift.Options) { o.Credentials = provider }))
		require.ErrorContains(t, err, "Options.Credentials: Credentials")
		require.Empty(t, s.At)
	}
}

func TestCredentialsRedactInJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: testSecretKey, SessionToken: testSessionToken})
	require.NoError(t, err)
	require.JSONEq(t, `{"AccessKeyID":"a","SecretAccessKey":"REDACTED","SessionToken":"REDACTED","Source":"","CanExpire":false,"Expires":"0001-01-01T00:00:00Z","AccountID":""}`, string(got))
	got, err = json.Marshal(map[string]any{"c": &gamelift.Credentials{}})
	require.NoError(t, err)
	require.NotContains(t, string(got), "REDACTED", "what is absent is not shown as present")
}

func TestCredentials_UnmarshalJSON(t *testing.T) {
	t.Parallel()
	want := gamelift.Credentials{
		AccessKeyID: "a", SecretAccessKey: "s", SessionToken: "t", Source: "source", CanExpire: true,
		Expires: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), AccountID: "111122223333",
	}
	var got gamelift.Credentials
	require.NoError(t, json.Unmarshal([]byte(`{"AccessKeyID":"a","SecretAccessKey":"s","SessionToken":"t","Source":"source",`+
		`"CanExpire":true,"Expires":"2026-11-20T10:00:00Z","AccountID":"111122223333"}`), &got))
	require.Equal(t, want, got)

	for _, keys := range []gamelift.Credentials{want, {AccessKeyID: "a", SecretAccessKey: "s"}, {AccessKeyID: "a", SessionToken: "t"}} {
		redacted, err := json.Marshal(keys)
		require.NoError(t, err)
		got := want
		require.ErrorContains(t, json.Unmarshal(redacted, &got), "redacted secrets")
		require.Equal(t, want, got, "an error changes nothing")
	}
	require.Error(t, json.Unmarshal([]byte(`{"AccessKeyID":1}`), &got))

	for _, text := range []string{`null`, `{}`, `{"AccountID":"111122223333"}`} {
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, want, got, "what is absent stays as it is")
	}
}
