package redact_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

func TestText(t *testing.T) {
	t.Parallel()
	const (
		shortest = "0123456789abcdef" // 16 bytes
		short    = "0123456789abcde"
		long     = "<0123456789abcdef>"
	)
	tests := []struct {
		name, text string
		secrets    []string
		want       string
	}{
		{"no secrets", "text", nil, "text"},
		{"empty text", "", []string{shortest}, ""},
		{"empty secret", "text", []string{""}, "text"},
		{"secret alone", shortest, []string{shortest}, "REDACTED"},
		{"every occurrence", shortest + " and " + shortest, []string{shortest}, "REDACTED and REDACTED"},
		{"shortest secret", "a" + shortest + "b", []string{shortest}, "aREDACTEDb"},
		{"shorter secret", "a" + short + "b", []string{short}, "a" + short + "b"},
		{"secret within a secret", long + shortest, []string{shortest, long}, "REDACTEDREDACTED"},
		{"secret within a secret, other order", long + shortest, []string{long, shortest}, "REDACTEDREDACTED"},
		{"other case", strings.ToUpper(shortest), []string{shortest}, strings.ToUpper(shortest)},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, redact.Text(tt.text, tt.secrets...), tt.name)
		require.Equal(t, tt.want != tt.text, redact.Contains(tt.text, tt.secrets...), tt.name)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	const limit = 4 << 10
	tests := []struct {
		name, text string
		kept       int // bytes
	}{
		{"empty", "", 0},
		{"at the limit", strings.Repeat("a", limit), limit},
		{"beyond the limit", strings.Repeat("a", limit+1), limit},
		{"at a rune", strings.Repeat("a", limit-1) + "é", limit - 1},
		{"at a long rune", strings.Repeat("a", limit-3) + "𝄞𝄞", limit - 3},
		{"after a rune", strings.Repeat("a", limit-2) + "éb", limit},
		{"not UTF-8", strings.Repeat("\x80", 2*limit), limit - utf8.UTFMax},
	}
	for _, tt := range tests {
		want := tt.text
		if left := len(tt.text) - tt.kept; left > 0 {
			want = fmt.Sprintf("%s... (%d more bytes)", tt.text[:tt.kept], left)
		}
		require.Equal(t, want, redact.Cut(tt.text), tt.name)
	}
}

type described struct{ value slog.Value }

func (d described) Format(f fmt.State, _ rune) { redact.Format(f, "Name", d.value) }

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("Inner", "a")) }

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value slog.Value
		want  string
	}{
		{slog.GroupValue(), `Name{}`},
		{slog.GroupValue(slog.String("A", "b c")), `Name{A:"b c"}`},
		{slog.GroupValue(slog.String("A", "\"\n"), slog.Int("B", 1), slog.Bool("C", true)), `Name{A:"\"\n" B:1 C:true}`},
		{slog.GroupValue(slog.Duration("A", time.Second), slog.Any("B", errors.New("c"))), `Name{A:1s B:c}`},
		{slog.GroupValue(slog.Group("A", slog.String("B", "c"), slog.Group("D", slog.Int("E", 1)))), `Name{A:{B:"c" D:{E:1}}}`},
		{slog.GroupValue(slog.Any("A", valuer{})), `Name{A:{Inner:"a"}}`},
	}
	for _, tt := range tests {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			require.Equal(t, tt.want, fmt.Sprintf(verb, described{tt.value}))
		}
	}
}
