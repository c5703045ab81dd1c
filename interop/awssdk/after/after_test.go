package after

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write fleet/fleet.go anew")

// swaps are the lines that a caller changes when it moves over.
var swaps = []struct{ from, to string }{
	{`"github.com/aws/aws-sdk-go-v2/service/gamelift"`, `"github.com/gamelift-compute/gamelift"`},
	{`"github.com/aws/aws-sdk-go-v2/service/gamelift/types"`, `"github.com/gamelift-compute/gamelift/types"`},
	{
		`options.Credentials = aws.CredentialsProviderFunc(func(context.Context) (keys aws.Credentials, err error) {`,
		`options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (keys gamelift.Credentials, err error) {`,
	},
}

func TestSwapChangesTwoImportsAndTheCredentials(t *testing.T) {
	t.Parallel()
	const sdkFile, swappedFile = "../before/fleet/fleet.go", "fleet/fleet.go"
	source, err := os.ReadFile(sdkFile)
	require.NoError(t, err)
	want := string(source)
	for _, swap := range swaps {
		require.Equal(t, 1, strings.Count(want, swap.from), "lines of %s that are %s", sdkFile, swap.from)
		want = strings.Replace(want, swap.from, swap.to, 1)
	}
	if *update {
		require.NoError(t, os.WriteFile(swappedFile, []byte(want), 0o644))
	}
	got, err := os.ReadFile(swappedFile)
	require.NoError(t, err)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not %s moved over; run the test with -update (-want +got):\n%s", swappedFile, sdkFile, diff)
	}
}
