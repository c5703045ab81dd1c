package clienttest

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Layers yields an error and all that it wraps, outermost first.
func Layers(err error) iter.Seq[error] {
	return func(yield func(error) bool) {
		for pending := []error{err}; len(pending) > 0; {
			err, pending = pending[0], pending[1:]
			if err == nil {
				continue
			}
			if !yield(err) {
				return
			}
			pending = append(pending, errors.Unwrap(err))
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				pending = append(pending, joined.Unwrap()...)
			}
		}
	}
}

// Chain returns the names of the types of an error's layers, without those of
// the standard library and of tests.
func Chain(err error) string {
	var names []string
	for layer := range Layers(err) {
		name := fmt.Sprintf("%T", layer)
		if strings.HasPrefix(name, "*smithy.") || strings.HasPrefix(name, "*http.R") || strings.HasPrefix(name, "*errors.") && !strings.HasPrefix(name, "*errors.error") && !strings.HasPrefix(name, "*errors.join") {
			names = append(names, name[strings.Index(name, ".")+1:])
		}
	}
	return strings.Join(names, " ")
}
