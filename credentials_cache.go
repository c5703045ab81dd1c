package gamelift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/refresh"
)

// CredentialsCacheOptions configure a [CredentialsCache].
type CredentialsCacheOptions struct {
	// ExpiryWindow is how long ahead of their end credentials are replaced.
	// Default: 5 minutes; of credentials that live for less than twice that,
	// the second half of their life. Zero or less: not before their end.
	ExpiryWindow time.Duration

	// ExpiryWindowJitterFrac is the part of ExpiryWindow, cut to 0 to 1, by which it
	// is shortened at random, so that many hosts do not refresh at one time.
	// Default: 0.5.
	ExpiryWindowJitterFrac float64

	// RetryDelay is how long a failed refresh of credentials that are still
	// valid holds off the next. Default: 10 seconds.
	RetryDelay time.Duration

	// Timeout bounds one call of the provider, which no caller's context does.
	// Default: 1 minute. Zero: none.
	Timeout time.Duration

	// Logger receives a record for each fetch (level info), and for each that
	// failed (warn). Nil: silent.
	Logger *slog.Logger
}

// CredentialsCache keeps the credentials of another provider while they are
// valid. It is safe for concurrent use.
type CredentialsCache struct {
	cache *refresh.Cache[Credentials]
}

// CacheCredentials wraps a provider that is slow, or whose credentials expire.
// Concurrent calls of Retrieve share one call of the provider. Credentials that
// can expire are replaced in the background ahead of their end, and served to
// their end while the provider fails; those that cannot are kept until
// Invalidate. optFns change the options; nil ones are skipped. A nil provider is
// an error of Retrieve.
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
	return &CredentialsCache{cache: &refresh.Cache[Credentials]{
		Fetch:      func(ctx context.Context) (refresh.Lease[Credentials], error) { return options.fetch(ctx, provider) },
		RetryAfter: options.RetryDelay,
	}}
}

// Retrieve returns the cached credentials, or waits for the provider's as long
// as ctx allows. The provider's error goes to those who waited for it; the next
// call asks the provider again.
func (c *CredentialsCache) Retrieve(ctx context.Context) (Credentials, error) {
	if c == nil || c.cache == nil {
		return Credentials{}, errors.New("CredentialsCache was not made by CacheCredentials")
	}
	return c.cache.Get(ctx)
}

// Invalidate drops the cached credentials: the next Retrieve waits for the
// provider's. A client does so by itself when the service refuses them.
func (c *CredentialsCache) Invalidate() {
	if c != nil && c.cache != nil {
		c.cache.Drop(nil)
	}
}

// drop is Invalidate, but for credentials that have been replaced already.
func (c *CredentialsCache) drop(refused Credentials) { c.cache.Drop(refused.sameKeys) }

// Format prints no credentials, at any verb.
func (c *CredentialsCache) Format(f fmt.State, _ rune) {
	redact.Format(f, "CredentialsCache", c.LogValue())
}

// LogValue is what slog records: no credentials.
func (c *CredentialsCache) LogValue() slog.Value { return slog.GroupValue() }

func (o *CredentialsCacheOptions) fetch(ctx context.Context, provider CredentialsProvider) (refresh.Lease[Credentials], error) {
	if provider == nil {
		return refresh.Lease[Credentials]{}, errors.New("CacheCredentials: provider is nil")
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	credentials, err := provider.Retrieve(ctx)
	if err == nil {
		err = credentials.check()
	}
	if err != nil {
		if o.Logger != nil {
			o.Logger.WarnContext(ctx, "credentials not fetched", "error", err)
		}
		return refresh.Lease[Credentials]{}, err
	}
	if o.Logger != nil {
		o.Logger.InfoContext(ctx, "credentials fetched", "credentials", credentials)
	}
	lease := refresh.Lease[Credentials]{Value: credentials}
	if credentials.CanExpire {
		lease.Expires = cmp.Or(credentials.Expires, time.Unix(0, 0))
		window := min(o.ExpiryWindow, time.Until(credentials.Expires)/2)
		jitter := min(max(o.ExpiryWindowJitterFrac, 0), 1)
		window -= time.Duration(float64(window) * jitter * rand.Float64())
		lease.Refresh = lease.Expires.Add(-max(window, 0))
	}
	return lease, nil
}
