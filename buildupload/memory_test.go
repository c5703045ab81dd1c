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

// TestPeakMemory runs uploads with the defaults in another process, whose
// resident memory must stay below 80 MiB, also on a machine with many cores. The
// race detector takes more.
func TestPeakMemory(t *testing.T) {
	if source := os.Getenv("BUILDUPLOAD_SOURCE"); source != "" {
		uploadInProcess(t, source)
		return
	}
	skipLarge(t)
	m := newMinIO(t)
	for name, write := range map[string]func(dir string) (source string){
		"300 MB": func(dir string) string { writeBuild(t, dir, 300e6); return dir },
		"600 MB": func(dir string) string { writeBuild(t, dir, 600e6); return dir },
		"20,000 files": func(dir string) string {
			text := words(1 << 20)
			for i := range 20_000 {
				at := filepath.Join(dir, fmt.Sprint(i%100), fmt.Sprint(i))
				require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
				require.NoError(t, os.WriteFile(at, []byte(text[i:i+4000]), 0o644))
			}
			return dir
		},
		"zip file of 600 MB": func(dir string) string {
			name := filepath.Join(dir, "build.zip")
			writeZip(t, name, 600e6)
			return name
		},
	} {
		dir := t.TempDir()
		source := write(dir)
		peak := 0
		for range 3 { // on a busy machine, the garbage collector can be late
			if peak = m.peakOf(source); peak <= 80<<10 {
				break
			}
		}
		t.Logf("%s: %d MiB", name, peak>>10)
		require.LessOrEqual(t, peak, 80<<10, name)
		require.NoError(t, os.RemoveAll(dir))
	}
}

// peakOf returns the resident memory in KiB that an upload in a process of its
// own takes at most.
func (m *minio) peakOf(source string) (peak int) {
	m.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestPeakMemory$")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=16", "BUILDUPLOAD_SOURCE="+source, "BUILDUPLOAD_STUB="+m.stub.URL(), "BUILDUPLOAD_STORAGE="+m.url)
	output, err := cmd.CombinedOutput()
	require.NoError(m.t, err, "%s", output)
	// Not the process's rusage, which begins with what this one has.
	_, rest, _ := strings.Cut(string(output), "VmHWM:")
	_, err = fmt.Sscanf(rest, "%d kB", &peak)
	require.NoError(m.t, err, "%s", output)
	return peak
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
