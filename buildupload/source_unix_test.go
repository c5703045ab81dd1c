//go:build unix

package buildupload_test

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/buildupload"
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

func TestSourceUnreadable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	dir := tree(t, map[string]string{"a": "", "d/secret": "x"})
	require.NoError(t, os.Chmod(filepath.Join(dir, "d", "secret"), 0))
	require.ErrorIs(t, refuse(t, dir, buildupload.FollowSymlinks), fs.ErrPermission)
}
