package after

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the swapped files anew")

// swap is a line that a caller changes when it moves over.
type swap struct{ from, to string }

// imports are the lines that every caller changes.
var imports = []swap{
	{`"github.com/aws/aws-sdk-go-v2/service/gamelift"`, `"github.com/gamelift-compute/gamelift"`},
	{`"github.com/aws/aws-sdk-go-v2/service/gamelift/types"`, `"github.com/gamelift-compute/gamelift/types"`},
}

func TestSwapChangesTheImportsAndALine(t *testing.T) {
	t.Parallel()
	for file, swaps := range map[string][]swap{
		// It has credentials of its own.
		"fleet/fleet.go": append(imports[:2:2], swap{
			`options.Credentials = aws.CredentialsProviderFunc(func(context.Context) (keys aws.Credentials, err error) {`,
			`options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (keys gamelift.Credentials, err error) {`,
		}),
		// It has those of config.LoadDefaultConfig, and imports the bridge.
		"operator/operator.go": {
			{imports[0].from, imports[0].to + "\n\t" + `"github.com/gamelift-compute/gamelift/awsconfig"`},
			imports[1],
			{`return gamelift.NewFromConfig(cfg), nil`, `return awsconfig.NewFromConfig(cfg)`},
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			sdkFile := "../before/" + file
			source, err := os.ReadFile(sdkFile)
			require.NoError(t, err)
			want := string(source)
			for _, swap := range swaps {
				require.Equal(t, 1, strings.Count(want, swap.from), "lines of %s that are %s", sdkFile, swap.from)
				want = strings.Replace(want, swap.from, swap.to, 1)
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
			}
			got, err := os.ReadFile(file)
			require.NoError(t, err)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s is not %s moved over; run the test with -update (-want +got):\n%s", file, sdkFile, diff)
			}
		})
	}
}
