package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The table and the plots that are checked in come from the results that are
// checked in.
func TestRun(t *testing.T) {
	t.Parallel()
	folder, documentation := t.TempDir(), t.TempDir()
	for from, to := range map[string]string{
		"results.json": folder, "before.json": folder, "../SIMULATION.md": documentation,
	} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(from)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(folder, documentation); err != nil {
		t.Fatal(err)
	}
	for made, checkedIn := range map[string]string{
		filepath.Join(folder, "requests.svg"):         "requests.svg",
		filepath.Join(folder, "valid.svg"):            "valid.svg",
		filepath.Join(documentation, "SIMULATION.md"): "../SIMULATION.md",
	} {
		got, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(checkedIn)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go run . in authtoken/simulation", checkedIn)
		}
	}
}

func TestRun_Errors(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := run(folder, folder); err == nil {
		t.Error("no error without results")
	}
	for _, text := range []string{"{", "{}"} {
		if err := os.WriteFile(filepath.Join(folder, "results.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(folder, folder); err == nil {
			t.Errorf("no error for results %q", text)
		}
	}
}
