package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// indented returns a value as JSON for people to read.
func indented(value any) (string, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return string(text) + "\n", err
}

// printText writes text to standard output, unless there is an error.
func printText(text string, err error) error {
	if err == nil {
		_, err = fmt.Print(text)
	}
	return err
}

// pages receives the help and the version from cobra, and keeps the error of a
// write. Cobra ignores most of them.
type pages struct {
	w   io.Writer
	err error // of the last write that failed
}

func (p *pages) Write(text []byte) (int, error) {
	n, err := p.w.Write(text)
	p.err = cmp.Or(err, p.err)
	return n, err
}

// report writes an error to standard error, on one line.
func report(err error) {
	var parts []string
	for part := range strings.Lines(err.Error()) {
		if part = strings.TrimSpace(plain(part)); part != "" {
			parts = append(parts, part)
		}
	}
	fmt.Fprintln(os.Stderr, "gamelift:", strings.Join(parts, "; "))
}

// plain replaces control characters, which could control a terminal, by spaces.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
