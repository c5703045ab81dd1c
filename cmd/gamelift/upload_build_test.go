package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// noise returns n bytes that do not compress.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
}

// bigBuild makes a directory that is uploaded in several parts.
func (o *operator) bigBuild() string { return filepath.Dir(o.write("build/big", noise(40<<20), 0o644)) }

type uploaded struct {
	BuildId, Bucket, Key string
	Size                 int64
	Files                int
}

// uploads runs an upload with success, and returns what it printed. If it takes
// more than a second, it may have reported its progress.
func (o *operator) uploads(root string, flags ...string) string {
	o.t.Helper()
	r := o.run(upload(root, flags...)...)
	require.Equal(o.t, 0, r.status, r.stderr)
	require.Regexp(o.t, `^(uploaded [0-9.]+ MB of [0-9.]+ MB\n)*$`, r.stderr)
	return r.stdout
}

func upload(root string, flags ...string) []string {
	return with("upload-build", "--build-id", gamelifttest.BuildID, "--build-root", root, flags)
}

func TestUploadBuild(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	o.write("build/server", "server", 0o755)
	o.write("build/data/level", "level", 0o644)
	require.NoError(t, os.Symlink("server", filepath.Join(o.home, "build", "link")))
	require.NoError(t, os.Symlink("data", filepath.Join(o.home, "build", "linked")))

	var result uploaded
	for _, test := range []struct {
		flags []string
		files int
	}{
		{nil, 4},
		{[]string{"--quiet"}, 4},
		{[]string{"--store-symlinks"}, 4},
		{[]string{"--region=us-west-2", "--endpoint-url", o.stub.URL()}, 4},
	} {
		printed := o.uploads("build", test.flags...)
		require.NoError(t, json.Unmarshal([]byte(printed), &result))
		require.Positive(t, result.Size)
		require.Equal(t, fmt.Sprintf(`{"BuildId":"%s","Bucket":"%s","Key":"%s","Size":%d,"Files":%d}`+"\n",
			gamelifttest.BuildID, bucket, key, result.Size, test.files), printed)
	}
	require.True(t, s3.saw("PutObject"))

	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	_, err := w.Create("server")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	o.write("build.zip", archive.String(), 0o644)
	require.NoError(t, json.Unmarshal([]byte(o.uploads("build.zip")), &result))
	require.Equal(t, uploaded{gamelifttest.BuildID, bucket, key, int64(archive.Len()), 1}, result)
}

func TestUploadBuild_badSource(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	require.NoError(t, os.Mkdir(filepath.Join(o.home, "empty"), 0o700))
	o.write("text", "no zip", 0o600)
	o.write("build/server", "", 0o600)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(o.home, "build", "out")))
	for root, want := range map[string]string{"absent": "absent", "empty": "empty", "text": "text", "build": "out"} {
		require.Contains(t, o.fails(statusFailed, upload(root)...), want)
	}
	require.Empty(t, o.stub.Requests())
	require.False(t, s3.saw("PutObject"))
}

func TestUploadBuild_fails(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	root := o.bigBuild()
	require.Contains(t, o.fails(statusFailed, "upload-build", "--build-id", "build-unknown", "--build-root", root), "NotFoundException")

	s3.inject(func(w http.ResponseWriter, r *http.Request, operation string) bool {
		if operation == "UploadPart" {
			refuse(w, r)
		}
		return operation == "UploadPart"
	})
	line := o.fails(statusFailed, upload(root, "--quiet")...)
	require.Contains(t, line, "AccessDenied")
	require.True(t, s3.saw("AbortMultipartUpload"))
	require.False(t, s3.saw("CompleteMultipartUpload"))
}

// slowParts makes S3 take more than a second for a part.
func slowParts(_ http.ResponseWriter, r *http.Request, operation string) bool {
	if operation == "UploadPart" {
		select {
		case <-r.Context().Done():
		case <-time.After(1100 * time.Millisecond):
		}
	}
	return false
}

// TestUploadBuild_nobodyReads has the reader of the progress go away.
func TestUploadBuild_nobodyReads(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.newFakeS3().inject(slowParts)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	defer w.Close()
	var stdout strings.Builder
	cmd := o.command(upload(o.bigBuild())...)
	cmd.Stdout, cmd.Stderr = &stdout, w
	require.NoError(t, cmd.Run())
	require.Contains(t, stdout.String(), gamelifttest.BuildID)
}

func TestUploadBuild_linesInAPipe(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	s3.inject(slowParts)
	started := time.Now()
	r := o.run(upload(o.bigBuild())...)
	took := time.Since(started)
	require.Equal(t, 0, r.status, r.stderr)
	require.NotContains(t, r.stderr, "\r")
	lines := strings.Count(r.stderr, "\n")
	require.NotZero(t, lines)
	require.LessOrEqual(t, lines, int(took/time.Second))
	for line := range strings.Lines(r.stderr) {
		require.Regexp(t, `^uploaded [0-9.]+ MB of 41\.9 MB\n$`, line)
	}
	r = o.run(upload(filepath.Join(o.home, "build"), "--quiet")...)
	require.Equal(t, 0, r.status)
	require.Empty(t, r.stderr)
}

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(1_000_000_000, 0)
	l := &lines{w: &out, now: func() time.Time { return now }, last: now}
	for i, after := range []time.Duration{0, 999, 1, 500, 499, 1, 5000} {
		now = now.Add(after * time.Millisecond)
		l.show(int64(i)*1_000_000, 6_000_000)
	}
	l.end()
	require.Equal(t, "uploaded 2.0 MB of 6.0 MB\nuploaded 5.0 MB of 6.0 MB\nuploaded 6.0 MB of 6.0 MB\n", out.String())
}
