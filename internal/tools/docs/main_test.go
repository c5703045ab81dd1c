package main

import (
	"os"
	"slices"
	"testing"
)

func TestBrokenLinks(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("other.md", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"other.md": "# What `it` does, in short\n"}
	const page = "# Here\n" +
		"[a](other.md) [b](other.md#what-it-does-in-short) [c](#here) [d](https://example.com/x)\n" +
		"[e](missing.md) [f](other.md#there) [g](#there) ![h](missing.svg)\n" +
		"```\n[i](code.md)\n```\n"
	want := []string{"missing.md", "other.md#there", "#there", "missing.svg"}
	pages["page.md"] = page
	if err := os.WriteFile("page.md", []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := brokenLinks("page.md", page, pages); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGoBlocks(t *testing.T) {
	const page = "```go\na := 1\n```\n```sh\nls\n```\n```go main.go\npackage main\n```\n```go\nb()\n```\n"
	if got, want := goBlocks(page), []string{"a := 1\n", "b()\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := dedent("\tif x {\n\t\ty()\n\t}\n"), "if x {\ny()\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
