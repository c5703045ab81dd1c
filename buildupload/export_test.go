package buildupload

import (
	"context"
	"io"
)

// WriteArchive writes the archive of a directory, for the benchmarks.
func WriteArchive(ctx context.Context, w io.Writer, dir string) error {
	s, err := openSource(ctx, dir, FollowSymlinks)
	if err != nil {
		return err
	}
	defer s.close()
	return s.writeTo(ctx, w, func(int) {})
}
