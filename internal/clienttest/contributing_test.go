package clienttest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The answers of CONTRIBUTING.md are files that exist and have the names that
// they are said to have.
func TestContributing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "CONTRIBUTING.md"))
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| .*\\? \\| `(\\S+)` \\((.*)\\) \\|$").FindAllStringSubmatch(string(text), -1)
	require.GreaterOrEqual(t, len(rows), 20)
	require.Equal(t, strings.Count(string(text), "? |"), len(rows), "a row has another form")
	for _, row := range rows {
		file, err := os.ReadFile(filepath.Join(repository, row[1]))
		require.NoError(t, err)
		for name := range strings.SplitSeq(row[2], ", ") {
			name = strings.Trim(name, "`")
			require.True(t, regexp.MustCompile(`\b`+name+`\b`).Match(file), "%s has no %s", row[1], name)
		}
	}

	paths := regexp.MustCompile("`([a-z_/.-]+\\.(?:go|md)|internal/[a-z]+)`").FindAllStringSubmatch(string(text), -1)
	for _, path := range paths {
		_, err := os.Stat(filepath.Join(repository, path[1]))
		require.NoError(t, err)
	}
}
