package buildupload_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/buildupload"
)

// archiveSum is of the archive of archiveTree. It changes if blocks, level or
// compressor do, and then the CHANGELOG says so.
const archiveSum = "363979858a740b0ee95be766c66be532405420587f06ed40e130c749f34f5271"

// archiveTree makes a directory with everything that an archive can hold.
func archiveTree(t testing.TB) string {
	// Texts that compress, around the size of a block and far above it.
	text := strings.Repeat("the quick brown fox ", 1000) + noise(20_000)
	long := strings.Repeat(text, 30)
	dir := tree(t, map[string]string{
		"a":            "",
		"a.txt":        "x",
		"b/c/d":        text,
		"b/c-d":        long[:128<<10-1],
		"b/c.d":        long[:128<<10],
		"b/e":          long[:128<<10+1],
		"b/empty/":     "",
		"long":         long,
		"noise":        noise(600_000),
		"Ünïcode/ファイル": "y",
		"z-link":       "->b/c",
	})
	modified := time.Date(2024, 2, 29, 12, 34, 57, 999_999_999, time.FixedZone("", -7*3600))
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Type() == fs.ModeSymlink {
			return err
		}
		if err := os.Chmod(name, 0o640|map[bool]fs.FileMode{true: 0o110}[d.IsDir()]); err != nil {
			return err
		}
		modified = modified.Add(time.Hour)
		return os.Chtimes(name, time.Time{}, modified)
	}))
	return dir
}

func TestArchiveBytes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := archiveTree(t)
	previous := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(previous)
	for i := range 6 {
		runtime.GOMAXPROCS(1 + i%4)
		sum := sha256.Sum256(uploadBytes(t, dir, buildupload.FollowSymlinks))
		require.Equal(t, archiveSum, hex.EncodeToString(sum[:]), "GOMAXPROCS is %d", 1+i%4)
	}
}

func TestArchiveEntries(t *testing.T) {
	t.Parallel()
	dir := archiveTree(t)
	b := uploadBytes(t, dir, buildupload.FollowSymlinks)
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file.Name)))
		require.NoError(t, err)
		require.Equal(t, info.Mode(), file.Mode(), file.Name)
		require.Equal(t, info.ModTime().Unix(), file.Modified.Unix(), file.Name)
		if info.IsDir() {
			require.Equal(t, zip.Store, file.Method, file.Name)
		} else {
			require.Equal(t, zip.Deflate, file.Method, file.Name)
			require.Equal(t, info.Size(), int64(file.UncompressedSize64), file.Name)
		}
	}
	want := []string{
		"a", "a.txt", "b/", "b/c/", "b/c/d", "b/c-d", "b/c.d", "b/e", "b/empty/", "long", "noise",
		"z-link/", "z-link/d", "Ünïcode/", "Ünïcode/ファイル",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	on, in := onDisk(t, dir), unzip(t, b)
	on["z-link/"], on["z-link/d"] = "", on["b/c/d"]
	require.True(t, cmp.Equal(on, in))
}

func TestArchiveTimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ on, in time.Time }{
		{time.Unix(0, 0), time.Unix(0, 0)},
		{time.Unix(1, 999_999_999), time.Unix(1, 0)},
		{time.Date(1969, 7, 20, 20, 17, 0, 0, time.UTC), time.Unix(0, 0)},
		{time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<32-1, 0)},
	} {
		dir := tree(t, map[string]string{"a": ""})
		require.NoError(t, os.Chtimes(filepath.Join(dir, "a"), time.Time{}, test.on))
		if info, err := os.Stat(filepath.Join(dir, "a")); err != nil || info.ModTime().Unix() != test.on.Unix() {
			continue // not a time of this file system
		}
		b := uploadBytes(t, dir, buildupload.FollowSymlinks)
		archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		require.NoError(t, err)
		require.Equal(t, test.in.Unix(), archive.File[0].Modified.Unix(), test.on)
	}
}

func TestArchiveNameNotUTF8(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("file names are UTF-8 here")
	}
	got := uploadTree(t, tree(t, map[string]string{"d\xff/f\xfe": "x"}), buildupload.FollowSymlinks)
	require.Equal(t, map[string]string{"d\xff/": "", "d\xff/f\xfe": "x"}, got)
}
