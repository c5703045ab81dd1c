package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestAccess_json(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	var got, wire gamelift.GetComputeAccessOutput
	printed := o.output(with("access", container)...)
	require.NoError(t, json.Unmarshal([]byte(printed), &got))
	require.NotEmpty(t, *got.Credentials.SessionToken)
	require.Equal(t, gamelifttest.ContainerCompute, *got.ComputeName)
	require.Len(t, got.ContainerIdentifiers, 1)
	again, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(again, &wire))
	require.Equal(t, string(again)+"\n", printed)
}

// environmentOf reads the output of env.
func environmentOf(printed string) map[string]string {
	variables := map[string]string{}
	for line := range strings.Lines(printed) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		variables[name] = value
	}
	return variables
}

// requireSoon requires a time in 10 minutes, as RFC 3339 in UTC.
func requireSoon(t *testing.T, before time.Time, text string) {
	t.Helper()
	require.True(t, strings.HasSuffix(text, "Z"), text)
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	require.WithinRange(t, at, before.Add(10*time.Minute).Truncate(time.Second), time.Now().Add(10*time.Minute))
}

// what an operator may have set, and what would win over the compute's keys.
var others = []string{
	"AWS_PROFILE=operator", "AWS_DEFAULT_PROFILE=operator", "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/r",
	"AWS_WEB_IDENTITY_TOKEN_FILE=/token", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1/keys",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/keys",
}

func requireComputeKeys(t *testing.T, before time.Time, variables map[string]string) {
	t.Helper()
	require.Regexp(t, `^ASIA`, variables["AWS_ACCESS_KEY_ID"])
	require.NotEmpty(t, variables["AWS_SECRET_ACCESS_KEY"])
	require.NotEqual(t, gamelifttest.SecretAccessKey, variables["AWS_SECRET_ACCESS_KEY"])
	require.NotEmpty(t, variables["AWS_SESSION_TOKEN"])
	require.Equal(t, "eu-central-1", variables["AWS_REGION"])
	require.Equal(t, "eu-central-1", variables["AWS_DEFAULT_REGION"])
	require.Equal(t, "stays", variables["AWS_ENDPOINT_URL_S3"])
	requireSoon(t, before, variables["AWS_CREDENTIAL_EXPIRATION"])
	for _, other := range others {
		name, _, _ := strings.Cut(other, "=")
		require.NotContains(t, variables, name)
	}
}

func newOperatorInEurope(t *testing.T) *operator {
	o := newOperator(t, func(o *gamelifttest.Options) { o.Region = "eu-central-1" })
	o.env = append(append(o.env, "AWS_SESSION_TOKEN=", "AWS_DEFAULT_REGION=us-east-1", "AWS_ENDPOINT_URL_S3=stays"), others...)
	o.write(".aws/config", "[profile operator]\n", 0o600)
	return o
}

func TestAccess_env(t *testing.T) {
	t.Parallel()
	o := newOperatorInEurope(t)
	before := time.Now()
	script := o.output(with("access", ec2, "--region", "eu-central-1", "--output", "env")...)
	require.Regexp(t, "^unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE "+
		"AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI\n"+
		"export AWS_ACCESS_KEY_ID='[^']+'\nexport AWS_SECRET_ACCESS_KEY='[^']+'\nexport AWS_SESSION_TOKEN='[^']+'\n"+
		"export AWS_CREDENTIAL_EXPIRATION='[^']+'\nexport AWS_REGION='eu-central-1'\nexport AWS_DEFAULT_REGION='eu-central-1'\n$", script)
	sh := o.command()
	sh.Path, sh.Args = "/bin/sh", []string{"sh", "-c", script + "env"}
	requireComputeKeys(t, before, environmentOf(finish(t, sh).stdout))
}

func TestAccess_command(t *testing.T) {
	t.Parallel()
	o := newOperatorInEurope(t)
	before := time.Now()
	requireComputeKeys(t, before, environmentOf(o.output(with("access", ec2, "--region=eu-central-1", "--", "env")...)))
}

func TestAccess_credentialProcess(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	before := time.Now()
	printed := o.output(with("access", ec2, "--output", "credential-process")...)
	require.Regexp(t, `^\{"Version":1,"AccessKeyId":"ASIA[^"]+","SecretAccessKey":"[^"]+","SessionToken":"[^"]+","Expiration":"[^"]+"\}\n$`, printed)
	var process struct{ Expiration string }
	require.NoError(t, json.Unmarshal([]byte(printed), &process))
	requireSoon(t, before, process.Expiration)
}

func TestAccess_anywhereFleet(t *testing.T) {
	t.Parallel()
	require.Contains(t, newOperator(t).fails(statusFailed, with("access", anywhere)...), "InvalidRequestException")
}

// TestAccess_profile has the operator's keys in a profile, and others in the environment.
func TestAccess_profile(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.write(".aws/config", fmt.Sprintf("[profile operator]\nregion = us-west-2\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey), 0o600)
	o.env = append(o.env, "AWS_ACCESS_KEY_ID=AKIAWRONG", "AWS_SECRET_ACCESS_KEY=wrong")
	o.fails(statusFailed, with("access", ec2)...)
	o.output(with("access", ec2, "--profile", "operator")...)
	o.output("--profile=operator", "access", ec2[0], ec2[1], ec2[2], ec2[3])
}

// TestAccess_asACredentialProcess has a profile whose keys are the compute's.
func TestAccess_asACredentialProcess(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.without("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
	line := quoteWords(with("access", ec2, "--output", "credential-process")...)
	o.write("wrapper", "#!/bin/sh\nexec gamelift "+line+"\n", 0o755)
	// A loop that nothing else ends ends at the twentieth call.
	o.write("bin/gamelift", "#!/bin/sh\necho called >>$HOME/calls\n[ $(wc -l <$HOME/calls) -lt 20 ] || exit 1\nexec "+binary+` "$@"`, 0o755)
	o.env = append(o.env, "PATH="+o.home+"/bin:/usr/bin:/bin")
	o.write("granted", fmt.Sprintf("#!/bin/sh\n"+`echo '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}'`,
		gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey), 0o755)
	o.write(".aws/config", fmt.Sprintf(`[profile operator]
region = us-west-2
credential_process = %s/granted credential-process --profile operator
[profile compute]
region = us-west-2
credential_process = gamelift %s --profile operator
[profile loop]
region = us-west-2
credential_process = gamelift %s
[profile role]
region = us-west-2
role_arn = arn:aws:iam::111122223333:role/r
source_profile = loop
[profile wrapped]
region = us-west-2
credential_process = %s/wrapper
`, o.home, line, line, o.home), 0o600)

	// The profile's keys are good for a call, which the stub refuses because it does not know them.
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--profile", "compute")...), "UnrecognizedClientException")
	require.Equal(t, "GetComputeAccess", o.stub.Requests()[0].Operation)
	require.Equal(t, "GetComputeAuthToken", o.stub.Requests()[1].Operation)
	o.stub.Reset()

	loop := with("access", ec2, "--output", "credential-process")
	require.Contains(t, o.fails(statusFailed, append(loop, "--profile", "loop")...), "--profile")
	o.env = append(o.env, "AWS_PROFILE=loop")
	require.Contains(t, o.fails(statusFailed, loop...), "--profile")

	for _, profile := range []string{"loop", "role", "wrapped"} {
		o.env = append(o.env, "AWS_PROFILE="+profile)
		r := o.run(loop...)
		assert.Equal(t, statusFailed, r.status)
		assert.Contains(t, r.stderr, errLoop.Error(), profile)
		r = o.run(with("session", ec2, "--print")...)
		assert.Equal(t, statusFailed, r.status)
		assert.Contains(t, r.stderr, errLoop.Error(), profile)
	}
	require.Empty(t, o.stub.Requests())
	require.Less(t, strings.Count(o.read("calls"), "\n"), 15)

	// Keys in the environment win over AWS_PROFILE, so that there is no loop.
	o.env = append(o.env, "AWS_ACCESS_KEY_ID="+gamelifttest.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+gamelifttest.SecretAccessKey)
	o.output(append(loop, "--region", "us-west-2")...)
}
