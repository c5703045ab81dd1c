package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// The files of a record, in the module benchmarks.
const (
	latest    = "results/latest.txt"
	chartFile = "results/chart.svg"
	readme    = "README.md"
)

// What is between these lines of the README is written by this program.
const (
	tablesBegin = "<!-- tables: written by go run ./record -->\n"
	tablesEnd   = "<!-- end of tables -->\n"
)

// publish writes the tables and the chart of the latest results.
func publish(dir string) error {
	files, err := published(dir)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// published returns the files that follow from the latest results.
func published(dir string) (files map[string]string, err error) {
	raw, err := os.Open(filepath.Join(dir, latest))
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	r, err := parse(raw)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, readme))
	if err != nil {
		return nil, err
	}
	before, rest, begins := strings.Cut(string(text), tablesBegin)
	_, after, ends := strings.Cut(rest, tablesEnd)
	if !begins || !ends {
		return nil, errors.New(readme + " has no lines between which the tables go")
	}
	chart, err := r.chart()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		readme:    before + tablesBegin + "\n" + r.tables(false) + "\n" + tablesEnd + after,
		chartFile: chart,
	}, nil
}
