package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals ends a context at the first signal that asks gamelift to end. Later
// ones are ignored, so that the abort of an upload is not cut short by a signal
// that arrives twice.
type signals struct {
	ctx  context.Context
	stop func() // gives the signals back to whom they went before
}

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal syscall.Signal }

func (i *interruption) Error() string { return i.signal.String() }

func catchSignals() *signals {
	ctx, cancel := context.WithCancelCause(context.Background())
	caught, done := make(chan os.Signal, 1), make(chan struct{})
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as nohup and background jobs have it
			signal.Notify(caught, s)
		}
	}
	go func() {
		defer close(done)
		for s := range caught {
			cancel(&interruption{s.(syscall.Signal)})
		}
	}()
	// A write to a closed pipe is an error then, and does not end an upload that
	// shows its progress to nobody.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return &signals{ctx: ctx, stop: func() {
		signal.Stop(caught)
		close(caught)
		<-done
	}}
}
