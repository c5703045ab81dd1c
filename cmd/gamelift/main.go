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
	"io"
	"os"
)

// The exit statuses of gamelift. If a signal ended it, the status is
// statusSignalBase plus the signal's number.
const (
	statusFailed     = 1
	statusUsage      = 2
	statusCannotRun  = 126
	statusNotFound   = 127
	statusSignalBase = 128
)

// failure is an error that is no mistake in the command line. All other errors
// are such mistakes.
type failure struct {
	err    error // nil if there is nothing to report
	status int   // the exit status
}

func (f *failure) Error() string { return fmt.Sprint(f.err) }
func (f *failure) Unwrap() error { return f.err }

// failed returns err as a failure with statusFailed, unless it is nil or a failure
// already.
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
	root := newRootCommand(signals)
	pages := pages{os.Stdout, nil}
	root.SetOut(&pages)
	root.SetErr(io.Discard) // where cobra reports that a page cannot be written
	err := root.ExecuteContext(signals.ctx)
	if pages.err != nil {
		err = failed(pages.err)
	}
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
			return status // there is nothing to report
		}
		err = fmt.Errorf("%w: %w", cause, err)
	}
	if err != nil {
		report(err)
	}
	return status
}
