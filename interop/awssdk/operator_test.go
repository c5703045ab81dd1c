package awssdk

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	after "github.com/gamelift-compute/gamelift/interop/awssdk/after/operator"
	before "github.com/gamelift-compute/gamelift/interop/awssdk/before/operator"
)

// program is the Run of package operator, as it is written for the SDK or as it is moved over.
type program func(ctx context.Context, args []string, stdout, stderr io.Writer, optFns ...func(*config.LoadOptions) error) int

// output is the visible result of a run.
type output struct {
	Stdout, Stderr string
	Exit           int
	Requests       []string // what arrived: operation, status, who signed
}

// configFile has the profiles that both programs read.
const configFile = `[default]
region = us-west-2
[profile studio]
region = us-west-2
max_attempts = 2
services = local
[services local]
gamelift =
  endpoint_url = %s
[profile elsewhere]
region = eu-west-1
`

const credentialsFile = `[default]
aws_access_key_id = ` + gamelifttest.AccessKeyID + `
aws_secret_access_key = ` + gamelifttest.SecretAccessKey + `
[studio]
aws_access_key_id = ASIASTUDIO
aws_secret_access_key = secret-of-the-studio
aws_session_token = token-of-the-studio
[elsewhere]
aws_access_key_id = ` + gamelifttest.AccessKeyID + `
aws_secret_access_key = ` + gamelifttest.SecretAccessKey + `
`

// awsEnvironment removes the AWS variables from the environment for the time of the test, and sets those that name the
// configuration files.
func awsEnvironment(t *testing.T, config, credentials string) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // so that it comes back
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for name, content := range map[string]string{"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		t.Setenv(name, path)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// TestOperatorBehavesAlike runs the program that is written for the SDK and the one that is moved over, against servers
// in the same state.
func TestOperatorBehavesAlike(t *testing.T) {
	container := []string{"-fleet-id", gamelifttest.ContainerFleetID, "-compute-name", gamelifttest.ContainerCompute}
	for _, test := range []struct {
		name   string
		args   []string
		env    map[string]string
		faults []gamelifttest.Fault
		exit   int
		calls  int    // requests that arrive
		want   string // in stdout or stderr
	}{
		{name: "token", args: append([]string{"token"}, container...), calls: 1, want: `"AuthToken"`},
		{name: "access", args: append([]string{"access"}, container...), calls: 1, want: `"Target": "i-`},
		{name: "upload", args: []string{"upload", "-build-id", gamelifttest.BuildID}, calls: 1, want: `"To": "s3://`},
		{name: "profile in an argument", args: []string{"upload", "-profile", "studio", "-build-id", gamelifttest.BuildID}, calls: 1, want: "s3://"},
		{name: "profile in the environment", args: []string{"upload", "-build-id", gamelifttest.BuildID}, env: map[string]string{"AWS_PROFILE": "studio"}, calls: 1, want: "s3://"},
		{name: "keys in the environment", args: []string{"upload", "-build-id", gamelifttest.BuildID}, env: map[string]string{
			"AWS_ACCESS_KEY_ID": "ASIASTUDIO", "AWS_SECRET_ACCESS_KEY": "secret-of-the-studio", "AWS_SESSION_TOKEN": "token-of-the-studio",
		}, calls: 1, want: "s3://"},
		{name: "region of the call", args: []string{"upload", "-profile", "elsewhere", "-region", "us-west-2", "-build-id", gamelifttest.BuildID}, calls: 1, want: "s3://"},
		{name: "a retry", args: []string{"upload", "-verbose", "-build-id", gamelifttest.BuildID}, faults: []gamelifttest.Fault{{Status: http.StatusServiceUnavailable}},
			calls: 2, want: "operator: attempt 2\n"},
		{name: "attempts of the profile", args: []string{"upload", "-profile", "studio", "-build-id", gamelifttest.BuildID},
			faults: []gamelifttest.Fault{{Code: "InternalServiceException", Message: "oops", Count: -1}}, exit: 1, calls: 2, want: "try again later: oops"},
		{name: "attempts of the environment", args: []string{"upload", "-build-id", gamelifttest.BuildID}, env: map[string]string{"AWS_MAX_ATTEMPTS": "4"},
			faults: []gamelifttest.Fault{{Code: "InternalServiceException", Message: "oops", Count: -1}}, exit: 1, calls: 4, want: "HTTP status 500"},
		{name: "attempts of the service's options", args: []string{"upload", "-patient", "-build-id", gamelifttest.BuildID},
			faults: []gamelifttest.Fault{{Break: gamelifttest.Reset, Count: 4}}, calls: 5, want: "s3://"},
		{name: "adaptive retries", args: []string{"upload", "-build-id", gamelifttest.BuildID}, env: map[string]string{"AWS_RETRY_MODE": "adaptive"},
			faults: []gamelifttest.Fault{{Status: http.StatusServiceUnavailable}}, calls: 2, want: "s3://"},
		{name: "unknown build", args: []string{"upload", "-build-id", "build-none"}, exit: 1, calls: 1, want: "RequestUploadCredentials: check the ID: "},
		{name: "not for this compute", args: []string{"access", "-fleet-id", gamelifttest.AnywhereFleetID, "-compute-name", gamelifttest.AnywhereCompute},
			exit: 1, calls: 1, want: "this cannot be: "},
		{name: "wrong region", args: []string{"upload", "-profile", "elsewhere", "-build-id", gamelifttest.BuildID}, exit: 1, calls: 1, want: "see the error"},
		{name: "unknown profile", args: []string{"upload", "-profile", "nobody", "-build-id", gamelifttest.BuildID}, exit: 1, want: "settings: "},
		{name: "malformed setting", args: []string{"upload", "-build-id", gamelifttest.BuildID}, env: map[string]string{"AWS_MAX_ATTEMPTS": "many"}, exit: 1, want: "AWS_MAX_ATTEMPTS"},
		{name: "unknown command", args: []string{"download"}, exit: 2, want: `unknown command "download"`},
		{name: "no command", exit: 2, want: "want a command"},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := runOperator(t, before.Run, test.args, test.env, test.faults)
			got := runOperator(t, after.Run, test.args, test.env, test.faults)
			got.Stderr = strings.ReplaceAll(got.Stderr, "awsconfig: ", "") // who says so
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the programs differ (-SDK +ours):\n%s", diff)
			}
			// Both could be equally wrong: what is known in advance is held against the truth.
			require.Equal(t, test.exit, got.Exit)
			require.Len(t, got.Requests, test.calls)
			require.Contains(t, got.Stdout+got.Stderr, test.want)
		})
	}
}

// runOperator runs a program against a server of its own, in fake time.
func runOperator(t *testing.T, run program, args []string, env map[string]string, faults []gamelifttest.Fault) (out output) {
	server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) {
		o.Seed = 7 // tokens, keys and request IDs are those of the seed
		o.Faults = faults
		o.Credentials = append(o.Credentials, gamelift.Credentials{
			AccessKeyID: "ASIASTUDIO", SecretAccessKey: "secret-of-the-studio", SessionToken: "token-of-the-studio",
		})
	})
	awsEnvironment(t, fmt.Sprintf(configFile, server.URL()), credentialsFile)
	t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", server.URL())
	for name, value := range env {
		t.Setenv(name, value)
	}
	synctest.Test(t, func(t *testing.T) {
		server.Reset()
		var stdout, stderr strings.Builder
		out.Exit = run(t.Context(), args, &stdout, &stderr, config.WithHTTPClient(server.ClientOptions().HTTPClient))
		out.Stdout, out.Stderr = stdout.String(), stderr.String()
		for _, r := range server.Requests() {
			out.Requests = append(out.Requests, fmt.Sprint(r.Operation, " ", r.Status, " ", r.AccessKeyID))
		}
	})
	return out
}

// TestEndpointVariantsAreTheSDKs compares FIPS and dual-stack with those of the SDK's own client.
func TestEndpointVariantsAreTheSDKs(t *testing.T) {
	states := map[string]string{"unset": "", "on": "true", "off": "false"}
	for envFIPS, fips := range states {
		for envDualStack, dualStack := range states {
			for profileName, profile := range map[string]string{
				"no profile": "", "profile on": "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
			} {
				t.Run(strings.Join([]string{"FIPS " + envFIPS, "dual-stack " + envDualStack, profileName}, "/"), func(t *testing.T) {
					awsEnvironment(t, profile, "")
					t.Setenv("AWS_REGION", "us-west-2")
					t.Setenv("AWS_USE_FIPS_ENDPOINT", fips)
					t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", dualStack)
					cfg, err := config.LoadDefaultConfig(t.Context())
					require.NoError(t, err)
					client, err := awsconfig.NewFromConfig(cfg)
					require.NoError(t, err)
					want, got := sdk.NewFromConfig(cfg).Options().EndpointOptions, client.Options()
					require.Equal(t, want.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled, got.UseFIPS)
					require.Equal(t, want.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled, got.UseDualStack)
				})
			}
		}
	}
}

// TestEndpointsAreTheSDKs compares the base endpoint of the client with that of the SDK's own client.
func TestEndpointsAreTheSDKs(t *testing.T) {
	profiles := map[string]string{
		"no profile":   "",
		"endpoint_url": "[default]\nendpoint_url = https://of-the-profile.test\n",
		"services":     "[default]\nservices = local\n[services local]\ngamelift =\n  endpoint_url = https://of-the-services-section.test\n",
		"both": "[default]\nendpoint_url = https://of-the-profile.test\nservices = local\n" +
			"[services local]\ngamelift =\n  endpoint_url = https://of-the-services-section.test\ns3 =\n  endpoint_url = https://of-s3.test\n",
		"both, ignored": "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = https://of-the-profile.test\nservices = local\n" +
			"[services local]\ngamelift =\n  endpoint_url = https://of-the-services-section.test\n",
	}
	environments := map[string]map[string]string{
		"no variable":  {},
		"all services": {"AWS_ENDPOINT_URL": "https://of-all.test"},
		"this service": {"AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test"},
		"both":         {"AWS_ENDPOINT_URL": "https://of-all.test", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test"},
		"both, ignored": {
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "https://of-all.test", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test",
		},
		"not ignored": {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false", "AWS_ENDPOINT_URL_GAMELIFT": "https://of-one.test"},
	}
	inCode := map[string][]func(*config.LoadOptions) error{
		"no option":        nil,
		"WithBaseEndpoint": {config.WithBaseEndpoint("https://of-the-code.test")},
	}
	afterwards := map[string]*string{"as loaded": nil, "set afterwards": new("https://set-afterwards.test")}

	for profileName, profile := range profiles {
		for envName, env := range environments {
			for codeName, optFns := range inCode {
				for afterwardsName, url := range afterwards {
					t.Run(strings.Join([]string{profileName, envName, codeName, afterwardsName}, "/"), func(t *testing.T) {
						awsEnvironment(t, profile, "")
						t.Setenv("AWS_REGION", "us-west-2")
						for name, value := range env {
							t.Setenv(name, value)
						}
						cfg, err := config.LoadDefaultConfig(t.Context(), optFns...)
						require.NoError(t, err)
						if url != nil {
							cfg.BaseEndpoint = url
						}
						client, err := awsconfig.NewFromConfig(cfg)
						require.NoError(t, err)
						want, got := sdk.NewFromConfig(cfg).Options(), client.Options()
						if diff := cmp.Diff(want.BaseEndpoint, got.BaseEndpoint); diff != "" {
							t.Errorf("base endpoint (-SDK +ours):\n%s", diff)
						}
					})
				}
			}
		}
	}
}
