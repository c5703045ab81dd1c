// Record measures this client and its peers, and writes down what it measured.
// Run it anywhere in the module benchmarks:
//
//	go run ./record                # everything: results/latest.txt, results/chart.svg, the tables of README.md
//	go run ./record -short         # the same in less time, without Build; prints the tables and writes nothing
//	go run ./record -once          # each benchmark once, to see that it runs
//	go run ./record -draw          # tables and chart again, from results/latest.txt
//	go run ./record -short -cpu    # tables of processor time, for a machine that does other work
//	go run ./record -short -bench '^InProcess/op=GetComputeAuthToken'
package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// A plan says how much to measure. In each round, every benchmark of every
// client runs for one slice.
type plan struct {
	rounds int
	slice  string         // -test.benchtime
	starts int            // of each program in a slice
	builds int            // in how many rounds the programs are built
	bench  *regexp.Regexp // of the benchmarks' names
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	short := flags.Bool("short", false, "measure less, print the tables and write no file")
	once := flags.Bool("once", false, "run each benchmark once and print the results")
	draw := flags.Bool("draw", false, "measure nothing: write tables and chart from results/latest.txt")
	rounds := flags.Int("rounds", 0, "number of rounds (default 30, with -short 15)")
	bench := flags.String("bench", "", "print the tables of the benchmarks that match this `regexp`, and write no file")
	cpu := flags.Bool("cpu", false, "print tables of processor time, which varies less if the machine does other work")
	out := flags.String("o", "", "write the raw results to this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile(*bench)
	if err != nil {
		return err
	}
	dir, err := moduleDir(ctx)
	if err != nil {
		return err
	}
	if *draw {
		return publish(dir)
	}

	p := plan{rounds: 30, slice: "100ms", starts: 10, builds: 3, bench: pattern}
	switch {
	case *once:
		p = plan{rounds: 1, slice: "1x", starts: 1, bench: pattern}
	case *short:
		p = plan{rounds: 15, slice: "40ms", starts: 5, bench: pattern}
	}
	p.rounds = cmp.Or(*rounds, p.rounds)
	raw, err := p.measure(ctx, dir)
	if err != nil {
		return err
	}
	if *out != "" {
		if err := os.WriteFile(*out, raw, 0o666); err != nil {
			return err
		}
	}
	switch {
	case *once:
		_, err = stdout.Write(raw)
		return err
	case *short || *cpu || *bench != "":
		r, err := parse(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		_, err = io.WriteString(stdout, r.tables(*cpu))
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, latest), raw, 0o666); err != nil {
		return err
	}
	return publish(dir)
}
