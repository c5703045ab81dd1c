// Command docs checks the Markdown files of this repository:
//
//	go run ./docs
//
// A relative link must lead to a file, and its fragment to a heading of that
// file. A block of Go code must be an excerpt of a Go file of the repository,
// apart from its indentation, because those are compiled and run. A block that
// names its file, as those of docs/testing do, is not looked for.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := run("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	pages, err := read("*.md")
	if err != nil {
		return err
	}
	sources, err := read("*.go")
	if err != nil {
		return err
	}
	var code strings.Builder
	for _, source := range sources {
		code.WriteString("\n" + dedent(source))
	}
	var wrong []string
	for page, text := range pages {
		for _, link := range brokenLinks(page, text, pages) {
			wrong = append(wrong, page+": broken link "+link)
		}
		for _, block := range goBlocks(text) {
			if !strings.Contains(code.String(), "\n"+dedent(block)) {
				wrong = append(wrong, page+": this code is in no Go file:\n"+block)
			}
		}
	}
	slices.Sort(wrong)
	if wrong != nil {
		return fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// read returns the files of the repository that match a pattern, with their
// texts.
func read(pattern string) (map[string]string, error) {
	list, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", pattern).Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	files := map[string]string{}
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list, []byte{0}), []byte{0}) {
		text, err := os.ReadFile(string(name))
		if err != nil {
			return nil, err
		}
		files[string(name)] = string(text)
	}
	return files, nil
}

// dedent removes the indentation of all lines.
func dedent(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimLeft(line, "\t "))
	}
	return b.String()
}

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

func goBlocks(text string) (blocks []string) {
	for _, match := range goBlock.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	removed = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// brokenLinks returns the relative links of a page that lead nowhere.
func brokenLinks(page, text string, pages map[string]string) (broken []string) {
	for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		target := match[1] + match[2]
		if strings.Contains(target, "://") {
			continue
		}
		file, fragment, _ := strings.Cut(target, "#")
		if file == "" {
			file = page
		} else {
			file = path.Join(path.Dir(page), file)
		}
		if _, err := os.Stat(file); err != nil {
			broken = append(broken, target)
		} else if fragment != "" && !anchors(pages[file])[fragment] {
			broken = append(broken, target)
		}
	}
	return broken
}

// anchors returns the fragments that GitHub gives the headings of a page.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := removed.ReplaceAllString(strings.ToLower(match[1]), "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}
