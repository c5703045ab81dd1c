package buildupload_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestSourceErrors(t *testing.T) {
	t.Parallel()
	zipped := func(names ...string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range names {
			_, err := w.Create(name)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return b.String()
	}
	type files = map[string]string
	for name, test := range map[string]struct {
		files  files
		source string // within files
		at     string // which the error names, within files
		want   error
		text   string
		store  bool // an error under StoreSymlinks as well
	}{
		"absent":                     {source: "no", at: "no", want: fs.ErrNotExist, store: true},
		"empty directory":            {want: buildupload.ErrEmpty, store: true},
		"directories only":           {files: files{"a/b/": "", "c/": ""}, want: buildupload.ErrEmpty, store: true},
		"empty file":                 {files: files{"b.zip": ""}, source: "b.zip", at: "b.zip", want: buildupload.ErrEmpty, store: true},
		"empty zip file":             {files: files{"b.zip": zipped()}, source: "b.zip", at: "b.zip", want: buildupload.ErrEmpty, store: true},
		"zip file of directories":    {files: files{"b.zip": zipped("a/", "a/b/")}, source: "b.zip", at: "b.zip", want: buildupload.ErrEmpty, store: true},
		"no zip file":                {files: files{"b.zip": "text"}, source: "b.zip", at: "b.zip", want: zip.ErrFormat, text: "neither a directory nor a zip file", store: true},
		"cut zip file":               {files: files{"b.zip": zipped("a")[:40]}, source: "b.zip", at: "b.zip", want: zip.ErrFormat, store: true},
		"absolute link":              {files: files{"a": "", "d/l": "->/etc/hostname"}, at: "d/l", want: buildupload.ErrOutside, store: true},
		"link out":                   {files: files{"a": "", "d/l": "->../../x"}, at: "d/l", want: buildupload.ErrOutside, store: true},
		"link to the parent":         {files: files{"a": "", "l": "->.."}, at: "l", want: buildupload.ErrOutside, store: true},
		"link out to nothing":        {files: files{"a": "", "l": "->../../../no/such/file"}, at: "l", want: buildupload.ErrOutside, store: true},
		"link through a link out":    {files: files{"a": "", "b": "->c/x", "c": "->.."}, at: "b", want: buildupload.ErrOutside, store: true},
		"link to nothing":            {files: files{"a": "", "l": "->b"}, at: "l", want: fs.ErrNotExist, text: "the link leads to nothing", store: true},
		"link through a file":        {files: files{"a": "", "l": "->a/b"}, at: "l", want: fs.ErrNotExist, text: "the link leads to nothing", store: true},
		"link up through a file":     {files: files{"a": "", "b": "", "l": "->a/../b"}, at: "l", want: fs.ErrNotExist, text: "the link leads to nothing", store: true},
		"link to itself":             {files: files{"a": "", "l": "->l"}, at: "l", text: "the link leads in a circle", store: true},
		"links to each other":        {files: files{"a": "", "k": "->d/l", "d/l": "->../k"}, at: "d/l", text: "the link leads in a circle", store: true},
		"link to the source":         {files: files{"a": "", "d/l": "->.."}, at: "d/l", text: "the link leads in a circle"},
		"link to its directory":      {files: files{"a": "", "d/l": "->."}, at: "d/l", text: "the link leads in a circle"},
		"directories in each other":  {files: files{"a/l": "->../b", "b/m": "->../a"}, at: "a/l/m", text: "the link leads in a circle"},
		"circle below a linked name": {files: files{"a/b/l": "->../../a", "z": ""}, at: "a/b/l", text: "the link leads in a circle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tree(t, test.files)
			for _, symlinks := range []buildupload.Symlinks{buildupload.FollowSymlinks, buildupload.StoreSymlinks} {
				if symlinks == buildupload.StoreSymlinks && !test.store {
					continue
				}
				err := refuse(t, filepath.Join(dir, test.source), symlinks)
				require.ErrorContains(t, err, filepath.Join(dir, filepath.FromSlash(test.at))+": "+test.text)
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}
				for _, other := range []error{buildupload.ErrEmpty, buildupload.ErrOutside} {
					require.Equal(t, other == test.want, errors.Is(err, other))
				}
			}
		})
	}
}

// refuse checks that nothing is sent, and returns the error.
func refuse(t *testing.T, source string, symlinks buildupload.Symlinks) error {
	t.Helper()
	stub, store := newStub(t), newFakeS3(t)
	var reported progress
	result, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, source,
		endpoint(store.URL), reported.set, func(o *buildupload.Options) { o.Symlinks = symlinks })
	require.Error(t, err)
	require.Nil(t, result)
	require.Empty(t, stub.Requests())
	require.Empty(t, store.requests)
	require.Empty(t, reported.calls)
	return err
}

// checkedContext is done after Err has been called so many times.
type checkedContext struct {
	context.Context
	checks int
}

func (c *checkedContext) Err() error {
	if c.checks--; c.checks < 0 {
		return context.Canceled
	}
	return nil
}

// The check ends with the context, also within a directory.
func TestSourceCheckIsCanceled(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": "", "b": "", "c": "->/etc/hostname"})
	_, err := buildupload.Upload(&checkedContext{t.Context(), 2}, gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, dir)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, buildupload.ErrOutside)
}

func TestSourceThroughManyLinks(t *testing.T) {
	t.Parallel()
	files := map[string]string{"dir/file": "content", "l0": "->dir"}
	for i := range 20 {
		files["l"+string(rune('a'+i))] = "->" + map[bool]string{true: "l0", false: "l" + string(rune('a'+i-1))}[i == 0]
	}
	got := uploadTree(t, tree(t, files), buildupload.FollowSymlinks)
	require.Equal(t, "content", got["lt/file"])
}

// uploadTree uploads a directory and returns what is stored.
func uploadTree(t testing.TB, dir string, symlinks buildupload.Symlinks) map[string]string {
	t.Helper()
	return unzip(t, uploadBytes(t, dir, symlinks))
}

func uploadBytes(t testing.TB, source string, symlinks buildupload.Symlinks) []byte {
	t.Helper()
	store := newFakeS3(t)
	result, err := buildupload.Upload(context.Background(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, source,
		endpoint(store.URL), func(o *buildupload.Options) { o.Symlinks = symlinks })
	require.NoError(t, err)
	require.Equal(t, int64(len(store.object)), result.Size)
	return store.object
}

func TestSymlinks(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"bin/server":    "program",
		"bin/run":       "->server",
		"lib/v1/lib.so": "library",
		"lib/current":   "->v1",
		"lib/lib.so":    "->current/lib.so",
		"maps/a/":       "",
		"maps/b":        "->../lib/../maps/a",
	})
	want := map[string]string{
		"bin/": "", "bin/server": "program", "bin/run": "program",
		"lib/": "", "lib/v1/": "", "lib/v1/lib.so": "library", "lib/current/": "", "lib/current/lib.so": "library", "lib/lib.so": "library",
		"maps/": "", "maps/a/": "", "maps/b/": "",
	}
	if diff := cmp.Diff(want, uploadTree(t, dir, buildupload.FollowSymlinks)); diff != "" {
		t.Errorf("FollowSymlinks (-want +got):\n%s", diff)
	}
	want = map[string]string{
		"bin/": "", "bin/server": "program", "bin/run": "server",
		"lib/": "", "lib/v1/": "", "lib/v1/lib.so": "library", "lib/current": "v1", "lib/lib.so": "current/lib.so",
		"maps/": "", "maps/a/": "", "maps/b": "../lib/../maps/a",
	}
	stored := uploadBytes(t, dir, buildupload.StoreSymlinks)
	if diff := cmp.Diff(want, unzip(t, stored)); diff != "" {
		t.Errorf("StoreSymlinks (-want +got):\n%s", diff)
	}
	archive, err := zip.NewReader(bytes.NewReader(stored), int64(len(stored)))
	require.NoError(t, err)
	for _, file := range archive.File {
		_, isFile := map[string]bool{"bin/server": true, "lib/v1/lib.so": true}[file.Name]
		require.Equal(t, !isFile && !strings.HasSuffix(file.Name, "/"), file.Mode()&fs.ModeSymlink != 0, file.Name)
	}
	// A link to a directory around it is no circle if it is only stored.
	require.Equal(t, "..", uploadTree(t, tree(t, map[string]string{"a": "", "d/l": "->.."}), buildupload.StoreSymlinks)["d/l"])
}

func TestZipFileByteForByte(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"z", "a/", "a/b"} {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, strings.Repeat(name, len(name)%2))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	name := filepath.Join(t.TempDir(), "build")
	content := append([]byte("#!/bin/sh\n"), b.Bytes()...) // a zip file may have anything ahead of it
	require.NoError(t, os.WriteFile(name, content, 0o644))

	store := newFakeS3(t)
	var reported progress
	result, err := buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, name, endpoint(store.URL), reported.set)
	require.NoError(t, err)
	require.Equal(t, &buildupload.Result{Bucket: bucket, Key: key, Size: int64(len(content)), Files: 2}, result)
	require.True(t, bytes.Equal(content, store.object))
	reported.check(t, int64(len(content)))

	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(name, link))
	require.True(t, bytes.Equal(content, uploadBytes(t, link, buildupload.FollowSymlinks)))
}
