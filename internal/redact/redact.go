// Package redact prints values that hold secrets: a type describes itself once,
// as slog attributes, and fmt prints the same description.
package redact

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Mark stands where a secret would.
const Mark = "REDACTED"

// Attrs drops the attributes of absent members, which String and Secret leave
// without a key.
func Attrs(attrs ...slog.Attr) []slog.Attr {
	present := attrs[:0]
	for _, attr := range attrs {
		if attr.Key != "" {
			present = append(present, attr)
		}
	}
	return present
}

// String shows a member that is no secret. A nil one is absent.
func String(name string, value *string) slog.Attr {
	if value == nil {
		return slog.Attr{}
	}
	return slog.String(name, *value)
}

// Secret shows that a member is there. A nil one is absent.
func Secret(name string, value *string) slog.Attr {
	if value == nil {
		return slog.Attr{}
	}
	return slog.String(name, Mark)
}

// Text replaces every occurrence of the secrets in text; empty ones are
// skipped.
func Text(text string, secrets ...string) string {
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, Mark)
		}
	}
	return text
}

// Format writes a description as name{key:value key:value}, whatever the verb.
func Format(f fmt.State, name string, description slog.Value) {
	var b strings.Builder
	b.WriteString(name)
	write(&b, description)
	_, _ = io.WriteString(f, b.String())
}

func write(b *strings.Builder, value slog.Value) {
	value = value.Resolve()
	if value.Kind() != slog.KindGroup {
		if value.Kind() == slog.KindString {
			fmt.Fprintf(b, "%q", value.String())
			return
		}
		b.WriteString(value.String())
		return
	}
	b.WriteByte('{')
	for i, attr := range value.Group() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(attr.Key)
		b.WriteByte(':')
		write(b, attr.Value)
	}
	b.WriteByte('}')
}
