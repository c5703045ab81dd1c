package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestRunOnTheEmbeddedStub(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	for _, want := range []string{
		"GetComputeAuthToken", "in 3h0m0s", "GetComputeAccess", gamelifttest.EC2Compute, "RequestUploadCredentials", "s3://",
		"*errors.NotFoundException", "operation error GameLift: RequestUploadCredentials",
	} {
		require.Contains(t, out.String(), want)
	}
	require.Equal(t, 3, strings.Count(out.String(), "  request ID  "))
}

// With flags it calls what they name, with the credentials of the environment.
func TestRunOnAnEndpoint(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", gamelifttest.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", gamelifttest.SecretAccessKey)
	for _, name := range []string{"AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_MAX_ATTEMPTS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		t.Setenv(name, "")
	}
	stub := gamelifttest.NewServer(func(o *gamelifttest.Options) { o.Region = "eu-west-1" })
	defer stub.Close()
	var out bytes.Buffer
	err := run(t.Context(), []string{
		"-region", "eu-west-1", "-endpoint", stub.URL(),
		"-fleet", gamelifttest.ContainerFleetID, "-compute", gamelifttest.ContainerCompute, "-build", gamelifttest.BuildID,
	}, &out)
	require.NoError(t, err)
	require.Len(t, stub.Requests(), 4)
	require.NotContains(t, out.String(), gamelifttest.SecretAccessKey)

	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-region", "eu-west-1", "-endpoint", stub.URL(), "-build", gamelifttest.BuildID}, &out))
	require.NotContains(t, out.String(), "GetComputeAccess")
}

// An Anywhere fleet has no access to give; the rest is shown all the same.
func TestRunOnAnAnywhereFleet(t *testing.T) {
	t.Parallel()
	stub := gamelifttest.NewServer()
	defer stub.Close()
	var out bytes.Buffer
	require.NoError(t, call(t.Context(), &out, gamelift.New(stub.ClientOptions()), target{
		fleet: gamelifttest.AnywhereFleetID, compute: gamelifttest.AnywhereCompute, build: gamelifttest.BuildID,
	}))
	require.Contains(t, out.String(), "  refused     ")
	require.Contains(t, out.String(), "s3://")
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, run(t.Context(), []string{"-region", "us-west-2"}, io.Discard), "nothing to do")
	require.Error(t, run(t.Context(), []string{"-region", "not a region", "-build", "build-1"}, io.Discard))
}
