package main

import (
	"fmt"
	"slices"
	"strings"
)

// exports returns a shell script that sets variables, each NAME=value.
func exports(variables []string) string {
	var script strings.Builder
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&script, "export %s=%s\n", name, quote(value))
	}
	return script.String()
}

// quote returns s as one word of a shell's command line.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quoteWords returns words as a shell's command line. It quotes only those that
// need it.
func quoteWords(words ...string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@"
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; word == "" || strings.Trim(word, plain) != "" {
			quoted[i] = quote(word)
		}
	}
	return strings.Join(quoted, " ")
}

// checkVariables returns an error if a value contains one of the characters.
func checkVariables(variables []string, characters string) error {
	for _, variable := range variables {
		if name, value, _ := strings.Cut(variable, "="); strings.ContainsAny(value, characters) {
			return fmt.Errorf("%s cannot be written: its value has one of the characters %q", name, characters)
		}
	}
	return nil
}

// environment returns a copy of environ with variables added, and without the
// variables whose names are in without.
func environment(environ, without, variables []string) []string {
	return append(slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(without, name) ||
			slices.ContainsFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	}), variables...)
}
