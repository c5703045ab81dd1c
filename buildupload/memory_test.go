//go:build linux

package buildupload_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/internal/miniotest"
	"github.com/gamelift-compute/gamelift/types"
)

// TestPeakMemory runs uploads with the defaults in a process of their own, whose
// resident memory must stay below 80 MiB, also on a machine with many cores. The
// race detector takes more.
func TestPeakMemory(t *testing.T) {
	if source := os.Getenv("BUILDUPLOAD_SOURCE"); source != "" {
		uploadInProcess(t, source)
		return
	}
	skipLarge(t)
	m := newMinIO(t)
	for name, size := range map[string]int64{"300 MB": 300e6, "600 MB": 600e6} {
		for _, zipped := range []bool{false, true} {
			source := t.TempDir()
			if zipped {
				source = filepath.Join(source, "build.zip")
				writeZip(t, source, size)
			} else {
				writeBuild(t, source, size)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestPeakMemory$")
			cmd.Env = append(os.Environ(), "GOMAXPROCS=16", "BUILDUPLOAD_SOURCE="+source, "BUILDUPLOAD_STUB="+m.stub.URL(), "BUILDUPLOAD_STORAGE="+m.url)
			output, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", output)
			// Not the process's rusage, which begins with what this one has.
			_, rest, _ := strings.Cut(string(output), "VmHWM:")
			var peak int
			_, err = fmt.Sscanf(rest, "%d kB", &peak)
			require.NoError(t, err, "%s", output)
			t.Logf("%s, zip file %v: %d MiB", name, zipped, peak>>10)
			require.LessOrEqual(t, peak, 80<<10)
			require.NoError(t, os.RemoveAll(source))
		}
	}
}

func uploadInProcess(t *testing.T, source string) {
	client := gamelift.New(gamelift.Options{
		Region:       region,
		BaseEndpoint: aws.String(os.Getenv("BUILDUPLOAD_STUB")),
		Credentials:  gamelift.StaticCredentials(gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, ""),
	}, func(o *gamelift.Options) {
		o.Interceptors.AddAfterDeserialization(issue(func(context.Context) (*types.AwsCredentials, error) {
			return &types.AwsCredentials{AccessKeyId: aws.String(miniotest.User), SecretAccessKey: aws.String(miniotest.Password)}, nil
		}))
	})
	_, err := buildupload.Upload(t.Context(), client, gamelifttest.BuildID, source, minioAt(os.Getenv("BUILDUPLOAD_STORAGE")))
	require.NoError(t, err)
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	fmt.Printf("%s", status)
}
