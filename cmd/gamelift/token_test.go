package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// token is the one that the stub gives out until it is nearly expired.
func (o *operator) token() *gamelift.GetComputeAuthTokenOutput {
	o.t.Helper()
	fleet, name := gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute
	out, err := gamelift.New(o.stub.ClientOptions()).GetComputeAuthToken(o.t.Context(),
		&gamelift.GetComputeAuthTokenInput{FleetId: &fleet, ComputeName: &name})
	require.NoError(o.t, err)
	return out
}

func TestToken_json(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	want, err := json.MarshalIndent(o.token(), "", "  ")
	require.NoError(t, err)
	require.Equal(t, string(want)+"\n", o.output(with("token", anywhere)...))
	require.Equal(t, string(want)+"\n", o.output(with("token", anywhere, "--output=json")...))
}

func TestToken_env(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	want := "export GAMELIFT_SDK_AUTH_TOKEN='" + *o.token().AuthToken + "'\n" +
		"export GAMELIFT_SDK_FLEET_ID='" + gamelifttest.AnywhereFleetID + "'\n" +
		"export GAMELIFT_SDK_HOST_ID='" + gamelifttest.AnywhereCompute + "'\n"
	require.Equal(t, want, o.output(with("token", anywhere, "--output", "env")...))

	arns := []string{
		"--fleet-id=arn:aws:gamelift:us-west-2:111122223333:fleet/" + gamelifttest.AnywhereFleetID,
		"--compute-name=arn:aws:gamelift:us-west-2:111122223333:compute/" + gamelifttest.AnywhereCompute,
	}
	require.Equal(t, want, o.output(with("token", arns, "--output", "env")...))
	o.stub.Inject(gamelifttest.Fault{Body: []byte(`{"AuthToken": "` + *o.token().AuthToken + `"}`)})
	require.Equal(t, want, o.output(with("token", arns, "--output", "env")...), "the response has no IDs")
}

func TestToken_valuesThatAreHardToQuote(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	hard := "it's \"$HOME\" `id` $(id) \\ \n!# é;"
	body, err := json.Marshal(gamelift.GetComputeAuthTokenOutput{AuthToken: &hard})
	require.NoError(t, err)
	fault := gamelifttest.Fault{Body: body}

	o.stub.Inject(fault)
	script := o.output(with("token", anywhere, "--output", "env")...)
	sh := o.command()
	sh.Path, sh.Args = "/bin/sh", []string{"sh", "-c", script + `printf %s "$GAMELIFT_SDK_AUTH_TOKEN"`}
	require.Equal(t, result{stdout: hard}, finish(t, sh))

	o.stub.Inject(fault)
	require.Equal(t, hard, o.output(with("token", anywhere, "--", "sh", "-c", `printf %s "$GAMELIFT_SDK_AUTH_TOKEN"`)...))

	o.stub.Inject(gamelifttest.Fault{Body: []byte(`{}`)})
	require.Contains(t, o.fails(statusFailed, with("token", anywhere)...), "AuthToken")
	for _, body := range []string{`{"AuthToken": "a\u0000b"}`, `{}`} {
		o.stub.Inject(gamelifttest.Fault{Body: []byte(body), Count: 2})
		require.Regexp(t, "AuthToken|GAMELIFT_SDK_AUTH_TOKEN", o.fails(statusFailed, with("token", anywhere, "--output", "env")...))
		o.fails(statusFailed, with("token", anywhere, "--", "true")...)
	}
}

func TestToken_command(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.env = append(o.env, "AWS_SESSION_TOKEN=", "AWS_CREDENTIAL_EXPIRATION=2099-01-01T00:00:00Z", "OTHER=stays",
		"AWS_PROFILE_IGNORED=stays", "GAMELIFT_SDK_FLEET_ID=fleet-old", "GAMELIFT_SDK_PROCESS_ID=stays")
	environment := strings.Split(strings.TrimSpace(o.output(with("token", anywhere, "--", "env")...)), "\n")
	require.Subset(t, environment, []string{
		"GAMELIFT_SDK_AUTH_TOKEN=" + *o.token().AuthToken,
		"GAMELIFT_SDK_FLEET_ID=" + gamelifttest.AnywhereFleetID,
		"GAMELIFT_SDK_HOST_ID=" + gamelifttest.AnywhereCompute,
		"GAMELIFT_SDK_PROCESS_ID=stays", "OTHER=stays", "AWS_PROFILE_IGNORED=stays", "AWS_REGION=us-west-2", "HOME=" + o.home,
	})
	for _, variable := range environment {
		require.NotRegexp(t, `^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_EXPIRATION)=|=fleet-old`, variable)
	}
}

func TestToken_commandHasTheStandardStreams(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	cmd := o.command(with("token", anywhere, "--", "sh", "-c", `cat; echo "$0 $1" >&2; exit 7`, "a b", "--output=c")...)
	cmd.Stdin = strings.NewReader("typed")
	require.Equal(t, result{"typed", "a b --output=c\n", 7}, finish(t, cmd))
}

func TestToken_serviceFails(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.stub.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Message: "line one\nline two\x1b[31m", Count: -1})
	for _, args := range [][]string{with("token", anywhere), with("token", anywhere, "--", "echo", "no")} {
		line := o.fails(statusFailed, args...)
		for _, part := range []string{"GetComputeAuthToken", "400", "UnauthorizedException", "line one", "line two"} {
			require.Contains(t, line, part)
		}
		require.Regexp(t, `request ID:? [0-9a-f-]{36}`, line)
	}
}

// TestToken_brokenAnswers has the token in what arrives, but not in the error.
func TestToken_brokenAnswers(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.env = append(o.env, "AWS_MAX_ATTEMPTS=1")
	token := *o.token().AuthToken
	for _, fault := range []gamelifttest.Fault{
		{Break: gamelifttest.Reset}, {Break: gamelifttest.ResetBody}, {Break: gamelifttest.Truncated}, {Break: gamelifttest.HTML},
		{Body: []byte(`{"AuthToken": "` + token + `", "ExpirationTimestamp": "` + token + `"}`)},
		{Status: 503, Body: []byte(token)},
	} {
		o.stub.Inject(fault)
		line := o.fails(statusFailed, with("token", anywhere)...)
		require.Contains(t, line, "GetComputeAuthToken")
		require.NotContains(t, line, token)
	}
}

func TestToken_noKeys(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.without("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
	o.fails(statusFailed, with("token", anywhere)...)
	o.fails(statusFailed, with("token", anywhere, "--profile", "unknown")...)
	require.Empty(t, o.stub.Requests())
}

// TestToken_processFails has the caller's own keys from a process whose output is
// not what the SDK reads.
func TestToken_processFails(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.without("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
	for _, padding := range []string{"", strings.Repeat("-", 10_000)} {
		o.write("keys", `{"Version": "1", "SecretAccessKey": "`+gamelifttest.SecretAccessKey+`", "SessionToken": "very-secret-token`+padding+`"}`, 0o600)
		o.write(".aws/config", "[default]\ncredential_process = cat "+o.home+"/keys\n", 0o600)
		line := o.fails(statusFailed, with("token", anywhere)...)
		require.Contains(t, line, "credential_process: json: ")
		require.NotContains(t, line, "very-secret")
	}
	o.write(".aws/config", "[default]\ncredential_process = false\n", 0o600)
	require.Contains(t, o.fails(statusFailed, with("token", anywhere)...), "credential_process: exit status 1")
	require.Empty(t, o.stub.Requests())
}

func TestToken_standardOutputFails(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	o := newOperator(t)
	for _, args := range [][]string{
		with("token", anywhere), with("session", container, "--print"), {"completion", "bash"}, {"--help"}, {"help", "token"}, {"--version"},
	} {
		cmd := o.command(args...)
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = full, &stderr
		require.Error(t, cmd.Run(), args)
		require.Equal(t, statusFailed, cmd.ProcessState.ExitCode(), args)
		requireErrorLine(t, stderr.String())
	}
}
