package gamelift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gamelift-compute/gamelift/internal/guard"
	"github.com/gamelift-compute/gamelift/internal/keyerror"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/refresh"
)

// CredentialsCacheOptions configure a [CredentialsCache]. The functions passed
// to [CacheCredentials] receive the defaults and can change them.
type CredentialsCacheOptions struct {
	// ExpiryWindow is how long before their expiry credentials are replaced.
	// Credentials that live for less than twice that are replaced after half of
	// their life. Zero or less means that they are not replaced before they
	// expire. Default: 5 minutes.
	ExpiryWindow time.Duration

	// ExpiryWindowJitterFrac is the largest fraction of ExpiryWindow by which
	// the window is shortened at random, so that many hosts do not refresh at
	// the same time. Less than 0 means 0, and more than 1 means 1. Default: 0.5.
	ExpiryWindowJitterFrac float64

	// RetryDelay is the time between a failed refresh and the next one while the
	// credentials are still valid. Default: 10 seconds.
	RetryDelay time.Duration

	// Timeout is the maximum time for one call of the provider. The callers'
	// contexts do not bound it, since they share the call. Zero means no
	// timeout. Default: 1 minute.
	Timeout time.Duration

	// Logger receives a record for each fetch (level info) and for each failed
	// one (warn). If it is nil, nothing is logged.
	Logger *slog.Logger
}

// CredentialsCache caches the credentials of another provider until they
// expire. It is safe for concurrent use.
type CredentialsCache struct {
	// cache is a *refresh.Cache[Credentials]. Only CacheCredentials knows that,
	// so that programs without it do not link the code.
	cache interface {
		// Get is refresh.Cache.Get.
		Get(ctx context.Context, skew time.Duration) (Credentials, error)

		// Drop is refresh.Cache.Drop.
		Drop(match func(Credentials) bool)
	}

	invalid error // of the provider, if every call of it would fail
}

// CacheCredentials wraps a provider that is slow, or whose credentials expire.
// Concurrent calls of Retrieve share one call of the provider. Credentials that
// can expire are replaced in the background before they do. While the provider
// fails, they are used until they expire. Credentials that cannot expire are
// kept until Invalidate is called. optFns change the options; nil functions are
// skipped.
//
// If provider is nil or panics, Retrieve returns an error.
func CacheCredentials(provider CredentialsProvider, optFns ...func(*CredentialsCacheOptions)) *CredentialsCache {
	options := CredentialsCacheOptions{
		ExpiryWindow:           5 * time.Minute,
		ExpiryWindowJitterFrac: 0.5,
		RetryDelay:             10 * time.Second,
		Timeout:                time.Minute,
	}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	settled := options // a function may have kept its pointer
	return &CredentialsCache{
		cache: &refresh.Cache[Credentials]{
			Fetch:      func(ctx context.Context) (Credentials, time.Time, error) { return settled.fetch(ctx, provider) },
			Window:     settled.ExpiryWindow,
			Jitter:     min(max(settled.ExpiryWindowJitterFrac, 0), 1),
			RetryDelay: settled.RetryDelay,
		},
		invalid: checkProvider("CacheCredentials: provider", provider),
	}
}

// errCredentialsExpired reports that the provider returned credentials that had
// already expired.
var errCredentialsExpired = errors.New("the provider returned credentials that have already expired")

// Retrieve returns the cached credentials, or waits for the provider for as long
// as ctx allows. If the provider fails, or returns credentials that have already
// expired, everyone who waited gets an error, and the next call of Retrieve asks
// the provider again.
//
// Retrieve decides by the local clock whether credentials have expired. A client
// decides by the service's clock once it has had a response.
func (c *CredentialsCache) Retrieve(ctx context.Context) (Credentials, error) {
	credentials, err := c.retrieveAt(ctx, 0)
	if err != nil {
		return Credentials{}, err
	}
	return credentials, nil
}

// retrieveAt is Retrieve by a clock that is ahead of the local one by skew. If
// the error is errCredentialsExpired, it returns the credentials as well: a
// caller that does not know the service's time lets the service decide.
func (c *CredentialsCache) retrieveAt(ctx context.Context, skew time.Duration) (Credentials, error) {
	if err := c.check(); err != nil {
		return Credentials{}, err
	}
	credentials, err := c.cache.Get(ctx, skew)
	if errors.Is(err, refresh.ErrExpired) {
		err = fmt.Errorf("%w, at %s", errCredentialsExpired, credentials.Expires.UTC().Format(time.RFC3339))
	}
	return credentials, err
}

func (c *CredentialsCache) check() error {
	if c == nil || c.cache == nil {
		return &keyerror.Error{Err: errors.New("CredentialsCache was not made by CacheCredentials")}
	}
	return c.invalid
}

// Invalidate drops the cached credentials. The next call of Retrieve waits for
// the provider. A client calls Invalidate when the service refuses the
// credentials.
func (c *CredentialsCache) Invalidate() {
	if c != nil && c.cache != nil {
		c.cache.Drop(nil)
	}
}

// drop drops the cached credentials if they are still the refused ones.
func (c *CredentialsCache) drop(refused Credentials) { c.cache.Drop(refused.sameKeys) }

// Format prints no credentials, at any verb.
func (c *CredentialsCache) Format(f fmt.State, _ rune) {
	redact.Format(f, "CredentialsCache", c.LogValue())
}

// LogValue returns an empty group, so that slog records no credentials.
func (c *CredentialsCache) LogValue() slog.Value { return slog.GroupValue() }

func (o *CredentialsCacheOptions) fetch(ctx context.Context, provider CredentialsProvider) (credentials Credentials, expires time.Time, err error) {
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	err = guard.Call("credentials provider", func() (err error) {
		credentials, err = provider.Retrieve(ctx)
		return err
	})
	if err != nil {
		err = secrets{keys: &credentials}.redactError(err) // it may quote the keys, or be long
	} else {
		err = credentials.check()
	}
	if o.Logger != nil {
		_ = guard.Call("Logger", func() error { o.log(ctx, credentials, err); return nil })
	}
	if err != nil {
		return Credentials{}, time.Time{}, err
	}
	if credentials.CanExpire {
		expires = cmp.Or(credentials.Expires, time.Unix(0, 0)) // to refresh, the zero time is never
	}
	return credentials, expires, nil
}

func (o *CredentialsCacheOptions) log(ctx context.Context, credentials Credentials, err error) {
	if err != nil {
		o.Logger.WarnContext(ctx, "credentials not fetched", "error", err.Error())
		return
	}
	o.Logger.InfoContext(ctx, "credentials fetched", "credentials", credentials)
}
