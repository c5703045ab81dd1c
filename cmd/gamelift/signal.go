package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals ends a context at the first signal that asks gamelift to end. Later
// ones are ignored, so that a signal that arrives twice does not cut the abort of
// an upload short.
type signals struct {
	ctx  context.Context
	stop func() // restores the default effect of the signals
}

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal syscall.Signal }

func (i *interruption) Error() string { return i.signal.String() }

func catchSignals() *signals {
	ctx, cancel := context.WithCancelCause(context.Background())
	caught, done := make(chan os.Signal, 1), make(chan struct{})
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // nohup ignores one, and shells do for background jobs
			signal.Notify(caught, s)
		}
	}
	go func() {
		defer close(done)
		for s := range caught {
			cancel(&interruption{s.(syscall.Signal)})
		}
	}()
	// Without this, a write to a closed pipe would end the program, and leave an
	// upload behind. With it, the write returns an error.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return &signals{ctx: ctx, stop: func() {
		signal.Stop(caught)
		close(caught)
		<-done
	}}
}
