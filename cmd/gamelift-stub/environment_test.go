package main

import (
	"encoding/json"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	variables := environment("http://127.0.0.1:9270", "us-west-2", gamelift.Credentials{
		AccessKeyID: "ASIA", SecretAccessKey: "it's a/b+c= $x &|<>^", SessionToken: "",
	}, "/tmp/ca.pem")
	for format, want := range map[string]string{
		"sh": `export AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:9270 AWS_REGION=us-west-2 AWS_DEFAULT_REGION=us-west-2 ` +
			`AWS_ACCESS_KEY_ID=ASIA AWS_SECRET_ACCESS_KEY='it'\''s a/b+c= $x &|<>^' AWS_SESSION_TOKEN= AWS_CA_BUNDLE=/tmp/ca.pem NODE_EXTRA_CA_CERTS=/tmp/ca.pem`,
		"powershell": `$env:AWS_ENDPOINT_URL_GAMELIFT = 'http://127.0.0.1:9270'; $env:AWS_REGION = 'us-west-2'; $env:AWS_DEFAULT_REGION = 'us-west-2'; ` +
			`$env:AWS_ACCESS_KEY_ID = 'ASIA'; $env:AWS_SECRET_ACCESS_KEY = 'it''s a/b+c= $x &|<>^'; $env:AWS_SESSION_TOKEN = ''; ` +
			`$env:AWS_CA_BUNDLE = '/tmp/ca.pem'; $env:NODE_EXTRA_CA_CERTS = '/tmp/ca.pem'`,
		"cmd": `set "AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:9270" & set "AWS_REGION=us-west-2" & set "AWS_DEFAULT_REGION=us-west-2" & ` +
			`set "AWS_ACCESS_KEY_ID=ASIA" & set "AWS_SECRET_ACCESS_KEY=it's a/b+c= $x &|<>^" & set "AWS_SESSION_TOKEN=" & ` +
			`set "AWS_CA_BUNDLE=/tmp/ca.pem" & set "NODE_EXTRA_CA_CERTS=/tmp/ca.pem"`,
		"env": "AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:9270\nAWS_REGION=us-west-2\nAWS_DEFAULT_REGION=us-west-2\n" +
			"AWS_ACCESS_KEY_ID=ASIA\nAWS_SECRET_ACCESS_KEY=it's a/b+c= $x &|<>^\nAWS_SESSION_TOKEN=\nAWS_CA_BUNDLE=/tmp/ca.pem\nNODE_EXTRA_CA_CERTS=/tmp/ca.pem",
	} {
		got, err := formats[format](variables)
		require.NoError(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	got, err := formatJSON(variables)
	require.NoError(t, err)
	object := map[string]string{}
	require.NoError(t, json.Unmarshal([]byte(got), &object))
	for _, v := range variables {
		require.Equal(t, v.value, object[v.name])
	}
	require.Len(t, object, len(variables))
	require.NotContains(t, got, "\n")
}

// A value that a format cannot express is an error.
func TestFormats_refuse(t *testing.T) {
	t.Parallel()
	for format, values := range map[string][]string{
		"cmd":        {`a"b`, "100%", "a!b", "a\nb"},
		"powershell": {"it\u2019s"},
		"env":        {"a\nb", "a\rb"},
	} {
		for _, value := range values {
			_, err := formats[format]([]variable{{"AWS_SECRET_ACCESS_KEY", value}})
			require.EqualError(t, err, "AWS_SECRET_ACCESS_KEY has a character that -format "+format+" cannot express")
		}
	}
}

// A shell that runs the line has the same values.
func TestFormatShell_inAShell(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no POSIX shell")
	}
	require.Equal(t, "'=ls'", shellQuote("=ls"), "zsh would run ls")
	for _, shell := range []string{"sh", "bash", "zsh"} {
		if _, err := exec.LookPath(shell); err != nil && shell != "sh" {
			continue
		}
		for _, value := range []string{
			"", "a/b+c=", "http://[::1]:8", "two words", "it's", "$(x)`y`", "a\nb", `back\slash"quote`, "*", "~", "-n", "#x", "!x", "é", "=ls", "a=~b", "{a,b}",
		} {
			line, err := formatShell([]variable{{"VALUE", value}})
			require.NoError(t, err)
			output, err := exec.CommandContext(t.Context(), shell, "-c", line+"\nprintf %s. \"$VALUE\"").Output()
			require.NoError(t, err)
			require.Equal(t, value, strings.TrimSuffix(string(output), "."), "%s: %s", shell, line)
		}
	}
}
