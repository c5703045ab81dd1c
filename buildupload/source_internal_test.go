package buildupload

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The part size is chosen by this bound, so an archive must never exceed it.
func TestMaxArchiveSize(t *testing.T) {
	t.Parallel()
	random := make([]byte, 3<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	for name, files := range map[string]int{"one file": 1, "many empty files": 3000, "many small files": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i := range files {
				at := filepath.Join(dir, strconv.Itoa(i%7), strconv.Itoa(i))
				require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
				content := random
				if files > 1 {
					content = random[:files%1500] // none or 1000
				}
				require.NoError(t, os.WriteFile(at, content, 0o644))
			}
			s, err := openSource(t.Context(), dir, FollowSymlinks)
			require.NoError(t, err)
			defer s.close()
			var archive bytes.Buffer
			require.NoError(t, s.writeTo(t.Context(), &archive, func(int) {}))
			require.Less(t, int64(archive.Len()), s.maxArchiveSize())
		})
	}
}
