//go:build unix

package buildupload_test

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestSourceIrregular(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": "", "d/": ""})
	socket := filepath.Join(dir, "d", "socket")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	require.ErrorContains(t, refuse(t, dir, buildupload.FollowSymlinks), socket+": neither a file nor a directory nor a link")
	require.ErrorContains(t, refuse(t, socket, buildupload.FollowSymlinks), socket+": neither a directory nor a zip file")
	require.NoError(t, l.Close())

	pipe := filepath.Join(dir, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	require.ErrorContains(t, refuse(t, dir, buildupload.StoreSymlinks), pipe+": neither a file nor a directory nor a link")
	require.ErrorContains(t, refuse(t, pipe, buildupload.StoreSymlinks), pipe+": neither a directory nor a zip file")
	require.ErrorContains(t, refuse(t, os.DevNull, buildupload.StoreSymlinks), os.DevNull+": neither a directory nor a zip file")
	require.NoError(t, os.Remove(pipe))

	require.NoError(t, os.Symlink("link", filepath.Join(dir, "d", "to")))
	require.NoError(t, os.Symlink(os.DevNull, filepath.Join(dir, "d", "link")))
	require.ErrorIs(t, refuse(t, dir, buildupload.FollowSymlinks), buildupload.ErrOutside)
}

// A zip file has 16 bits for the length of a path.
func TestSourceLongPath(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": ""})
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, root.MkdirAll(strings.Repeat(strings.Repeat("d", 255)+"/", 256), 0o700))
	require.ErrorContains(t, refuse(t, dir, buildupload.FollowSymlinks), "the path in the archive has 65535 bytes or more")
}

// A pipe in place of a file would block the upload for ever.
func TestFileBecomesAPipe(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": noise(partSize + 2<<20), "z": "x"})
	path := filepath.Join(dir, "z")
	store := newFakeS3(t)
	store.fault = func(_ http.ResponseWriter, r request) bool {
		if r.operation == "CreateMultipartUpload" { // before z is opened
			require.NoError(t, os.Remove(path))
			require.NoError(t, syscall.Mkfifo(path, 0o600))
		}
		return false
	}
	_, err := buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, dir, endpoint(store.URL))
	require.ErrorContains(t, err, path+": the file was replaced during the upload")
	require.False(t, store.pending())
}

func TestSourceUnreadable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	dir := tree(t, map[string]string{"a": "", "d/secret": "x"})
	require.NoError(t, os.Chmod(filepath.Join(dir, "d", "secret"), 0))
	require.ErrorIs(t, refuse(t, dir, buildupload.FollowSymlinks), fs.ErrPermission)
}
