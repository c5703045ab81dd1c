package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const repository = "github.com/gamelift-compute/gamelift"

// A program is one of those in minimal, built with one of modfiles.
type program struct {
	client, dir, modfile string
	binary               string
}

// programBenchmarks builds the programs and returns what is measured of them.
// stop ends the server that the programs call.
func (p plan) programBenchmarks(ctx context.Context, dir, temp string) (benchmarks []*benchmark, stop func(), err error) {
	arrivals := make(chan time.Time, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrivals <- time.Now()
		answer(w, r)
	}))
	footprint := &benchmark{name: "Footprint", rounds: 1}
	start := &benchmark{name: "Start", rounds: p.rounds}
	build := &benchmark{name: "Build", rounds: p.builds}
	for _, program := range []program{
		{client: "gamelift", dir: "./minimal/gamelift", modfile: "go.mod"},
		{client: "bare", dir: "./minimal/bare", modfile: "go.mod"},
		{client: "sdk-cbor", dir: "./minimal/awssdk", modfile: "go.mod"},
		{client: "sdk-json", dir: "./minimal/awssdk", modfile: "sdkjson.mod"},
	} {
		program.binary = filepath.Join(temp, program.client+".exe") // Windows needs the suffix
		if err := program.build(ctx, dir).Run(); err != nil {
			server.Close()
			return nil, nil, fmt.Errorf("build %s: %w", program.dir, err)
		}
		footprint.clients = append(footprint.clients, client{program.client, func(ctx context.Context) (string, error) {
			return program.footprint(ctx, dir)
		}})
		start.clients = append(start.clients, client{program.client, func(ctx context.Context) (string, error) {
			return program.start(ctx, server.URL, arrivals, p.starts)
		}})
		build.clients = append(build.clients, client{program.client, func(ctx context.Context) (string, error) {
			return program.buildFromNothing(ctx, dir)
		}})
	}
	return []*benchmark{footprint, start, build}, server.Close, nil
}

// answer is a whole response of GetComputeAuthToken with the token "secret", in
// the protocol of the request.
func answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Smithy-Protocol") == "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, `{"AuthToken":"secret"}`)
		return
	}
	w.Header().Set("Content-Type", "application/cbor")
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	fmt.Fprint(w, "\xa1\x69AuthToken\x66secret") // a map of one, a text of 9 bytes, a text of 6
}

func (p program) build(ctx context.Context, dir string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", "build", "-modfile="+p.modfile, "-trimpath", "-ldflags=-s -w", "-o", p.binary, p.dir)
	command.Dir, command.Stderr = dir, os.Stderr
	return command
}

// footprint returns the size of the program without symbols, and how many of
// its packages are neither of the standard library nor of this repository.
func (p program) footprint(ctx context.Context, dir string) (string, error) {
	info, err := os.Stat(p.binary)
	if err != nil {
		return "", err
	}
	list, err := output(ctx, dir, "go", "list", "-modfile="+p.modfile, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", p.dir)
	if err != nil {
		return "", err
	}
	foreign := 0
	for path := range strings.Lines(list) {
		if !strings.HasPrefix(path, repository) {
			foreign++
		}
	}
	return fmt.Sprintf("BenchmarkFootprint/client=%s\t1\t%d binary-B\t%d foreign-packages\n", p.client, info.Size(), foreign), nil
}

// start returns the mean time from the start of the program to the arrival of
// its request.
func (p program) start(ctx context.Context, url string, arrivals <-chan time.Time, times int) (string, error) {
	var total time.Duration
	for range times {
		command := exec.CommandContext(ctx, p.binary, url, "AKIAIOSFODNN7EXAMPLE", "secret", "fleet-1", "compute")
		command.Stderr = os.Stderr
		started := time.Now()
		printed, err := command.Output()
		if err != nil {
			return "", err
		}
		if string(printed) != "secret\n" {
			return "", fmt.Errorf("the program prints %q", printed)
		}
		total += (<-arrivals).Sub(started)
	}
	return fmt.Sprintf("BenchmarkStart/client=%s\t%d\t%d ns/op\n", p.client, times, total.Nanoseconds()/int64(times)), nil
}

// buildFromNothing returns how long it takes to build the program and all its
// packages, those of the standard library included. The processor's time varies
// less than the time on the clock if other programs run.
func (p program) buildFromNothing(ctx context.Context, dir string) (string, error) {
	cache, err := os.MkdirTemp(filepath.Dir(p.binary), "cache")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(cache)
	command := p.build(ctx, dir)
	command.Env = append(os.Environ(), "GOCACHE="+cache)
	started := time.Now()
	if err := command.Run(); err != nil {
		return "", err
	}
	elapsed := time.Since(started)
	used := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return fmt.Sprintf("BenchmarkBuild/client=%s\t1\t%d ns/op\t%.3f cpu-sec/op\n", p.client, elapsed.Nanoseconds(), used.Seconds()), nil
}
