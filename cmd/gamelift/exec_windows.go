package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// replaceProcess runs the command as a child process and returns its exit status.
// Ctrl-C reaches every process of the console. It is ignored here, so that the
// child decides when to end.
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
