package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumentedCommands has no command in the documentation and the help pages
// that is wrong.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operators.md")
	require.NoError(t, err)
	text := regexp.MustCompile("(?m)^```.*\n(?:[^`].*\n|\n)*").FindAllString(string(page), -1)
	for _, cmd := range newRootCommand(nil).Commands() {
		text = append(text, cmd.Example)
	}
	example := regexp.MustCompile(`\bgamelift ((?:token|access|session|upload-build|completion) [^)\n]*)`)
	found := map[string]int{}
	for _, line := range example.FindAllStringSubmatch(strings.Join(text, "\n"), -1) {
		words, _, _ := strings.Cut(line[1], " > ")
		args := strings.Fields(strings.TrimSuffix(words, " &"))
		cmd, args, err := newRootCommand(nil).Find(args)
		require.NoError(t, err, line[1])
		require.NoError(t, cmd.ParseFlags(args), line[1])
		require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), line[1])
		require.NoError(t, cmd.ValidateRequiredFlags(), line[1])
		found[cmd.Name()]++
	}
	require.Len(t, found, 5, found)
}
