package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "no command"},
		{[]string{"--region", "us-west-2"}, "no command"},
		{[]string{"tokens"}, `"tokens"`},
		{[]string{"--unknown"}, "--unknown"},
		{[]string{"help", "tokens"}, `"tokens"`},
		{[]string{"help", "token", "more"}, `"more"`},
		{[]string{"completion"}, "bash"},
		{[]string{"completion", "tcsh"}, "fish"},
		{with("token", anywhere, "--unknown"), "--unknown"},
		{with("token", anywhere, "-x"), "-x"},
		{[]string{"token"}, "fleet-id"},
		{[]string{"token", "--fleet-id", "fleet-1"}, "compute-name"},
		{[]string{"token", "--compute-name", "host"}, "fleet-id"},
		{[]string{"token", "--fleet-id", "--compute-name", "host"}, "host"},
		{[]string{"token", "--compute-name", "host", "--fleet-id"}, "--fleet-id"},
		{[]string{"token", "--fleet-id", "", "--compute-name", "host"}, "--fleet-id"},
		{[]string{"token", "--fleet-id=fleet-1", "--compute-name="}, "--compute-name"},
		{with("token", anywhere, "--output", "xml"), "json"},
		{with("token", anywhere, "--output", "credential-process"), "env"},
		{with("token", anywhere, "--output", ""), "json"},
		{with("token", anywhere, "--watch", ""), "--watch"},
		{with("token", anywhere, "env"), `"env"`},
		{with("token", anywhere, "env", "--", "env"), `"env"`},
		{with("token", anywhere, "--"), "--"},
		{with("token", anywhere, "--output", "json", "--", "env"), "--output"},
		{with("token", anywhere, "--watch", "file", "--", "env"), "--watch"},
		{[]string{"access", "--fleet-id", "fleet-1"}, "compute-name"},
		{with("access", ec2, "--output", "yaml"), "credential-process"},
		{with("access", ec2, "--output=env", "--", "env"), "--output"},
		{with("access", ec2, "--watch", "file"), "--watch"},
		{[]string{"session"}, "fleet-id"},
		{with("session", ec2, "more"), `unexpected argument "more"`},
		{with("session", ec2, "--", "more"), "more"},
		{with("session", ec2, "--print=perhaps"), "--print"},
		{[]string{"upload-build", "--build-id", "build-1"}, "build-root"},
		{[]string{"upload-build", "--build-root", "."}, "build-id"},
		{[]string{"upload-build", "--build-id", "build-1", "--build-root", ".", "more"}, "more"},
		{with("token", anywhere, "--region", ""), "--region"},
		{with("token", anywhere, "--region", "not a region"), "--region"},
		{with("token", anywhere, "--profile="), "--profile"},
		{with("token", anywhere, "--endpoint-url", "localhost"), "--endpoint-url"},
		{with("token", anywhere, "--endpoint-url", "ftp://localhost"), "--endpoint-url"},
	} {
		require.Contains(t, o.fails(statusUsage, test.args...), test.want, test.args)
	}
	require.Empty(t, o.stub.Requests())
}

func TestHelp(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.env = []string{"PATH=/usr/bin:/bin"} // needs nothing
	all := o.output("--help")
	for _, command := range []string{"token", "access", "session", "upload-build", "completion"} {
		require.Contains(t, all, "\n    "+command+" ")
		page := o.output(command, "--help")
		require.Equal(t, page, o.output("help", command))
		for _, part := range []string{"NAME\n    gamelift " + command, "SYNOPSIS\n    gamelift " + command + " ", "DESCRIPTION\n",
			"OPTIONS\n", "--region", "--profile", "--endpoint-url", "EXAMPLES\n", "gamelift " + command + " ", "EXIT STATUS\n"} {
			require.Contains(t, page, part)
		}
		for line := range strings.Lines(page) {
			require.Equal(t, strings.TrimRight(line, " \n")+"\n", line)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^gamelift \S+\n$`, newOperator(t).output("--version"))
}

// TestCompletion has the shells that are there check the scripts.
func TestCompletion(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := o.output("completion", shell)
		require.Contains(t, script, "gamelift")
		if path, err := exec.LookPath(shell); err == nil && shell != "powershell" {
			cmd := exec.CommandContext(t.Context(), path, "-n")
			cmd.Stdin, cmd.Stderr = strings.NewReader(script), os.Stderr
			require.NoError(t, cmd.Run())
		}
	}
	complete := func(args ...string) string { return o.run(append([]string{"__complete"}, args...)...).stdout }
	require.Contains(t, complete(""), "upload-build\t")
	require.Contains(t, complete(with("token", anywhere, "--")...), "--watch\t")
	require.Contains(t, complete("access", "--output", ""), "credential-process\n")
	require.Contains(t, complete("token", "--fleet-id", ""), ":4\n", "no file names")
	require.Contains(t, complete(with("session", ec2, "")...), ":4\n", "no file names")
}
