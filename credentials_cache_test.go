package gamelift_test

import (
	"bytes"
	"context"
	"log/slog"
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
