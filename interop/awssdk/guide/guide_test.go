// Package guide tests the programs that docs/migration.md shows, and what it says
// of types that never match.
package guide

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestPrograms(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./before", "./after")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	for name, tt := range map[string]struct {
		compute string
		fault   []gamelifttest.Fault
		want    string
	}{
		"success":   {compute: gamelifttest.AnywhereCompute},
		"not found": {compute: "unknown", want: "register the compute first: "},
		"down":      {compute: gamelifttest.AnywhereCompute, fault: []gamelifttest.Fault{{Status: 503, Count: -1}}, want: "try again later, attempts: 2\n"},
		"refused":   {compute: gamelifttest.AnywhereCompute, fault: []gamelifttest.Fault{{Code: "AccessDeniedException"}}, want: "tell AWS Support the request ID: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(program string) string {
				server := gamelifttest.NewServer()
				defer server.Close()
				server.Inject(tt.fault...)
				command := exec.CommandContext(t.Context(), filepath.Join(bin, program), gamelifttest.AnywhereFleetID, tt.compute)
				command.Env = []string{
					"AWS_REGION=us-west-2", "AWS_MAX_ATTEMPTS=2", "AWS_ENDPOINT_URL_GAMELIFT=" + server.URL(),
					"AWS_ACCESS_KEY_ID=" + gamelifttest.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + gamelifttest.SecretAccessKey,
					"AWS_CONFIG_FILE=" + filepath.Join(bin, "none"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(bin, "none"),
				}
				output, err := command.CombinedOutput()
				require.Equal(t, tt.want != "", err != nil, "%s: %s", program, output)
				return string(output)
			}
			before := run("before")
			require.Contains(t, before, tt.want)
			require.Empty(t, cmp.Diff(before, run("after")), "(-before +after)")
		})
	}
}

// Code that uses these names of the SDK compiles, and never matches.
func TestSilentDifferences(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		client := gamelift.New(server.ClientOptions())
		call := func(ctx context.Context) (*gamelift.GetComputeAuthTokenOutput, error) {
			return client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
				FleetId: aws.String(gamelifttest.AnywhereFleetID), ComputeName: aws.String(gamelifttest.AnywhereCompute),
			})
		}

		out, err := call(t.Context())
		require.NoError(t, err)
		_, found := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		require.False(t, found)
		require.NotEmpty(t, gamelift.RequestID(out.ResultMetadata))
		_, found = retry.GetAttemptResults(out.ResultMetadata)
		require.False(t, found)
		require.Equal(t, 1, gamelift.Attempts(out.ResultMetadata))

		server.Inject(gamelifttest.Fault{Status: 503, Count: 3})
		_, err = call(t.Context())
		var sdkResponse *awshttp.ResponseError
		require.False(t, errors.As(err, &sdkResponse))
		var response *apierrors.ResponseError
		require.ErrorAs(t, err, &response)
		var sdkGaveUp *retry.MaxAttemptsError
		require.False(t, errors.As(err, &sdkGaveUp))
		var gaveUp *apierrors.MaxAttemptsError
		require.ErrorAs(t, err, &gaveUp)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = call(ctx)
		var sdkCanceled *aws.RequestCanceledError
		require.False(t, errors.As(err, &sdkCanceled))
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
	})
}
