package awsconfig_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// providers are both kinds, by name, for what the server has from the start.
// output returns the keys of the provider's Output, or nil.
var providers = map[string]func(client *gamelift.Client, optFns ...func(*awsconfig.ProviderOptions)) (provider aws.CredentialsProvider, output func() *aws.Credentials){
	"ComputeAccess": func(client *gamelift.Client, optFns ...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials) {
		p := awsconfig.NewComputeAccess(client, gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, optFns...)
		return p, func() *aws.Credentials {
			if p.Output() == nil {
				return nil
			}
			keys := p.Output().Credentials
			return &aws.Credentials{AccessKeyID: *keys.AccessKeyId, SecretAccessKey: *keys.SecretAccessKey, SessionToken: *keys.SessionToken}
		}
	},
	"UploadCredentials": func(client *gamelift.Client, optFns ...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials) {
		p := awsconfig.NewUploadCredentials(client, gamelifttest.BuildID, optFns...)
		return p, func() *aws.Credentials {
			if p.Output() == nil {
				return nil
			}
			keys := p.Output().UploadCredentials
			return &aws.Credentials{AccessKeyID: *keys.AccessKeyId, SecretAccessKey: *keys.SecretAccessKey, SessionToken: *keys.SessionToken}
		}
	},
}

// eachProvider runs a test of both kinds in fake time.
func eachProvider(t *testing.T, test func(t *testing.T, server *gamelifttest.Server,
	newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials))) {
	t.Parallel()
	for name, newProvider := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := gamelifttest.NewUnstartedServer()
				client := gamelift.New(server.ClientOptions())
				test(t, server, func(optFns ...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials) {
					return newProvider(client, optFns...)
				})
			})
		})
	}
}

func lifetime(d time.Duration) func(*awsconfig.ProviderOptions) {
	return func(o *awsconfig.ProviderOptions) { o.Lifetime = d }
}

func TestProvidersReturnTheOutputsCredentials(t *testing.T) {
	eachProvider(t, func(t *testing.T, server *gamelifttest.Server, newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials)) {
		for _, test := range []struct {
			name    string
			options func(*awsconfig.ProviderOptions)
			life    time.Duration // 0: they do not expire
		}{
			{name: "no option", life: 10 * time.Minute},
			{name: "zero", options: lifetime(0), life: 10 * time.Minute},
			{name: "an hour", options: lifetime(time.Hour), life: time.Hour},
			{name: "negative", options: lifetime(-1)},
		} {
			provider, output := newProvider(test.options)
			require.Nil(t, output(), test.name)
			called := time.Now()
			server.Inject(gamelifttest.Fault{Delay: 3 * time.Second}) // the lifetime is counted from before the call
			got, err := provider.Retrieve(t.Context())
			require.NoError(t, err, test.name)

			want := *output()
			want.Source = got.Source
			require.Contains(t, []string{"GameLift.GetComputeAccess", "GameLift.RequestUploadCredentials"}, got.Source)
			if test.life > 0 {
				want.CanExpire, want.Expires = true, called.Add(test.life)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: credentials (-want +got):\n%s", test.name, diff)
			}
			require.NotEmpty(t, got.SessionToken)
		}
	})
}

func TestProvidersUnderTheSDKsCache(t *testing.T) {
	eachProvider(t, func(t *testing.T, server *gamelifttest.Server, newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials)) {
		provider, output := newProvider()
		cache := aws.NewCredentialsCache(provider)
		retrieve := func() aws.Credentials {
			keys, err := cache.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, output().SessionToken, keys.SessionToken, "Output is not the credentials' own")
			return keys
		}
		first := retrieve()
		time.Sleep(10*time.Minute - time.Nanosecond)
		require.Equal(t, first, retrieve())
		require.Len(t, server.Requests(), 1)
		time.Sleep(time.Nanosecond)
		second := retrieve()
		require.NotEqual(t, first.SessionToken, second.SessionToken)
		cache.Invalidate()
		require.NotEqual(t, second.SessionToken, retrieve().SessionToken)
		require.Len(t, server.Requests(), 3)
	})
}

func TestProvidersKeepTheOutputWhenACallFails(t *testing.T) {
	eachProvider(t, func(t *testing.T, server *gamelifttest.Server, newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials)) {
		provider, output := newProvider()
		_, err := provider.Retrieve(t.Context())
		require.NoError(t, err)
		first := *output()

		server.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Message: "not you"})
		keys, err := provider.Retrieve(t.Context())
		var unauthorized *apierrors.UnauthorizedException
		require.ErrorAs(t, err, &unauthorized)
		require.Zero(t, keys)
		require.Equal(t, first, *output())

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = provider.Retrieve(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestProvidersRefuseAnOutputWithoutCredentials(t *testing.T) {
	t.Parallel()
	for name, newProvider := range providers {
		for _, body := range []string{`{}`, `{"Credentials":{},"UploadCredentials":{}}`,
			`{"Credentials":{"AccessKeyId":"id"},"UploadCredentials":{"AccessKeyId":"id"}}`} {
			options := gamelifttest.NewUnstartedServer().ClientOptions()
			options.HTTPClient = answer(body)
			provider, output := newProvider(gamelift.New(options))
			_, err := provider.Retrieve(t.Context())
			require.ErrorContains(t, err, "has no credentials", "%s, %s", name, body)
			require.Nil(t, output())
		}
	}
}

// answer is an HTTPClient that answers every request with status 200.
type answer string

func (body answer) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.WriteString(string(body))
	return w.Result(), nil
}

func TestProvidersReportBadInput(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	client := gamelift.New(server.ClientOptions())
	var invalid smithy.InvalidParamsError
	for _, test := range []struct {
		provider aws.CredentialsProvider
		wants    []string
	}{
		{awsconfig.NewComputeAccess(client, "", ""), []string{"FleetId", "ComputeName"}},
		{awsconfig.NewUploadCredentials(client, ""), []string{"BuildId"}},
	} {
		_, err := test.provider.Retrieve(t.Context())
		require.ErrorAs(t, err, &invalid)
		for _, want := range test.wants {
			require.ErrorContains(t, err, want)
		}
	}
	for _, provider := range []aws.CredentialsProvider{
		awsconfig.NewComputeAccess(nil, "fleet-1", "host"), &awsconfig.ComputeAccess{}, (*awsconfig.ComputeAccess)(nil),
		awsconfig.NewUploadCredentials(nil, "build-1"), &awsconfig.UploadCredentials{}, (*awsconfig.UploadCredentials)(nil),
	} {
		_, err := provider.Retrieve(t.Context())
		require.ErrorContains(t, err, "has no client", "%T", provider)
	}
	require.Nil(t, (*awsconfig.ComputeAccess)(nil).Output())
	require.Nil(t, (*awsconfig.UploadCredentials)(nil).Output())
	require.Empty(t, server.Requests())
}

// Callers that share a cache get the credentials of one call.
func TestProvidersAreConcurrent(t *testing.T) {
	eachProvider(t, func(t *testing.T, server *gamelifttest.Server, newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials)) {
		provider, output := newProvider()
		for _, test := range []struct {
			provider aws.CredentialsProvider
			calls    int
		}{{aws.NewCredentialsCache(provider), 1}, {provider, 20}} {
			server.Reset()
			server.Inject(gamelifttest.Fault{Delay: time.Second, Count: -1})
			var wait sync.WaitGroup
			for range 20 {
				wait.Go(func() {
					_, err := test.provider.Retrieve(t.Context())
					assert.NoError(t, err)
					assert.NotNil(t, output())
				})
			}
			wait.Wait()
			require.Len(t, server.Requests(), test.calls)
		}
	})
}

func TestProvidersPrintNoSecrets(t *testing.T) {
	eachProvider(t, func(t *testing.T, server *gamelifttest.Server, newProvider func(...func(*awsconfig.ProviderOptions)) (aws.CredentialsProvider, func() *aws.Credentials)) {
		provider, output := newProvider()
		_, err := provider.Retrieve(t.Context())
		require.NoError(t, err)
		requireNoSecrets(t, provider, output().SecretAccessKey, output().SessionToken, gamelifttest.SecretAccessKey)
	})
}
