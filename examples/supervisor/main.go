// Command supervisor launches game-server processes on a compute of an Anywhere
// fleet, each with a fresh auth token and a process ID of its own in its
// environment, and launches the next one when one dies. SIGTERM or an interrupt
// stops them and then itself.
//
// Without arguments it calls a stub of the service whose tokens live for
// seconds, runs a game server that dies soon, and stops when three generations
// of tokens have been used. On the service, with credentials in the environment:
//
//	go run ./examples/supervisor -region us-west-2 -fleet fleet-... -compute my-host \
//		-websocket wss://us-west-2.api.amazongamelift.com -processes 4 ./my-game-server -port 7777
//
// Without a command it launches the game server that is included.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := run
	args := os.Args[1:]
	if len(args) > 0 && args[0] == gameServerArg {
		do, args = gameServer, args[1:]
	}
	if err := do(ctx, args, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 {
		return runDemo(ctx, stdout)
	}
	flags := flag.NewFlagSet("supervisor", flag.ContinueOnError)
	region := flags.String("region", "", "AWS region; default: AWS_REGION")
	endpoint := flags.String("endpoint", "", "URL to call in place of the region's endpoint")
	fleet := flags.String("fleet", "", "ID or ARN of an Anywhere fleet (required)")
	compute := flags.String("compute", "", "name under which this host is registered (required)")
	webSocket := flags.String("websocket", "", "GameLiftServiceSdkEndpoint, as RegisterCompute returned it")
	processes := flags.Int("processes", 2, "how many game servers run at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *fleet == "" || *compute == "" || *processes < 1 {
		return errors.New("-fleet and -compute are required, and -processes is 1 or more")
	}
	options, err := gamelift.OptionsFromEnv()
	if err != nil {
		return err
	}
	if *region != "" {
		options.Region = *region
	}
	if *endpoint != "" {
		options.BaseEndpoint = endpoint
	}
	out := &printer{w: stdout}
	s := &supervisor{
		out:       out,
		source:    authtoken.NewSource(gamelift.New(options), *fleet, *compute, out.reportTokens),
		webSocket: *webSocket,
		command:   flags.Args(),
		pause:     time.Second,
	}
	if len(s.command) == 0 {
		if s.command, err = includedGameServer(); err != nil {
			return err
		}
	}
	s.run(ctx, *processes)
	return nil
}

// generations is how many tokens the demonstration shows.
const generations = 3

func runDemo(ctx context.Context, stdout io.Writer) error {
	stub := gamelifttest.NewServer(func(o *gamelifttest.Options) {
		o.TokenLife, o.TokenRenewal = 4*time.Second, 2500*time.Millisecond
	})
	defer stub.Close()
	command, err := includedGameServer("-life", "900ms")
	if err != nil {
		return err
	}
	out := &printer{w: stdout}
	out.printf("calling a stub of the service at %s, whose tokens live for 4 seconds", stub.URL())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &supervisor{
		out: out,
		source: authtoken.NewSource(gamelift.New(stub.ClientOptions()), gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute,
			out.reportTokens),
		webSocket: "wss://us-west-2.api.amazongamelift.com",
		command:   command,
		pause:     100 * time.Millisecond,
	}
	var mu sync.Mutex
	used := map[string]bool{}
	s.died = func(token authtoken.Token) {
		mu.Lock()
		defer mu.Unlock()
		used[token.Value] = true
		if len(used) == generations && ctx.Err() == nil {
			out.printf("%d generations of tokens have been used: that is all", generations)
			stop()
		}
	}
	s.run(ctx, 2)
	return nil
}

// printer prints whole lines.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *printer) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

func (p *printer) reportTokens(o *authtoken.Options) {
	o.OnRefresh = func(token authtoken.Token) {
		p.printf("token %s fetched, expires at %s by the service's clock", fingerprint(token.Value), token.Expires.Format(time.TimeOnly))
	}
	o.OnFailure = func(err *authtoken.FetchError) { p.printf("no token, trying again: %v", err) }
}

// fingerprint returns a short text that differs from token to token, and has no
// part of the token.
func fingerprint(token string) string {
	hash := sha256.Sum256([]byte(token))
	return "#" + hex.EncodeToString(hash[:4])
}
