package gamelift

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The version that requests carry is that of the changelog's latest release, and
// 0.1.0 before the first. See "Releases" in CONTRIBUTING.md.
func TestVersion(t *testing.T) {
	t.Parallel()
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	require.Equal(t, latestRelease(string(changelog)), version)
}

func latestRelease(changelog string) string {
	heading := regexp.MustCompile(`(?m)^## \[?v?(\d+\.\d+\.\d+[^\s\]]*)`)
	if release := heading.FindStringSubmatch(changelog); release != nil {
		return release[1]
	}
	return "0.1.0"
}

func TestLatestRelease(t *testing.T) {
	t.Parallel()
	for changelog, want := range map[string]string{
		"# Changelog\n\n## Unreleased\n\n- 0.3.0 of it\n":                            "0.1.0",
		"# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n## 0.1.0\n":        "0.2.0",
		"# Changelog\n\n## [v1.0.0-rc.1] - 2026-12-01\n\n### Added\n\n## [v0.2.0]\n": "1.0.0-rc.1",
	} {
		require.Equal(t, want, latestRelease(changelog), changelog)
	}
}
