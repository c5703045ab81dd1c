package buildupload_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestSmoke(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 30<<20)
	for i := range buf {
		buf[i] = byte(r.Uint32() & 0x3f)
	}
	os.WriteFile(filepath.Join(dir, "x"), buf, 0o755)
	var calls []int64
	res, err := buildupload.Upload(t.Context(), b.client, gamelifttest.BuildID, dir, b.s3(b.url), func(o *buildupload.Options) {
		o.Progress = func(d, total int64) { calls = append(calls, d) }
	})
	require.NoError(t, err)
	t.Log(res, len(calls), calls[:5], calls[len(calls)-5:])
	all, err := io.ReadAll(b.stored())
	require.NoError(t, err)
	zr, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
	require.NoError(t, err)
	f, _ := zr.File[0].Open()
	got, err := io.ReadAll(f)
	require.NoError(t, err)
	require.True(t, bytes.Equal(got, buf))
	require.Zero(t, b.pending())
}
