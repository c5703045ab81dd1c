package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gamelift-compute/gamelift/authtoken"
)

// stopTimeout is how long a game server has to end its session after SIGTERM.
const stopTimeout = 10 * time.Second

// supervisor keeps game servers running.
type supervisor struct {
	out       *printer
	source    *authtoken.Source
	webSocket string
	command   []string
	pause     time.Duration         // between the end of a process and the next
	died      func(authtoken.Token) // called, if not nil, for each process that ended by itself
}

// run keeps that many processes running until ctx is done, and returns when all
// of them have ended.
func (s *supervisor) run(ctx context.Context, processes int) {
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.source.Run(ctx) }) // so that no launch has to wait for a token
	for slot := range processes {
		wg.Go(func() { s.keep(ctx, slot+1) })
	}
	wg.Wait()
	s.out.printf("stopped")
}

// keep launches one process after the other.
func (s *supervisor) keep(ctx context.Context, slot int) {
	for ctx.Err() == nil {
		token, err := s.source.Token(ctx)
		if err == nil {
			err = s.launch(ctx, slot, token)
		}
		switch {
		case ctx.Err() != nil:
			s.out.printf("server %d is stopped", slot)
		case err != nil:
			s.out.printf("server %d cannot be launched: %v", slot, err)
		case s.died != nil:
			s.died(token)
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.pause):
		}
	}
}

// launch runs a process until it ends. When ctx is done, it sends SIGTERM to the
// process. It returns an error if the process could not be started.
func (s *supervisor) launch(ctx context.Context, slot int, token authtoken.Token) error {
	processID := rand.Text()
	output := &lines{print: func(line string) { s.out.printf("server %d says: %s", slot, line) }}
	cmd := exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	cmd.Env = append(environment(), token.Env(authtoken.ServerProcess{WebSocketURL: s.webSocket, ProcessID: processID})...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = stopTimeout
	cmd.Cancel = func() error {
		err := cmd.Process.Signal(syscall.SIGTERM)
		if err != nil && !errors.Is(err, os.ErrProcessDone) {
			return cmd.Process.Kill() // Windows has no SIGTERM
		}
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.out.printf("server %d is launched as process %s with token %s", slot, processID, fingerprint(token.Value))
	_ = cmd.Wait() // cmd.ProcessState has the result
	output.flush()
	s.out.printf("server %d has ended: %v", slot, cmd.ProcessState)
	return nil
}

// environment returns what a game server inherits: everything but the
// credentials with which its token is fetched.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
}

// lines is a writer that prints whole lines. It prints a line that is longer than
// maxLine in pieces.
type lines struct {
	print func(string)
	rest  []byte
}

const maxLine = 64 << 10

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found && len(line) < maxLine {
			return len(p), nil
		}
		l.print(string(line))
		l.rest = rest
	}
}

// flush prints the last line if it did not end in a newline.
func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.print(string(l.rest))
		l.rest = nil
	}
}
