package gamelift

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A local clock that is ahead by more than the credentials live changes nothing
// for a caller who knows the service's time.
func TestCredentialsCache_retrieveAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const skew = -24 * time.Hour
		calls := 0
		cache := CacheCredentials(CredentialsProviderFunc(func(context.Context) (Credentials, error) {
			calls++
			return Credentials{AccessKeyID: "a", SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(skew + time.Hour)}, nil
		}), func(o *CredentialsCacheOptions) { o.ExpiryWindowJitterFrac = 0 })

		credentials, err := cache.retrieveAt(t.Context(), 0)
		if !errors.Is(err, errCredentialsExpired) || credentials.AccessKeyID != "a" {
			t.Errorf("by the local clock: got %v and %v, want the credentials and errCredentialsExpired", credentials, err)
		}

		for _, step := range []struct {
			sleep time.Duration
			want  int // calls
		}{{0, 1}, {55*time.Minute - 1, 1}, {1, 2}, {0, 2}} {
			time.Sleep(step.sleep)
			_, err := cache.retrieveAt(t.Context(), skew)
			synctest.Wait()
			if err != nil || calls != step.want {
				t.Errorf("got error %v after %d calls of the provider, want no error after %d", err, calls, step.want)
			}
		}
	})
}
