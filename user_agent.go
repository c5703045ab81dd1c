package gamelift

import (
	"runtime"
	"strings"
)

const version = "0.1.0"

// userAgent follows the form of the AWS SDKs: key/value words, with # between a
// name and its version.
func userAgent(appID string) string {
	words := []string{
		"gamelift-go/" + version,
		"os/" + cleanToken(runtime.GOOS),
		"lang/go#" + cleanToken(strings.TrimPrefix(runtime.Version(), "go")),
		"md/GOARCH#" + cleanToken(runtime.GOARCH),
	}
	if appID != "" {
		words = append(words, "app/"+cleanToken(appID))
	}
	return strings.Join(words, " ")
}

// cleanToken replaces what a token of RFC 9110, section 5.6.2, cannot hold.
func cleanToken(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("!$%&'*+-.^_`|~", r):
			return r
		}
		return '-'
	}, s)
}
