package awsconfig_test

import (
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// programVariable makes the test program a credential process. It holds a URL, and the program prints what a GET of it
// returns.
const programVariable = "AWSCONFIG_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if url := os.Getenv(programVariable); url != "" {
		resp, err := http.Get(url)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_, _ = io.Copy(os.Stdout, resp.Body)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// home removes the AWS variables from the environment for the time of the test, and returns a new home directory. Tests
// that call it cannot be parallel.
func home(t *testing.T) string {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // so that it comes back
			require.NoError(t, os.Unsetenv(name))
		}
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, ".aws", "config")) // the SDK looks for HOME once, when the program starts
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, ".aws", "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return dir
}

// writeFile writes a file below the home directory.
func writeFile(t *testing.T, home, name, content string) string {
	t.Helper()
	path := filepath.Join(home, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// source is a place where the SDK finds credentials that can be renewed.
type source struct {
	name   string
	setUp  func(t *testing.T, home string, issuer *issuer)
	option func(issuer *issuer) func(*config.LoadOptions) error // nil for most
}

// load makes a client whose credentials come from the source.
func (s source) load(t *testing.T, home string, issuer *issuer) *gamelift.Client {
	s.setUp(t, home, issuer)
	var option func(*config.LoadOptions) error
	if s.option != nil {
		option = s.option(issuer)
	}
	client, err := awsconfig.Load(t.Context(), option)
	require.NoError(t, err)
	return client
}

var sourcesOfCredentials = []source{
	{name: "credential_process", setUp: func(t *testing.T, home string, issuer *issuer) {
		program, err := os.Executable()
		require.NoError(t, err)
		t.Setenv(programVariable, issuer.URL+"/program")
		writeFile(t, home, ".aws/config", "[default]\nregion = us-west-2\ncredential_process = "+program+"\n")
	}},
	{name: "web identity", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod")
		t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", writeFile(t, home, "token", identityToken))
		t.Setenv("AWS_ENDPOINT_URL_STS", issuer.URL)
	}},
	{name: "assumed role", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_PROFILE", "operator")
		t.Setenv("AWS_ENDPOINT_URL_STS", issuer.URL)
		writeFile(t, home, ".aws/config", "[profile operator]\nregion = us-west-2\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = base\n")
		writeFile(t, home, ".aws/credentials", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret\n")
	}},
	{name: "role assumed with the keys of the environment", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_ENDPOINT_URL_STS", issuer.URL)
		t.Setenv("AWS_ACCESS_KEY_ID", "AKIABASE")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "base-secret")
		writeFile(t, home, ".aws/config", "[profile operator]\nregion = us-west-2\nrole_arn = arn:aws:iam::111122223333:role/operator\ncredential_source = Environment\n")
	}, option: func(*issuer) func(*config.LoadOptions) error { return config.WithSharedConfigProfile("operator") }},
	{name: "instance (IMDSv2)", setUp: func(t *testing.T, _ string, issuer *issuer) {
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
		t.Setenv("AWS_EC2_METADATA_V1_DISABLED", "true")
		t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", issuer.URL)
	}},
	{name: "container", setUp: func(t *testing.T, _ string, issuer *issuer) {
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", issuer.URL+"/container")
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", containerToken)
	}},
	{name: "container with a token file", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", issuer.URL+"/container")
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", writeFile(t, home, "token", containerToken))
	}},
	{name: "container of the ECS agent", setUp: func(t *testing.T, _ string, _ *issuer) {
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container")
		t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", containerToken)
	}, option: func(issuer *issuer) func(*config.LoadOptions) error {
		return config.WithEndpointCredentialOptions(func(o *endpointcreds.Options) { o.HTTPClient = agentClient{issuer} })
	}},
	{name: "SSO", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_ENDPOINT_URL_SSO", issuer.URL)
		writeFile(t, home, ".aws/config", ssoProfile)
		cachePortalToken(t, home, "studio")
	}},
	{name: "SSO with a token to refresh", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_ENDPOINT_URL_SSO", issuer.URL)
		t.Setenv("AWS_ENDPOINT_URL_SSO_OIDC", issuer.URL)
		writeFile(t, home, ".aws/config", ssoProfile)
		writeFile(t, home, portalTokenFile("studio"), fmt.Sprintf(
			`{"accessToken":"expired","expiresAt":"2020-01-02T03:04:05Z","refreshToken":%q,"clientId":%q,"clientSecret":%q}`,
			refreshToken, oidcClientID, oidcClientSecret))
	}},
	{name: "SSO without a session", setUp: func(t *testing.T, home string, issuer *issuer) {
		t.Setenv("AWS_ENDPOINT_URL_SSO", issuer.URL)
		writeFile(t, home, ".aws/config", `[default]
region = us-west-2
sso_start_url = https://studio.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Operator
`)
		cachePortalToken(t, home, "https://studio.awsapps.com/start")
	}},
}

const ssoProfile = `[default]
region = us-west-2
sso_session = studio
sso_account_id = 111122223333
sso_role_name = Operator
[sso-session studio]
sso_region = us-east-1
sso_start_url = https://studio.awsapps.com/start
`

// agentClient is an HTTP client for which the issuer is the agent of Amazon ECS,
// whose address is fixed.
type agentClient struct{ issuer *issuer }

func (c agentClient) Do(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "169.254.170.2" {
		return nil, fmt.Errorf("%s is not the agent", r.URL)
	}
	r = r.Clone(r.Context())
	r.URL.Host = c.issuer.Listener.Addr().String()
	return c.issuer.Client().Do(r)
}

// portalTokenFile is the file that "aws sso login" writes.
func portalTokenFile(key string) string {
	return fmt.Sprintf(".aws/sso/cache/%x.json", sha1.Sum([]byte(key)))
}

// cachePortalToken writes a token that is valid.
func cachePortalToken(t *testing.T, home, key string) {
	writeFile(t, home, portalTokenFile(key), fmt.Sprintf(`{"accessToken":%q,"expiresAt":%q}`, portalToken, sentExpiry().Format(time.RFC3339)))
}

// temporary are keys that the server knows, under an ID of their own.
func temporary(id string) gamelift.Credentials {
	return gamelift.Credentials{AccessKeyID: "ASIA" + id, SecretAccessKey: "secret-of-" + id, SessionToken: "token-of-" + id}
}

// startServer starts a server that accepts the keys, and sets AWS_ENDPOINT_URL_GAMELIFT to it.
func startServer(t *testing.T, keys ...gamelift.Credentials) *gamelifttest.Server {
	server := gamelifttest.NewServer(func(o *gamelifttest.Options) { o.Credentials = keys })
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", server.URL())
	return server
}

// signers returns the error code or else the access key of each request that arrived.
func signers(server *gamelifttest.Server) (signers []string) {
	for _, r := range server.Requests() {
		signers = append(signers, cmp.Or(r.ErrorCode, r.AccessKeyID))
	}
	return signers
}

func TestLoadFindsTheCredentials(t *testing.T) {
	for _, source := range sourcesOfCredentials {
		t.Run(source.name, func(t *testing.T) {
			home := home(t)
			keys := temporary("FIRST")
			server, issuer := startServer(t, keys), newIssuer(t, keys)
			client := source.load(t, home, issuer)
			require.NoError(t, requestUpload(t.Context(), client))
			require.NoError(t, requestUpload(t.Context(), client))
			require.Equal(t, []string{"ASIAFIRST", "ASIAFIRST"}, signers(server))
			require.Equal(t, 1, issuer.timesAsked())
		})
	}
}

func TestLoadRenewsExpiredCredentials(t *testing.T) {
	for _, source := range sourcesOfCredentials {
		t.Run(source.name, func(t *testing.T) {
			home := home(t)
			expired, renewed := temporary("EXPIRED"), temporary("RENEWED")
			expired.CanExpire, expired.Expires = true, time.Now().Add(-time.Minute)
			server, issuer := startServer(t, expired, renewed), newIssuer(t, expired, renewed)
			client := source.load(t, home, issuer)
			require.NoError(t, requestUpload(t.Context(), client))
			require.NoError(t, requestUpload(t.Context(), client))
			require.Equal(t, []string{"ExpiredTokenException", "ASIARENEWED", "ASIARENEWED"}, signers(server))
			require.Equal(t, 2, issuer.timesAsked())
		})
	}
}

// "aws login" writes keys to a file.
func TestLoadFindsTheKeysOfALogin(t *testing.T) {
	home := home(t)
	keys := temporary("LOGIN")
	server := startServer(t, keys)
	const session = "arn:aws:iam::111122223333:user/operator"
	writeFile(t, home, ".aws/config", "[default]\nregion = us-west-2\nlogin_session = "+session+"\n")
	writeFile(t, home, fmt.Sprintf(".aws/login/cache/%x.json", sha256.Sum256([]byte(session))), fmt.Sprintf(
		`{"accessToken":{"accessKeyId":%q,"secretAccessKey":%q,"sessionToken":%q,"accountId":"111122223333","expiresAt":%q},
			"clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"login-refresh-token","dpopKey":"key"}`,
		keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken, sentExpiry().Format(time.RFC3339)))

	client, err := awsconfig.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, requestUpload(t.Context(), client))
	require.Equal(t, []string{keys.AccessKeyID}, signers(server))
}

func TestLoadReadsProfiles(t *testing.T) {
	const configFile = `[default]
region = us-west-2
[profile studio]
region = us-west-2
sdk_ua_app_id = matchmaker
max_attempts = 2
retry_mode = adaptive
disable_clock_skew_correction = true
`
	const credentialsFile = `[default]
aws_access_key_id = ASIADEFAULT
aws_secret_access_key = secret-of-DEFAULT
aws_session_token = token-of-DEFAULT
[studio]
aws_access_key_id = ASIASTUDIO
aws_secret_access_key = secret-of-STUDIO
aws_session_token = token-of-STUDIO
`
	for _, test := range []struct {
		name   string
		env    map[string]string
		option func(*config.LoadOptions) error
		want   string
		studio bool
	}{
		{name: "default", want: "ASIADEFAULT"},
		{name: "AWS_PROFILE", env: map[string]string{"AWS_PROFILE": "studio"}, want: "ASIASTUDIO", studio: true},
		{name: "an option", option: config.WithSharedConfigProfile("studio"), want: "ASIASTUDIO", studio: true},
		{name: "the environment goes first", env: map[string]string{
			"AWS_ACCESS_KEY_ID": "ASIAENV", "AWS_SECRET_ACCESS_KEY": "secret-of-ENV", "AWS_SESSION_TOKEN": "token-of-ENV",
		}, want: "ASIAENV"},
		{name: "a profile in code goes before the environment", option: config.WithSharedConfigProfile("studio"), env: map[string]string{
			"AWS_ACCESS_KEY_ID": "ASIAENV", "AWS_SECRET_ACCESS_KEY": "secret-of-ENV", "AWS_SESSION_TOKEN": "token-of-ENV",
		}, want: "ASIASTUDIO", studio: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := home(t)
			server := startServer(t, temporary("DEFAULT"), temporary("STUDIO"), temporary("ENV"))
			writeFile(t, home, ".aws/config", configFile)
			writeFile(t, home, ".aws/credentials", credentialsFile)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			client, err := awsconfig.Load(t.Context(), nil, test.option)
			require.NoError(t, err)
			require.NoError(t, requestUpload(t.Context(), client))
			require.Equal(t, []string{test.want}, signers(server))
			if test.studio {
				o := client.Options()
				require.Equal(t, "matchmaker", o.AppID)
				require.Equal(t, 2, o.RetryMaxAttempts)
				require.True(t, o.DisableClockSkewCorrection)
				require.Contains(t, fmt.Sprintf("%T", o.Retryer), "AdaptiveMode")
			}
		})
	}
}

func TestLoadReportsWhatCannotBeLoaded(t *testing.T) {
	t.Run("unknown profile", func(t *testing.T) {
		home(t)
		_, err := awsconfig.Load(t.Context(), config.WithSharedConfigProfile("nobody"))
		var missing config.SharedConfigProfileNotExistError
		require.ErrorAs(t, err, &missing)
		require.ErrorContains(t, err, "nobody")
	})
	t.Run("malformed setting", func(t *testing.T) {
		home(t)
		t.Setenv("AWS_MAX_ATTEMPTS", "many")
		_, err := awsconfig.Load(t.Context())
		require.ErrorContains(t, err, "AWS_MAX_ATTEMPTS")
	})
	t.Run("an option's error", func(t *testing.T) {
		home(t)
		_, err := awsconfig.Load(t.Context(), func(*config.LoadOptions) error { return errIntercepted })
		require.ErrorIs(t, err, errIntercepted)
	})
	t.Run("APIOptions", func(t *testing.T) {
		home(t)
		var cfg aws.Config
		fields["APIOptions"].set(&cfg)
		_, err := awsconfig.Load(t.Context(), config.WithAPIOptions(cfg.APIOptions))
		require.ErrorContains(t, err, "use Interceptors")
	})
	t.Run("no credentials anywhere", func(t *testing.T) {
		home(t)
		t.Setenv("AWS_REGION", "us-west-2")
		server := startServer(t)
		client, err := awsconfig.Load(t.Context())
		require.NoError(t, err)
		err = requestUpload(t.Context(), client)
		require.ErrorContains(t, err, "retrieve credentials")
		require.True(t, apierrors.IsCredentials(err))
		require.Empty(t, server.Requests())
	})
	t.Run("no region anywhere", func(t *testing.T) {
		home(t)
		_, err := awsconfig.Load(t.Context())
		require.ErrorContains(t, err, "Region")
		_, err = awsconfig.NewFromConfig(aws.Config{})
		require.NoError(t, err)
	})
	t.Run("malformed endpoint", func(t *testing.T) {
		home(t)
		t.Setenv("AWS_REGION", "us-west-2")
		t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", "localhost:8080")
		_, err := awsconfig.Load(t.Context())
		require.ErrorContains(t, err, "BaseEndpoint")
	})
}

func TestCallsReportWhyThereAreNoCredentials(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	setRole := func(t *testing.T, tokenFile, stsURL string) {
		t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod")
		t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", tokenFile)
		t.Setenv("AWS_ENDPOINT_URL_STS", stsURL)
	}
	process := func(command string) string { return "[default]\ncredential_process = " + command + "\n" }
	for _, test := range []struct {
		name  string
		setUp func(t *testing.T, home string, issuer *issuer)
		want  string
	}{
		{"credential_process fails", func(t *testing.T, home string, _ *issuer) {
			writeFile(t, home, ".aws/config", process("exit 3"))
		}, "exit status 3"},
		{"credential_process prints no JSON", func(t *testing.T, home string, _ *issuer) {
			writeFile(t, home, ".aws/config", process("echo "+secret))
		}, "invalid character"},
		{"credential_process prints no keys", func(t *testing.T, home string, _ *issuer) {
			writeFile(t, home, ".aws/config", process(`printf '{"Version":1}'`))
		}, "missing AccessKeyId"},
		{"credential_process of the source profile prints no JSON", func(t *testing.T, home string, issuer *issuer) {
			t.Setenv("AWS_ENDPOINT_URL_STS", issuer.URL)
			writeFile(t, home, ".aws/config", "[default]\nrole_arn = arn:aws:iam::111122223333:role/operator\nsource_profile = base\n"+
				"[profile base]\ncredential_process = echo "+secret+"\n")
		}, "AssumeRole, get identity: get credentials: process provider error: credential_process: invalid character"},
		{"web identity without a token file", func(t *testing.T, home string, issuer *issuer) {
			setRole(t, filepath.Join(home, "token"), issuer.URL)
		}, "no such file"},
		{"web identity with a token that is refused", func(t *testing.T, home string, issuer *issuer) {
			setRole(t, writeFile(t, home, "token", secret), issuer.URL)
		}, "AssumeRoleWithWebIdentity"},
		{"SSO without a login", func(t *testing.T, home string, _ *issuer) {
			writeFile(t, home, ".aws/config", ssoProfile)
		}, "no such file"},
		{"SSO with a token that cannot be refreshed", func(t *testing.T, home string, _ *issuer) {
			writeFile(t, home, ".aws/config", ssoProfile)
			writeFile(t, home, portalTokenFile("studio"), `{"accessToken":"`+secret+`","expiresAt":"2020-01-02T03:04:05Z"}`)
		}, "cannot be refreshed"},
		{"SSO with a token that is refused", func(t *testing.T, home string, issuer *issuer) {
			t.Setenv("AWS_ENDPOINT_URL_SSO", issuer.URL)
			writeFile(t, home, ".aws/config", ssoProfile)
			writeFile(t, home, portalTokenFile("studio"), fmt.Sprintf(`{"accessToken":%q,"expiresAt":%q}`, secret, sentExpiry().Format(time.RFC3339)))
		}, "StatusCode: 401"},
		{"container that refuses", func(t *testing.T, _ string, issuer *issuer) {
			t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", issuer.URL+"/container")
			t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", secret)
		}, "AccessDenied"},
		{"instance without metadata", func(*testing.T, string, *issuer) {}, "AWS_EC2_METADATA_DISABLED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := home(t)
			t.Setenv("AWS_REGION", "us-west-2")
			server, issuer := startServer(t), newIssuer(t, temporary("NEVER"))
			test.setUp(t, home, issuer)
			client, err := awsconfig.Load(t.Context())
			require.NoError(t, err)
			err = requestUpload(t.Context(), client)
			require.ErrorContains(t, err, "retrieve credentials: ")
			require.ErrorContains(t, err, test.want)
			require.True(t, apierrors.IsCredentials(err))
			for ; err != nil; err = errors.Unwrap(err) {
				requireNoSecrets(t, err, secret)
			}
			require.Empty(t, server.Requests())
			require.Zero(t, issuer.timesAsked())
		})
	}
}

// The server's certificate is trusted only because of AWS_CA_BUNDLE.
func TestLoadTrustsTheCABundle(t *testing.T) {
	home := home(t)
	stub := gamelifttest.NewUnstartedServer()
	server := httptest.NewTLSServer(stub)
	t.Cleanup(server.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", server.URL)
	t.Setenv("AWS_REGION", "us-west-2")
	t.Setenv("AWS_ACCESS_KEY_ID", gamelifttest.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", gamelifttest.SecretAccessKey)
	t.Setenv("AWS_CA_BUNDLE", writeFile(t, home, "ca.pem", string(certificate)))

	client, err := awsconfig.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, requestUpload(t.Context(), client))
	require.Len(t, stub.Requests(), 1)
}

// Module interop/awssdk compares the endpoints with those of the SDK's own client.
func TestLoadResolvesTheEndpoint(t *testing.T) {
	const profile = `[default]
region = us-west-2
endpoint_url = https://of-the-profile.test
services = local
[services local]
gamelift =
  endpoint_url = https://of-the-services-section.test
`
	for _, test := range []struct {
		name    string
		env     map[string]string
		profile string
		option  func(*config.LoadOptions) error
		want    string // "": the region's
	}{
		{name: "nothing"},
		{name: "profile", profile: "[default]\nendpoint_url = https://of-the-profile.test\n", want: "https://of-the-profile.test"},
		{name: "services section", profile: profile, want: "https://of-the-services-section.test"},
		{name: "environment", profile: profile, env: map[string]string{"AWS_ENDPOINT_URL": "https://of-all.test"}, want: "https://of-all.test"},
		{name: "environment for the service", profile: profile, env: map[string]string{
			"AWS_ENDPOINT_URL": "https://of-all.test", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test",
		}, want: "https://of-one.test"},
		{name: "another service's", env: map[string]string{"AWS_ENDPOINT_URL_S3": "https://of-s3.test"}},
		{name: "code", profile: profile, option: config.WithBaseEndpoint("https://of-the-code.test"), env: map[string]string{
			"AWS_ENDPOINT_URL": "https://of-all.test", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test",
		}, want: "https://of-the-code.test"},
		{name: "ignored in the environment", profile: profile, env: map[string]string{
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "https://of-all.test", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test",
		}},
		{name: "ignored in the profile", profile: strings.Replace(profile, "\n", "\nignore_configured_endpoint_urls = true\n", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			writeFile(t, home(t), ".aws/config", test.profile)
			t.Setenv("AWS_REGION", "us-west-2")
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			client, err := awsconfig.Load(t.Context(), test.option)
			require.NoError(t, err)
			require.Equal(t, test.want, aws.ToString(client.Options().BaseEndpoint))
		})
	}
}

func TestLoadResolvesFIPSAndDualStack(t *testing.T) {
	for _, test := range []struct {
		name            string
		env             map[string]string
		profile         string
		option          func(*config.LoadOptions) error
		fips, dualStack bool
	}{
		{name: "nothing"},
		{name: "environment", env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, fips: true, dualStack: true},
		{name: "profile", profile: "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n", fips: true, dualStack: true},
		{name: "the environment goes before the profile", profile: "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
			env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "false"}, dualStack: true},
		{name: "code", option: config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled), fips: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			writeFile(t, home(t), ".aws/config", test.profile)
			t.Setenv("AWS_REGION", "us-west-2")
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			client, err := awsconfig.Load(t.Context(), test.option)
			require.NoError(t, err)
			require.Equal(t, test.fips, client.Options().UseFIPS)
			require.Equal(t, test.dualStack, client.Options().UseDualStack)
		})
	}
}
