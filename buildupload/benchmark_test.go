package buildupload_test

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// benchmarkSize is how many bytes the files of the benchmarks' build have.
const benchmarkSize = 100e6

// BenchmarkArchive measures how fast a directory becomes a zip file: with
// archive/zip on one processor, and as Upload does it on all.
func BenchmarkArchive(b *testing.B) {
	dir := b.TempDir()
	writeBuild(b, dir, benchmarkSize)
	b.Run("archive-zip", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		b.SetBytes(benchmarkSize)
		for b.Loop() {
			require.NoError(b, zipTree(io.Discard, dir))
		}
	})
	b.Run("buildupload", func(b *testing.B) {
		b.SetBytes(benchmarkSize)
		for b.Loop() {
			require.NoError(b, buildupload.WriteArchive(b.Context(), io.Discard, dir))
		}
	})
}

// BenchmarkUpload measures a whole upload to MinIO: by Upload, and as
// aws gamelift upload-build does it, a zip file in temporary space first.
func BenchmarkUpload(b *testing.B) {
	m := newMinIO(b)
	dir := b.TempDir()
	writeBuild(b, dir, benchmarkSize)
	b.Run("temporary-file", func(b *testing.B) {
		b.SetBytes(benchmarkSize)
		for b.Loop() {
			name := filepath.Join(b.TempDir(), "build.zip")
			file, err := os.Create(name)
			require.NoError(b, err)
			require.NoError(b, zipTree(file, dir))
			_, err = file.Seek(0, io.SeekStart)
			require.NoError(b, err)
			_, err = transfermanager.New(m.admin).UploadObject(b.Context(), &transfermanager.UploadObjectInput{
				Bucket: &m.bucket, Key: aws.String(key), Body: file,
			})
			require.NoError(b, err)
			require.NoError(b, file.Close())
			require.NoError(b, os.Remove(name))
		}
	})
	b.Run("Upload", func(b *testing.B) {
		b.SetBytes(benchmarkSize)
		for b.Loop() {
			_, err := buildupload.Upload(b.Context(), m.client, gamelifttest.BuildID, dir, minioAt(m.url))
			require.NoError(b, err)
		}
	})
	b.Run("zip-file", func(b *testing.B) {
		name := filepath.Join(b.TempDir(), "build.zip")
		writeZip(b, name, benchmarkSize)
		b.SetBytes(benchmarkSize)
		for b.Loop() {
			_, err := buildupload.Upload(b.Context(), m.client, gamelifttest.BuildID, name, minioAt(m.url))
			require.NoError(b, err)
		}
	})
}

// zipTree writes a directory to w with archive/zip alone.
func zipTree(w io.Writer, dir string) error {
	archive := zip.NewWriter(w)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		entry, err := archive.Create(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(entry, file)
		return err
	})
	if err != nil {
		return err
	}
	return archive.Close()
}
