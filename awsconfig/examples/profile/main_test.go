package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestRun(t *testing.T) {
	server := gamelifttest.NewServer()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte("[profile studio]\nregion = us-west-2\naws_access_key_id = "+gamelifttest.AccessKeyID+
		"\naws_secret_access_key = "+gamelifttest.SecretAccessKey+"\nendpoint_url = "+server.URL()+"\n"), 0o600))
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", "")

	var out strings.Builder
	args := []string{"-profile", "studio", "-fleet-id", gamelifttest.AnywhereFleetID, "-compute-name", gamelifttest.AnywhereCompute}
	require.NoError(t, run(t.Context(), args, &out))
	require.Contains(t, out.String(), "compute/"+gamelifttest.AnywhereCompute+" until ")

	require.ErrorContains(t, run(t.Context(), []string{"-profile", "nobody"}, &out), "nobody")
	require.ErrorContains(t, run(t.Context(), args[:4], &out), "ComputeName")
}
