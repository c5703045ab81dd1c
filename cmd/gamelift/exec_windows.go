package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// replaceProcess runs the command as a child, since a process of Windows cannot
// become another one, and returns its status. Ctrl-C reaches all processes of the
// console, and so the child too, which decides about its end.
func replaceProcess(path string, argv, env []string) error {
	signal.Ignore(os.Interrupt)
	child := exec.Cmd{Path: path, Args: argv, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := child.Run()
	var exited *exec.ExitError
	switch {
	case errors.As(err, &exited):
		return &failure{status: exited.ExitCode()}
	case err != nil:
		return cannotRun(err)
	}
	return nil
}
