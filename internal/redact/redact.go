// Package redact makes text that is safe to print: it describes values without
// their secrets, removes secrets from a peer's text, and bounds that text.
package redact

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Mark is printed in place of a secret.
const Mark = "REDACTED"

// minSecret is the length of the shortest secret that Text looks for. A shorter
// one could be ordinary text; AWS's secret keys have 40 bytes.
const minSecret = 16

// maxText is the length to which Cut shortens a text.
const maxText = 4 << 10

// Text replaces every occurrence of the secrets in text. Secrets of fewer than
// 16 bytes are ignored.
func Text(text string, secrets ...string) string {
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	for _, secret := range secrets {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, Mark)
		}
	}
	return text
}

// Contains reports whether Text would change the text.
func Contains(text string, secrets ...string) bool {
	for _, secret := range secrets {
		if len(secret) >= minSecret && strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// Cut shortens a text of more than 4 KiB at a rune, and marks it as cut.
func Cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return fmt.Sprintf("%s... (%d more bytes)", text[:n], len(text)-n)
}

// Format writes a description as name{key:value key:value}, at every verb.
func Format(f fmt.State, name string, description slog.Value) {
	_, _ = f.Write(appendValue([]byte(name), description))
}

func appendValue(dst []byte, value slog.Value) []byte {
	switch value = value.Resolve(); value.Kind() {
	case slog.KindGroup:
		dst = append(dst, '{')
		for i, attr := range value.Group() {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, attr.Key...)
			dst = appendValue(append(dst, ':'), attr.Value)
		}
		return append(dst, '}')
	case slog.KindString:
		return strconv.AppendQuote(dst, value.String())
	default:
		return append(dst, value.String()...)
	}
}
