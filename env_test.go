package gamelift_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
)

var environmentVariables = []string{
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_CREDENTIAL_EXPIRATION", "AWS_ENDPOINT_URL_GAMELIFT", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_MAX_ATTEMPTS", "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
	"AWS_SDK_UA_APP_ID", "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID",
}

func setenv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range environmentVariables {
		t.Setenv(name, env[name])
	}
}

func TestOptionsFromEnv(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want gamelift.Options
	}{
		{"nothing", nil, gamelift.Options{}},
		{"everything", map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_GAMELIFT": "http://localhost:1/a",
			"AWS_ENDPOINT_URL": "http://localhost:2", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false", "AWS_USE_FIPS_ENDPOINT": "true",
			"AWS_USE_DUALSTACK_ENDPOINT": "TRUE", "AWS_MAX_ATTEMPTS": "7", "AWS_DISABLE_CLOCK_SKEW_CORRECTION": "true", "AWS_SDK_UA_APP_ID": "lobby",
		}, gamelift.Options{
			Region: "eu-west-1", BaseEndpoint: new("http://localhost:1/a"), UseFIPS: true, UseDualStack: true, RetryMaxAttempts: 7,
			DisableClockSkewCorrection: true, AppID: "lobby",
		}},
		{"second choices", map[string]string{"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://localhost:2"},
			gamelift.Options{Region: "us-east-1", BaseEndpoint: new("http://localhost:2")}},
		{"endpoints to ignore", map[string]string{
			"AWS_ENDPOINT_URL": "http://localhost:2", "AWS_ENDPOINT_URL_GAMELIFT": "no URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
		}, gamelift.Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setenv(t, tt.env)
			got, err := gamelift.OptionsFromEnv()
			require.NoError(t, err)
			require.NotNil(t, got.Credentials)
			diff(t, tt.want, got, cmpopts.IgnoreFields(gamelift.Options{}, "Credentials"))
		})
	}
}

func TestOptionsFromEnv_Malformed(t *testing.T) {
	tests := map[string][]string{
		"AWS_REGION":                          {"US EAST", "us-east-1.evil.example"},
		"AWS_DEFAULT_REGION":                  {"-"},
		"AWS_ACCESS_KEY_ID":                   {"canary\n", "ca nary", " "},
		"AWS_SECRET_ACCESS_KEY":               {"canary\n", " canary", "\t"},
		"AWS_SESSION_TOKEN":                   {"canary\r\n", "ca nary", "canary\x7f"},
		"AWS_CREDENTIAL_EXPIRATION":           {"tomorrow", "1763632800"},
		"AWS_ENDPOINT_URL_GAMELIFT":           {"localhost:1", "ftp://localhost", "http://user:canary@localhost"},
		"AWS_ENDPOINT_URL":                    {"http://"},
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": {"yes"},
		"AWS_USE_FIPS_ENDPOINT":               {"1"},
		"AWS_USE_DUALSTACK_ENDPOINT":          {"on"},
		"AWS_MAX_ATTEMPTS":                    {"0", "-1", "three", "1e3"},
		"AWS_DISABLE_CLOCK_SKEW_CORRECTION":   {"no"},
	}
	for name, values := range tests {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				setenv(t, map[string]string{name: value})
				_, err := gamelift.OptionsFromEnv()
				require.ErrorContains(t, err, name+": ")
				require.NotContains(t, err.Error(), "canary")
			})
		}
	}
	t.Run("all at once", func(t *testing.T) {
		names := []string{"AWS_MAX_ATTEMPTS", "AWS_USE_FIPS_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"}
		setenv(t, nil)
		for _, name := range names {
			t.Setenv(name, "x\n")
		}
		_, err := gamelift.OptionsFromEnv()
		for _, name := range names {
			require.ErrorContains(t, err, name)
		}
	})
}

func TestEnvironmentCredentials(t *testing.T) {
	setenv(t, map[string]string{
		"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c", "AWS_CREDENTIAL_EXPIRATION": "2026-11-20T10:00:00Z",
	})
	provider := gamelift.EnvironmentCredentials()
	got, err := provider.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, gamelift.Credentials{
		AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "c", Source: "EnvironmentCredentials",
		CanExpire: true, Expires: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
	}, got)

	t.Setenv("AWS_ACCESS_KEY_ID", "d") // read at each Retrieve
	got, err = provider.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, "d", got.AccessKeyID)

	for _, name := range []string{"AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"} {
		t.Setenv(name, "soon\n")
		got, err = provider.Retrieve(t.Context())
		require.ErrorContains(t, err, name)
		require.True(t, apierrors.IsCredentials(err))
		require.Zero(t, got)
	}
}

// Without keys, the call fails with an error that says what to do.
func TestAbsentKeys(t *testing.T) {
	for _, absent := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		env := map[string]string{"AWS_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
		delete(env, absent)
		setenv(t, env)
		options, err := gamelift.OptionsFromEnv()
		require.NoError(t, err)
		s := answers(status(200, okBody))
		options.HTTPClient = s.Options().HTTPClient
		_, err = gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		for _, part := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "awsconfig.Load"} {
			require.ErrorContains(t, err, part)
		}
		require.Empty(t, s.At)
	}
}

func FuzzOptionsFromEnv(f *testing.F) {
	f.Add("us-west-2", "http://localhost:1", "true", "3", "2026-11-20T10:00:00Z")
	f.Add("US", "http://u:p@h?q#f", "maybe", "-1", "x")
	f.Fuzz(func(t *testing.T, region, endpoint, flag, attempts, expiration string) {
		values := []string{region, endpoint, flag, attempts, expiration}
		for i, name := range []string{"AWS_REGION", "AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_MAX_ATTEMPTS", "AWS_CREDENTIAL_EXPIRATION"} {
			if strings.ContainsRune(values[i], 0) {
				t.Skip("no environment holds it")
			}
			t.Setenv(name, values[i])
		}
		options, err := gamelift.OptionsFromEnv()
		if err != nil {
			return
		}
		if options.RetryMaxAttempts < 0 || options.UseFIPS && !strings.EqualFold(flag, "true") {
			t.Errorf("%v", options)
		}
	})
}

func TestOptionsFromEnv_NothingWithAnError(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_CREDENTIAL_EXPIRATION", "tomorrow-canary")
	options, err := gamelift.OptionsFromEnv()
	require.ErrorContains(t, err, "AWS_CREDENTIAL_EXPIRATION: want a time in RFC 3339 form")
	require.NotContains(t, err.Error(), "canary")
	require.Equal(t, gamelift.Options{}, options)
}
