//go:build unix

package main

import (
	"os"
	"syscall"
)

func replaceProcess(path string, argv, env []string) error {
	return cannotRun(&os.PathError{Op: "exec", Path: path, Err: syscall.Exec(path, argv, env)})
}
