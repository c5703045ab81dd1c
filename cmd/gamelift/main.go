// Gamelift is the operator's program for Amazon GameLift Servers: it prints the
// auth token of a compute or keeps it fresh in a file, runs commands with the
// credentials of a compute, opens a session on it, and uploads builds.
//
//	go install github.com/gamelift-compute/gamelift/cmd/gamelift@latest
//	gamelift --help
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
)

// The exit statuses of gamelift itself. A signal n is 128+n, and a command that
// gamelift runs has its own.
const (
	statusFailed     = 1
	statusUsage      = 2
	statusCannotRun  = 126
	statusNotFound   = 127
	statusSignalBase = 128
)

// failure is an error with the status that gamelift exits with. An error that is
// none is one of the command line.
type failure struct {
	err    error // nil: the reason has been reported
	status int
}

func (f *failure) Error() string { return fmt.Sprint(f.err) }
func (f *failure) Unwrap() error { return f.err }

// failed makes a failure of an error that is none.
func failed(err error) error {
	var f *failure
	if err == nil || errors.As(err, &f) {
		return err
	}
	return &failure{err: err, status: statusFailed}
}

func main() { os.Exit(run()) }

func run() int {
	signals := catchSignals()
	err := newRootCommand(signals).ExecuteContext(signals.ctx)
	if err == nil {
		return 0
	}
	var f *failure
	status := statusUsage
	if errors.As(err, &f) {
		status, err = f.status, f.err
	}
	if cause := context.Cause(signals.ctx); cause != nil {
		status = statusSignalBase + int(cause.(*interruption).signal)
		if err == cause {
			return status // nothing was broken off
		}
		err = fmt.Errorf("%w: %w", cause, err)
	}
	if err != nil {
		report(err)
	}
	return status
}

// report writes an error to standard error, on one line.
func report(err error) {
	var parts []string
	for part := range strings.Lines(err.Error()) {
		if part = strings.TrimSpace(strings.Map(printable, part)); part != "" {
			parts = append(parts, part)
		}
	}
	fmt.Fprintln(os.Stderr, "gamelift:", strings.Join(parts, "; "))
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}
