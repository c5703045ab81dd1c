package gamelift

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

// secrets are the keys that a peer may repeat: those of an attempt, and those of
// the attempts before it.
type secrets struct {
	keys    *Credentials
	earlier []string
}

// in reports whether text has a secret.
func (s secrets) in(text string) bool {
	return redact.Contains(text, s.keys.SecretAccessKey, s.keys.SessionToken) || redact.Contains(text, s.earlier...)
}

func (s secrets) redact(text string) string {
	if !s.in(text) {
		return text
	}
	return redact.Text(text, append([]string{s.keys.SecretAccessKey, s.keys.SessionToken}, s.earlier...)...)
}

// redactHeader returns the header, or a redacted copy if it has secrets.
func (s secrets) redactHeader(header http.Header) http.Header {
	var redacted http.Header
	for name, values := range header {
		switch {
		case name == "Authorization", name == "X-Amz-Security-Token":
			values = []string{redact.Mark}
		case slices.ContainsFunc(values, s.in):
			values = slices.Clone(values)
			for i := range values {
				values[i] = s.redact(values[i])
			}
		default:
			continue
		}
		if redacted == nil {
			redacted = maps.Clone(header)
		}
		redacted[name] = values
	}
	if redacted == nil {
		return header
	}
	return redacted
}

// redactError returns an error whose text has no secret and is bounded. If the
// text of err repeats a secret, so may every error in its chain, and only the
// redacted text remains.
func (s secrets) redactError(err error) error {
	text := err.Error()
	if redacted := s.redact(text); redacted != text {
		return errors.New(redact.Cut(redacted))
	}
	if cut := redact.Cut(text); cut != text {
		return &cutError{cut, err}
	}
	return err
}

// cutError is an error with a shorter text.
type cutError struct {
	text string
	err  error
}

func (e *cutError) Error() string { return e.text }
func (e *cutError) Unwrap() error { return e.err }
