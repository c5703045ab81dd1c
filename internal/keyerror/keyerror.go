// Package keyerror marks the errors of credentials that cannot sign, so that
// they can be distinguished from other errors of a call.
package keyerror

// Error reports that credentials are missing or malformed.
type Error struct {
	// Err says what is wrong with them.
	Err error
}

// Error returns the text of the error inside.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error inside.
func (e *Error) Unwrap() error { return e.Err }
