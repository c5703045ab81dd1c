package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A benchmark is measured with each of several clients, one after the other, so
// that a machine that slows down does so for all of them.
type benchmark struct {
	name    string // such as InProcess/op=GetComputeAuthToken
	clients []client
	rounds  int // in how many rounds it is run
}

type client struct {
	name string
	run  func(context.Context) (lines string, err error)
}

// measure returns the results in the format of the testing package.
func (p plan) measure(ctx context.Context, dir string) ([]byte, error) {
	temp, err := os.MkdirTemp("", "record")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	fmt.Fprintln(os.Stderr, "build")
	head, benchmarks, err := p.testBenchmarks(ctx, dir, temp)
	if err != nil {
		return nil, err
	}
	programs, stop, err := p.programBenchmarks(ctx, dir, temp)
	if err != nil {
		return nil, err
	}
	defer stop()
	benchmarks = slices.DeleteFunc(append(benchmarks, programs...), func(b *benchmark) bool { return !p.bench.MatchString(b.name) })
	if len(benchmarks) == 0 {
		return nil, fmt.Errorf("no benchmark matches %q", p.bench)
	}

	var raw bytes.Buffer
	fmt.Fprintf(&raw, "go: %s\n%s", runtime.Version(), head)
	if commit, err := clientCommit(ctx, dir); err == nil { // there may be no repository
		fmt.Fprintf(&raw, "commit: %s\n", commit)
	}
	for round := range p.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, p.rounds)
		for _, b := range benchmarks {
			if round >= b.rounds {
				continue
			}
			slices.Reverse(b.clients) // whoever was first is last now
			for _, c := range b.clients {
				lines, err := c.run(ctx)
				if err != nil {
					return nil, fmt.Errorf("%s/client=%s: %w", b.name, c.name, err)
				}
				raw.WriteString(lines)
			}
		}
	}
	return raw.Bytes(), nil
}

// testBenchmarks builds the benchmarks twice, once for each version of the SDK,
// and runs the tests of their fixtures. Both test binaries have all clients; a
// client that both have is measured in the first. head describes the machine.
func (p plan) testBenchmarks(ctx context.Context, dir, temp string) (head string, benchmarks []*benchmark, err error) {
	seen := map[string]bool{}
	for _, modfile := range modfiles {
		binary := filepath.Join(temp, modfile+".exe") // Windows needs the suffix
		if _, err := output(ctx, dir, "go", "test", "-c", "-modfile="+modfile, "-o", binary, "."); err != nil {
			return "", nil, err
		}
		text, err := output(ctx, dir, binary, "-test.bench=.", "-test.benchtime=1x")
		if err != nil {
			return "", nil, fmt.Errorf("%w\n%s", err, text)
		}
		if head == "" {
			head = strings.Join(regexp.MustCompile(`(?m)^[a-z]+: .*\n`).FindAllString(text, -1), "")
		}
		for _, match := range resultLine.FindAllStringSubmatch(text, -1) {
			name, clientName := match[1], match[2]
			if seen[name+clientName] {
				continue
			}
			seen[name+clientName] = true
			i := slices.IndexFunc(benchmarks, func(b *benchmark) bool { return b.name == name })
			if i < 0 {
				i = len(benchmarks)
				benchmarks = append(benchmarks, &benchmark{name: name, rounds: p.rounds})
			}
			pattern := "^Benchmark" + strings.ReplaceAll(regexp.QuoteMeta(name+"/client="+clientName), "/", "$/^") + "$"
			benchmarks[i].clients = append(benchmarks[i].clients, client{clientName, func(ctx context.Context) (string, error) {
				text, err := output(ctx, dir, binary, "-test.run=^$", "-test.bench="+pattern, "-test.benchtime="+p.slice)
				if err != nil {
					return "", fmt.Errorf("%w\n%s", err, text)
				}
				line := resultLine.FindString(text)
				if line == "" {
					return "", fmt.Errorf("no result for %s", pattern)
				}
				return line, nil
			}})
		}
	}
	return head, benchmarks, nil
}

// modfiles name the versions of the SDK: one that speaks CBOR and one that
// speaks JSON.
var modfiles = []string{"go.mod", "sdkjson.mod"}

// resultLine matches one result and finds the names of benchmark and client.
var resultLine = regexp.MustCompile(`(?m)^Benchmark(\S+)/client=([a-z-]+[a-z]).*\n`)

// clientCommit returns the last commit that changed more than benchmarks.
func clientCommit(ctx context.Context, dir string) (string, error) {
	others := []string{"--", ":(top)", ":(top,exclude)benchmarks"}
	commit, err := output(ctx, dir, "git", append([]string{"log", "-1", "--format=%h"}, others...)...)
	if err != nil {
		return "", err
	}
	commit = strings.TrimSpace(commit)
	changes, err := output(ctx, dir, "git", append([]string{"status", "--porcelain"}, others...)...)
	if changes != "" {
		commit += "-dirty"
	}
	return commit, err
}

func moduleDir(ctx context.Context) (string, error) {
	dir, err := output(ctx, ".", "go", "list", "-m", "-f", "{{.Dir}}")
	return strings.TrimSpace(dir), err
}

func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Stderr = dir, os.Stderr
	text, err := command.Output()
	return string(text), err
}
