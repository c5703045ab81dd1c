// Package guide tests the programs that docs/migration.md shows.
package guide

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

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
