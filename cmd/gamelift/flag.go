package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// compute has the values of the flags that name a compute.
type compute struct{ fleetID, name string }

func (c *compute) addTo(cmd *cobra.Command) {
	cmd.Flags().Var(value{text: &c.fleetID, kind: "ID"}, "fleet-id", "ID or ARN of the fleet")
	cmd.Flags().Var(value{text: &c.name, kind: "NAME"}, "compute-name", "name or ARN of the compute; on an EC2 fleet the instance ID")
	required(cmd, "fleet-id", "compute-name")
	noFiles(cmd, "fleet-id")
	noFiles(cmd, "compute-name")
}

// cutARN returns the ID in an ARN. Other strings are IDs.
func cutARN(s string) string {
	if _, id, found := strings.Cut(s, "/"); found && strings.HasPrefix(s, "arn:") {
		return id
	}
	return s
}

// value is a flag's value, a text that is not empty.
type value struct {
	text    *string
	kind    string   // how help names it
	allowed []string // nil means that every text is allowed
}

func (v value) String() string { return *v.text }
func (v value) Type() string   { return v.kind }

func (v value) Set(text string) error {
	switch {
	case v.allowed != nil && !slices.Contains(v.allowed, text):
		return fmt.Errorf("want %s", strings.Join(v.allowed, ", "))
	case text == "":
		return errors.New("it is empty")
	}
	*v.text = text
	return nil
}

// addOutput adds the flag --output, whose default is the first form.
func addOutput(cmd *cobra.Command, forms ...string) *string {
	form := forms[0]
	cmd.Flags().Var(value{&form, strings.Join(forms, "|"), forms}, "output", "the form of what is printed")
	complete(cmd, "output", cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp))
	return &form
}

func required(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		must(cmd.MarkFlagRequired(name))
	}
}

// noFiles keeps a shell from completing the value of a flag with file names.
func noFiles(cmd *cobra.Command, name string) { complete(cmd, name, cobra.NoFileCompletions) }

func complete(cmd *cobra.Command, name string, fn cobra.CompletionFunc) {
	must(cmd.RegisterFlagCompletionFunc(name, fn))
}

func must(err error) {
	if err != nil {
		panic(err) // the flag has just been added
	}
}

// noArgs accepts no arguments.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q", args[0])
	}
	return nil
}

// commandArgs accepts no arguments but -- COMMAND ARGS... at the end. The
// excluded flags cannot be combined with a command.
func commandArgs(excluded ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		dash := cmd.ArgsLenAtDash()
		switch {
		case dash < 0 && len(args) > 0 || dash > 0:
			return fmt.Errorf("unexpected argument %q: a command to run goes after --", args[0])
		case dash == 0 && len(args) == 0:
			return errors.New("there is no command after --")
		}
		for _, name := range excluded {
			if len(args) > 0 && cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s does not go with a command", name)
			}
		}
		return nil
	}
}
