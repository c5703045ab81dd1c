// Footprint prints what a program links for each client, as a table: run it in this module's root with
//
//	go run ./footprint
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "footprint:", err)
		os.Exit(1)
	}
}

// A program is one of those in ../minimal; its client's packages are those below a path.
type program struct{ dir, client string }

var programs = []program{
	{"./minimal/gamelift", "github.com/gamelift-compute/gamelift"},
	{"./minimal/awssdk", "github.com/aws/aws-sdk-go-v2/service/gamelift"},
}

func run(w io.Writer) error {
	fmt.Fprintln(w, "| Client | Packages outside the standard library | of the client itself | their lines of Go | Stripped program |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|")
	for _, p := range programs {
		f, err := p.measure()
		if err != nil {
			return fmt.Errorf("%s: %w", p.dir, err)
		}
		fmt.Fprintf(w, "| `%s` | %d | %d | %d | %.1f MB |\n", p.client, f.packages, f.own, f.lines, float64(f.size)/1e6)
	}
	return nil
}

type footprint struct {
	packages int // outside the standard library, the program's own left out
	own      int // of the client
	lines    int // of Go in those, comments and blank ones included
	size     int64
}

func (p program) measure() (f footprint, err error) {
	list, err := output("go", "list", "-deps", "-json=ImportPath,Name,Standard,Dir,GoFiles", p.dir)
	if err != nil {
		return f, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(list)); ; {
		var pkg struct {
			ImportPath, Name, Dir string
			Standard              bool
			GoFiles               []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return f, err
		}
		if pkg.Standard || pkg.Name == "main" {
			continue
		}
		f.packages++
		if pkg.ImportPath != p.client && !strings.HasPrefix(pkg.ImportPath, p.client+"/") {
			continue
		}
		f.own++
		for _, name := range pkg.GoFiles {
			source, err := os.ReadFile(filepath.Join(pkg.Dir, name))
			if err != nil {
				return f, err
			}
			f.lines += bytes.Count(source, []byte("\n"))
		}
	}
	f.size, err = p.build()
	return f, err
}

// build returns the size of the program, without symbols.
func (p program) build() (int64, error) {
	dir, err := os.MkdirTemp("", "footprint")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "program")
	if _, err := output("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, p.dir); err != nil {
		return 0, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func output(name string, args ...string) ([]byte, error) {
	command := exec.Command(name, args...)
	command.Stderr = os.Stderr
	return command.Output()
}
