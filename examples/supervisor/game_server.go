package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// gameServerArg makes this program the game server.
const gameServerArg = "game-server"

// includedGameServer is the command that runs this program as a game server.
func includedGameServer(args ...string) ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return append([]string{program, gameServerArg}, args...), nil
}

// gameServer uses its token as a game server does: it takes its parameters from
// the environment, as InitSDK() of the server SDK does. It runs until it is
// told to stop or, with -life, fails.
func gameServer(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet(gameServerArg, flag.ContinueOnError)
	life := flags.Duration("life", 0, "fail after this time; 0 means never")
	if err := flags.Parse(args); err != nil {
		return err
	}
	token := os.Getenv("GAMELIFT_SDK_AUTH_TOKEN")
	if token == "" {
		return errors.New("GAMELIFT_SDK_AUTH_TOKEN is not set")
	}
	fmt.Fprintf(stdout, "ready as process %s of host %s, fleet %s, with token %s\n",
		os.Getenv("GAMELIFT_SDK_PROCESS_ID"), os.Getenv("GAMELIFT_SDK_HOST_ID"), os.Getenv("GAMELIFT_SDK_FLEET_ID"), fingerprint(token))
	var end <-chan time.Time // never
	if *life > 0 {
		end = time.After(*life)
	}
	select {
	case <-end:
		return fmt.Errorf("the game server failed after %v, as -life says", *life)
	case <-ctx.Done():
		fmt.Fprintln(stdout, "players sent home")
		return nil
	}
}
