package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// FuzzExports has a shell read exports and quoted words back.
func FuzzExports(f *testing.F) {
	for _, value := range []string{"", "plain", "it's", "''", `\'`, "$HOME `id` $(id)", "two\nlines\n", "\xff", "\r\t", "!!", "-n", "a=b"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if checkVariables([]string{"V=" + value}, "\x00") != nil {
			require.Contains(t, value, "\x00")
			t.Skip()
		}
		script := exports([]string{"V=" + value}) + `printf '%s|' "$V" ` + quoteWords("a", value, "b")
		got, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script).Output()
		require.NoError(t, err)
		require.Equal(t, value+"|a|"+value+"|b|", string(got))
	})
}

func TestQuoteWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, `gamelift --profile 'it'\''s' '' a/b:c@d '~' 'a b' '$x'`,
		quoteWords("gamelift", "--profile", "it's", "", "a/b:c@d", "~", "a b", "$x"))
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	environ := []string{"A=1", "AB=2", "B=3", "C=4", "A=5", "ODD"}
	got := environment(environ, []string{"B", "X"}, []string{"A=new", "D=x=y"})
	if diff := cmp.Diff([]string{"AB=2", "C=4", "ODD", "A=new", "D=x=y"}, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	require.Equal(t, "A=1 AB=2 B=3 C=4 A=5 ODD", strings.Join(environ, " "), "the argument is unchanged")
}
