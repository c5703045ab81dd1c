package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// command is a program to run in place of gamelift.
type command struct {
	path string
	argv []string
}

// findCommand finds the program of a command line in PATH, or returns nil if
// there is no command. It is called before anything is sent, so that a mistyped
// name costs no request.
func findCommand(argv []string) (*command, error) {
	if len(argv) == 0 {
		return nil, nil
	}
	path, err := exec.LookPath(argv[0])
	if err == nil {
		return &command{path, argv}, nil
	}
	if errors.Is(err, exec.ErrNotFound) && inPath(argv[0]) {
		err = &exec.Error{Name: argv[0], Err: fs.ErrPermission}
	}
	return nil, cannotRun(err)
}

// inPath reports whether PATH has a file of that name. LookPath ignores files that
// are not executable.
func inPath(name string) bool {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// run runs the command with env as its environment. On Unix the process becomes
// the command, which gets its terminal and its signals, and run returns only if
// that fails.
func (c *command) run(signals *signals, env []string) error {
	signals.stop()
	if signals.ctx.Err() != nil {
		return context.Cause(signals.ctx) // the command would not receive it
	}
	return replaceProcess(c.path, c.argv, env)
}

func cannotRun(err error) error {
	status := statusCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		status = statusNotFound
	}
	return &failure{err: fmt.Errorf("cannot run the command: %w", err), status: status}
}
