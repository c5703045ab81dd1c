package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// asProgram makes the test binary run main, for the tests that need a process.
const asProgram = "GAMELIFT_STUB_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program is a running stub.
type program struct {
	env  map[string]string      // what the export line sets
	stop func() (string, error) // returns the log
}

// start runs the stub on a free port until the test ends.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdoutReader, stdout := io.Pipe()
	var logged syncBuffer
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), stdout, &logged)
		_ = stdout.CloseWithError(errors.Join(errors.New("the program ended"), err))
		ended <- err
	}()
	line, err := bufio.NewReader(stdoutReader).ReadString('\n')
	require.NoError(t, err)
	stop := sync.OnceValues(func() (string, error) {
		cancel()
		err := <-ended
		return logged.String(), err
	})
	t.Cleanup(func() { _, _ = stop() })
	return &program{env: readExports(t, line), stop: stop}
}

// syncBuffer is a bytes.Buffer for concurrent use. An aborted request may be logged
// after the program has stopped.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func readExports(t *testing.T, line string) map[string]string {
	t.Helper()
	assignments, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "export ")
	require.True(t, ok, line)
	env := map[string]string{}
	for _, assignment := range strings.Split(assignments, " ") {
		name, value, _ := strings.Cut(assignment, "=")
		env[name] = value
	}
	return env
}

func (p *program) client() *gamelift.Client { return gamelift.New(p.options()) }

func (p *program) options() gamelift.Options {
	url := p.env["AWS_ENDPOINT_URL_GAMELIFT"]
	return gamelift.Options{
		Region:                     p.env["AWS_REGION"],
		Credentials:                gamelift.StaticCredentials(p.env["AWS_ACCESS_KEY_ID"], p.env["AWS_SECRET_ACCESS_KEY"], p.env["AWS_SESSION_TOKEN"]),
		BaseEndpoint:               &url,
		RetryMaxAttempts:           1,
		DisableClockSkewCorrection: true,
	}
}

func (p *program) token(t *testing.T, fleetID, name string) (*gamelift.GetComputeAuthTokenOutput, error) {
	t.Helper()
	return p.client().GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{FleetId: &fleetID, ComputeName: &name})
}

// control calls the control API and returns status and body.
func (p *program) control(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	return p.request(t, method, "/_stub/"+path, body)
}

// request sends a request, follows no redirect, and returns status and body.
func (p *program) request(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.env["AWS_ENDPOINT_URL_GAMELIFT"]+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, strings.TrimSuffix(string(data), "\n")
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// A client that reads the environment needs nothing but the printed variables.
func TestRun_withoutFlags(t *testing.T) {
	p := start(t)
	require.Equal(t, "us-west-2", p.env["AWS_REGION"])
	require.Equal(t, "us-west-2", p.env["AWS_DEFAULT_REGION"])
	for _, name := range []string{
		"AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"AWS_MAX_ATTEMPTS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
	} {
		t.Setenv(name, "")
	}
	for name, value := range p.env {
		t.Setenv(name, value)
	}
	options, err := gamelift.OptionsFromEnv()
	require.NoError(t, err)
	client := gamelift.New(options)
	fleetID, name, buildID := gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, gamelifttest.BuildID
	token, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{FleetId: &fleetID, ComputeName: &name})
	require.NoError(t, err)
	access, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{FleetId: &fleetID, ComputeName: &name})
	require.NoError(t, err)
	upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &buildID})
	require.NoError(t, err)

	logged, err := p.stop()
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(logged, "\n"), logged)
	for _, secret := range []string{
		*token.AuthToken, *access.Credentials.SecretAccessKey, *access.Credentials.SessionToken, *upload.UploadCredentials.SecretAccessKey,
		gamelifttest.SecretAccessKey, "Signature=",
	} {
		require.NotContains(t, logged, secret)
	}
	_, err = http.Get(p.env["AWS_ENDPOINT_URL_GAMELIFT"])
	require.Error(t, err, "it has stopped")
}

func TestDoc_namesWhatIsThere(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	for _, name := range []string{
		gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute, gamelifttest.EC2FleetID, gamelifttest.EC2Compute,
		gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, gamelifttest.BuildID,
	} {
		require.Contains(t, string(source), name)
	}
}

func TestRun_flags(t *testing.T) {
	t.Parallel()
	config := configFile(t, `{"Region": "eu-west-1", "Credentials": [{"AccessKeyID": "AKIACONFIG", "SecretAccessKey": "config-secret"}]}`)
	p := start(t, "-config", config, "-region", "ap-south-1", "-access-key-id", "AKIAFLAG", "-secret-access-key", "flag's secret", "-session-token", "flag-token", "-quotas")
	require.Equal(t, "ap-south-1", p.env["AWS_REGION"])
	require.Equal(t, "AKIAFLAG", p.env["AWS_ACCESS_KEY_ID"])
	require.Equal(t, "flag-token", p.env["AWS_SESSION_TOKEN"])
	p.env["AWS_SECRET_ACCESS_KEY"] = "flag's secret" // as a shell reads it
	for n := range 11 {
		// The clock goes back, so that no quota refills while the test runs.
		p.control(t, "POST", "clock", fmt.Sprintf(`{"Offset": "-%ds"}`, 20*n))
		_, err := p.token(t, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
		require.Equal(t, n == 10, apierrors.IsThrottling(err), "request %d: %v", n, err)
	}
}

func TestRun_config(t *testing.T) {
	t.Parallel()
	p := start(t, "-config", configFile(t, `{
		"Region": "eu-central-1",
		"AccountID": "444455556666",
		"Credentials": [{"AccessKeyID": "AKIATEST", "SecretAccessKey": "secret"}],
		"TokenLife": "10s",
		"Computes": [{"FleetID": "fleet-1", "Name": "host-1", "Type": "ANYWHERE"}, {"FleetID": "fleet-1", "Name": "host-2", "AbsentFor": "1h"}],
		"Builds": [{"ID": "build-1", "Bucket": "my-bucket", "Key": "my-key"}],
		"Quotas": {"RequestUploadCredentials": {"Burst": 1, "Rate": 0.001}},
		"Faults": [{"Operation": "GetComputeAuthToken", "Code": "UnauthorizedException", "Message": "no"}],
		"Seed": 1,
		"MaxRequests": 2
	}`))
	_, err := p.token(t, "fleet-1", "host-1")
	require.ErrorContains(t, err, "UnauthorizedException: no")
	out, err := p.token(t, "fleet-1", "host-1")
	require.NoError(t, err)
	require.Equal(t, "arn:aws:gamelift:eu-central-1:444455556666:fleet/fleet-1", *out.FleetArn)
	_, text := p.control(t, "GET", "requests", "")
	var requests []struct{ Time time.Time }
	require.NoError(t, json.Unmarshal([]byte(text), &requests))
	require.Equal(t, requests[1].Time.Add(10*time.Second).UnixMilli(), out.ExpirationTimestamp.UnixMilli())
	_, err = p.token(t, "fleet-1", "host-2")
	require.ErrorContains(t, err, "NotFoundException")
	_, err = p.token(t, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	require.ErrorContains(t, err, "NotFoundException")
	build := "build-1"
	upload, err := p.client().RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	require.NoError(t, err)
	require.Equal(t, "my-bucket", *upload.StorageLocation.Bucket)
	_, err = p.client().RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	require.True(t, apierrors.IsThrottling(err))
	_, text = p.control(t, "GET", "requests", "")
	require.Equal(t, 2, strings.Count(text, `"Operation":`))
}

// The clock, the seed and the renewal of the configuration apply at the start and
// after a reset.
func TestRun_clockSeedAndRenewal(t *testing.T) {
	t.Parallel()
	tokens := map[string]bool{}
	for _, config := range []string{`{"ClockOffset": "-1h", "TokenLife": "1h", "TokenRenewal": "1h"}`, `{"ClockOffset": "-1h", "Seed": 1}`} {
		p := start(t, "-config", configFile(t, config))
		for range 2 {
			_, err := p.token(t, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
			require.ErrorContains(t, err, "Signature not yet current")
			for _, offset := range []string{"0s", "1m"} {
				p.control(t, "POST", "clock", `{"Offset": "`+offset+`"}`)
				out, err := p.token(t, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
				require.NoError(t, err)
				tokens[*out.AuthToken] = true
			}
			p.control(t, "POST", "reset", "")
		}
	}
	require.Len(t, tokens, 3, "two of the first program, one of the second")
}

func TestRun_control(t *testing.T) {
	t.Parallel()
	p := start(t)
	ok := func(path, body string) {
		t.Helper()
		status, text := p.control(t, "POST", path, body)
		require.Equal(t, 204, status, text)
	}
	ok("computes", `{"FleetID": "fleet-1", "Name": "host-1", "Type": "EC2"}`)
	out, err := p.token(t, "fleet-1", "host-1")
	require.NoError(t, err)
	first := *out.AuthToken

	ok("clock", `{"Offset": "2h50m"}`)
	_, err = p.token(t, "fleet-1", "host-1")
	require.ErrorContains(t, err, "Signature expired: ")
	ok("clock", `{"Offset": "0s"}`)
	out, err = p.token(t, "fleet-1", "host-1")
	require.NoError(t, err)
	require.Equal(t, first, *out.AuthToken)

	ok("faults", `{"Status": 400, "Body": "{\"__type\":\"Odd\"}", "Delay": "1ns", "Header": {"X-Odd": ["1"]}}`)
	ok("faults", `{"Code": "NotFoundException", "Message": "unasked", "Count": 3, "Drip": "1s", "Break": "reset"}`)
	_, err = p.token(t, "fleet-1", "host-1")
	require.ErrorContains(t, err, "Odd")
	status, text := p.control(t, "GET", "unused", "")
	require.Equal(t, 200, status)
	var unused []map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &unused))
	require.Len(t, unused, 1)
	require.Equal(t, "unasked", unused[0]["Message"])
	require.Equal(t, "1s", unused[0]["Drip"])
	require.Nil(t, unused[0]["Body"])

	status, text = p.control(t, "GET", "requests", "")
	require.Equal(t, 200, status)
	var requests []struct {
		Operation, ErrorCode string
		Input                map[string]string
		Header               http.Header
		Status               int
	}
	require.NoError(t, json.Unmarshal([]byte(text), &requests))
	var codes []string
	for _, r := range requests {
		require.Equal(t, []string{"REDACTED"}, r.Header["Authorization"])
		codes = append(codes, r.ErrorCode)
	}
	if diff := cmp.Diff([]string{"", "InvalidSignatureException", "", ""}, codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	require.Equal(t, map[string]string{"FleetId": "fleet-1", "ComputeName": "host-1"}, requests[0].Input)

	ok("builds", `{"ID": "build-1", "Uploaded": true}`)
	ok("clock", `{"Offset": "1h"}`)
	ok("reset", "")
	_, text = p.control(t, "GET", "requests", "")
	require.Equal(t, "[]", text)
	_, text = p.control(t, "GET", "unused", "")
	require.Equal(t, "[]", text)
	_, err = p.token(t, "fleet-1", "host-1")
	require.ErrorContains(t, err, "NotFoundException")

	ok("faults", `{"Code": "ThrottlingException", "RetryAfter": "2s", "DateSkew": "-5h"}`)
	_, err = p.token(t, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	var refused *apierrors.ResponseError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "2000", refused.Response.Header.Get("X-Amz-Retry-After"))
	date, err := http.ParseTime(refused.Response.Header.Get("Date"))
	require.NoError(t, err)
	require.Less(t, date, time.Now().Add(-4*time.Hour))

	for _, tt := range []struct{ method, path, body, want string }{
		{"POST", "computes", `{"FleetID": "fleet-1"}`, `{"Error":"Compute.Name is \"\": want letters, digits and hyphens, in at most two parts with a slash between"}`},
		{"POST", "computes", `{"FleetID": "fleet-1", "Name": "x", "Type": "anywhere"}`, `{"Error":"Compute.Type is \"anywhere\": want one of [\"EC2\" \"ANYWHERE\" \"CONTAINER\"], or none"}`},
		{"POST", "builds", `{}`, `{"Error":"Build.ID is \"\": want an ID such as build-1111aaaa-22bb-33cc-44dd-5555eeee66ff"}`},
		{"POST", "faults", `{"Cod": "x"}`, `{"Error":"json: unknown field \"Cod\""}`},
		{"POST", "faults", `{"Status": 1}`, `{"Error":"Fault.Status is 1: want 100 to 999 except 101, or 0"}`},
		{"POST", "faults", `{} {}`, `{"Error":"there is more after the JSON value"}`},
		{"POST", "faults", `{"Count": "2"}`, `{"Error":"Count cannot be a JSON string"}`},
		{"POST", "faults", `[{}]`, `{"Error":"the value cannot be a JSON array"}`},
		{"POST", "faults", `null`, `{"Error":"the value cannot be a JSON null"}`},
		{"POST", "faults", ``, `{"Error":"there is no JSON value"}`},
		{"POST", "faults", `{`, `{"Error":"unexpected EOF"}`},
		{"POST", "faults", `{"Delay": 5}`, `{"Error":"Delay is 5: want a duration such as \"1.5s\" or \"3h\""}`},
		{"POST", "faults", `{"Header": {"X": ["a\nb"]}}`, `{"Error":"Fault.Header[\"X\"] has a control character, such as a line break"}`},
		{"POST", "clock", `{}`, `{"Error":"the member Offset is missing"}`},
		{"POST", "clock", `{"Offset": null}`, `{"Error":"the member Offset is missing"}`},
		{"POST", "clock", `{"Offset": "soon"}`, `{"Error":"Offset is \"soon\": want a duration such as \"1.5s\" or \"3h\""}`},
	} {
		status, text := p.control(t, tt.method, tt.path, tt.body)
		require.Equal(t, 400, status)
		require.Equal(t, tt.want, text)
	}
	status, text = p.control(t, "PUT", "computes", "")
	require.Equal(t, http.StatusMethodNotAllowed, status)
	require.Equal(t, `{"Error":"the method is PUT: want one of GET, POST, DELETE"}`, text)
	status, text = p.control(t, "HEAD", "health", "")
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, text)
	status, text = p.control(t, "GET", "unknown", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, `{"Error":"there is no path \"/_stub/unknown\": GET /_stub/ lists the paths"}`, text)
}

func TestRun_refusesSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"flag":            {[]string{"-port", "1"}, "flag provided but not defined: -port (see gamelift-stub -help)"},
		"argument":        {[]string{"serve"}, `unknown argument "serve": there are only flags`},
		"half a key pair": {[]string{"-access-key-id", "AKIA"}, "-access-key-id and -secret-access-key go together, and -session-token needs both"},
		"no file":         {[]string{"-config", filepath.Join("no", "such", "file")}, "no such file"},
		"unknown member":  {[]string{"-config", configFile(t, `{"Regio": "x"}`)}, `unknown field "Regio"`},
		"duration":        {[]string{"-config", configFile(t, `{"TokenLife": "3 hours"}`)}, `TokenLife is "3 hours": want a duration such as "1.5s" or "3h"`},
		"inner duration":  {[]string{"-config", configFile(t, `{"Faults": [{"Delay": null}, {"Delay": 1}]}`)}, `Faults.Delay is 1: want a duration`},
		"negative life":   {[]string{"-config", configFile(t, `{"TokenLife": "-1s"}`)}, `TokenLife is -1s: want 0 or more`},
		"negative margin": {[]string{"-config", configFile(t, `{"TokenRenewal": "-1s"}`)}, `TokenRenewal is -1s: want 0 or more`},
		"no secret":       {[]string{"-config", configFile(t, `{"Credentials": [{"AccessKeyID": "AKIA", "SecretAccessKey": "s"}, {"AccessKeyID": "AKIA"}]}`)}, `Credentials[1] has no AccessKeyID or no SecretAccessKey`},
		"no key ID":       {[]string{"-config", configFile(t, `{"Credentials": [{"SecretAccessKey": "s"}]}`)}, `Credentials[0] has no AccessKeyID or no SecretAccessKey`},
		"negative burst":  {[]string{"-config", configFile(t, `{"Quotas": {"GetComputeAccess": {"Burst": -1}}}`)}, `Quotas["GetComputeAccess"] is {Burst:-1 Rate:0}: want 0 or more`},
		"negative rate":   {[]string{"-config", configFile(t, `{"Quotas": {"GetComputeAccess": {"Rate": -1}}}`)}, `Quotas["GetComputeAccess"] is {Burst:0 Rate:-1}: want 0 or more`},
		"compute":         {[]string{"-config", configFile(t, `{"Computes": [{"FleetID": "fleet-1", "Name": "x", "AbsentFor": "-1s"}]}`)}, "Compute.AbsentFor is -1s: want 0 or more"},
		"build":           {[]string{"-config", configFile(t, `{"Builds": [{"ID": "arn:aws:gamelift:us-west-2::build/build-1"}]}`)}, "Build.ID is"},
		"fault":           {[]string{"-config", configFile(t, `{"Faults": [{"Operation": "X"}]}`)}, `Fault.Operation is "X"`},
		"quota":           {[]string{"-config", configFile(t, `{"Quotas": {"X": {}}}`)}, `Quotas has "X", which is not an operation`},
		"region flag":     {[]string{"-region", "us west"}, `-region is "us west": want a name such as us-west-2`},
		"region member":   {[]string{"-config", configFile(t, `{"Region": "us west"}`)}, `Region is "us west": want a name such as us-west-2`},
		"key ID flag":     {[]string{"-access-key-id", "AKIA/1", "-secret-access-key", "s"}, "-access-key-id has a character that is not visible ASCII, a slash or a comma"},
		"secret flag":     {[]string{"-access-key-id", "AKIA", "-secret-access-key", "canary\n"}, "-secret-access-key has a line break"},
		"token flag":      {[]string{"-access-key-id", "AKIA", "-secret-access-key", "s", "-session-token", "canary\n"}, "-session-token has a character that is not visible ASCII"},
		"token alone":     {[]string{"-session-token", "canary"}, "-access-key-id and -secret-access-key go together, and -session-token needs both"},
		"token member":    {[]string{"-config", configFile(t, `{"Credentials": [{"AccessKeyID": "A", "SecretAccessKey": "s", "SessionToken": "a b"}]}`)}, "Credentials[0].SessionToken has a character that is not visible ASCII"},
		"no keys":         {[]string{"-config", configFile(t, `{"Credentials": []}`)}, "config.json: Credentials is empty: want one or more, or no such member for the default keys"},
		"null":            {[]string{"-config", configFile(t, `null`)}, "config.json: the value cannot be a JSON null"},
		"type":            {[]string{"-config", configFile(t, `{"Computes": [{"Containers": [{"Name": 1}]}]}`)}, "config.json: Computes.Containers.Name cannot be a JSON number"},
		"type in a fault": {[]string{"-config", configFile(t, `{"Faults": [{"Header": {"X": "a"}}]}`)}, "config.json: Faults.Header cannot be a JSON string"},
		"header":          {[]string{"-config", configFile(t, `{"Faults": [{"Header": {"a b": ["x"]}}]}`)}, `Faults[0]: Fault.Header has the name "a b", which HTTP does not allow`},
		"account":         {[]string{"-config", configFile(t, `{"AccountID": "1"}`)}, `AccountID is "1": want 12 digits`},
		"format":          {[]string{"-format", "bash"}, `-format is "bash": want one of cmd, env, json, powershell, sh`},
		"inexpressible":   {[]string{"-addr", "127.0.0.1:0", "-format", "cmd", "-access-key-id", "a", "-secret-access-key", "100%"}, "AWS_SECRET_ACCESS_KEY has a character that -format cmd cannot express"},
		"unhealthy":       {[]string{"-health", "-addr", "127.0.0.1:1"}, "127.0.0.1:1"},
		"address":         {[]string{"-addr", "256.0.0.1:0"}, "256.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout bytes.Buffer
			err := run(t.Context(), tt.args, &stdout, io.Discard)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "canary")
			require.Empty(t, stdout.String())
		})
	}
}

func TestRun_help(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, &stderr), flag.ErrHelp)
	require.Contains(t, stderr.String(), "-addr host:port")
	require.Contains(t, stderr.String(), "The documentation of package github.com/gamelift-compute/gamelift/cmd/gamelift-stub describes the file of -config")
}

func TestRun_version(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-version"}, &stdout, io.Discard))
	require.Regexp(t, `^gamelift-stub \S+\n$`, stdout.String())
}

// The log has the messages of errors.
func TestRun_logsMessages(t *testing.T) {
	t.Parallel()
	p := start(t)
	_, err := p.token(t, "fleet-1", "host-1")
	require.Error(t, err)
	logged, err := p.stop()
	require.NoError(t, err)
	require.Contains(t, logged, `code=NotFoundException message="Compute host-1 of fleet fleet-1 was not found."`)
}

func TestRun_format(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"sh":         "export AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:",
		"powershell": "$env:AWS_ENDPOINT_URL_GAMELIFT = 'http://127.0.0.1:",
		"cmd":        `set "AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:`,
		"json":       `{"AWS_ACCESS_KEY_ID":"AKIAIOSFODNN7EXAMPLE",`,
		"env":        "AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:",
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			stdoutReader, stdout := io.Pipe()
			ended := make(chan error, 1)
			go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-format", format}, stdout, io.Discard) }()
			reader := bufio.NewReader(stdoutReader)
			line, err := reader.ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, line, want)
			require.Equal(t, format == "env", reader.Buffered() > 0, "all but env print one line")
			cancel()
			require.NoError(t, <-ended)
		})
	}
}

// With -tls, clients that trust the CA whose path is printed can call the stub,
// and others cannot. Faults work as without TLS.
func TestRun_tls(t *testing.T) {
	t.Parallel()
	p := start(t, "-tls")
	url := p.env["AWS_ENDPOINT_URL_GAMELIFT"]
	require.Contains(t, url, "https://127.0.0.1:")
	caFile := p.env["AWS_CA_BUNDLE"]
	require.Equal(t, caFile, p.env["NODE_EXTRA_CA_CERTS"])
	info, err := os.Stat(caFile)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o644), info.Mode())
	}
	ca, err := os.ReadFile(caFile)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(ca))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	hostname, err := os.Hostname()
	require.NoError(t, err)
	for _, host := range []string{"127.0.0.1", "localhost", "::1", hostname} {
		_, err := tlsVerify(ca, strings.TrimPrefix(url, "https://"), host)
		require.NoError(t, err, host)
	}
	_, err = tlsVerify(ca, strings.TrimPrefix(url, "https://"), "example.com")
	require.Error(t, err)

	buildID := gamelifttest.BuildID
	client := gamelift.New(p.options(), func(o *gamelift.Options) { o.HTTPClient = &http.Client{Transport: transport} })
	_, err = client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &buildID})
	require.NoError(t, err)
	post := func(body string) {
		response, err := (&http.Client{Transport: transport}).Post(url+"/_stub/faults", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	for _, broken := range []string{"reset", "reset-body"} {
		post(`{"Break": "` + broken + `"}`)
		_, err = client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &buildID})
		require.ErrorIs(t, err, syscall.ECONNRESET, broken)
	}

	_, err = p.client().RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &buildID})
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)

	var stdout bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-health", "-addr", strings.TrimPrefix(url, "https://")}, &stdout, io.Discard))
	require.Equal(t, "{\"Status\":\"ok\"}\n", stdout.String())
	_, err = p.stop()
	require.NoError(t, err)
	_, err = os.Stat(caFile)
	require.ErrorIs(t, err, os.ErrNotExist, "the file is removed")
}

// tlsVerify connects to address and verifies the certificate for the host.
func tlsVerify(ca []byte, address, host string) (tls.ConnectionState, error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, ServerName: host})
	if err != nil {
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), conn.Close()
}

func TestRun_health(t *testing.T) {
	t.Parallel()
	p := start(t)
	var stdout bytes.Buffer
	address := strings.TrimPrefix(p.env["AWS_ENDPOINT_URL_GAMELIFT"], "http://")
	require.NoError(t, run(t.Context(), []string{"-health", "-addr", address}, &stdout, io.Discard))
	require.Equal(t, "{\"Status\":\"ok\"}\n", stdout.String())
	_, text := p.control(t, "GET", "requests", "")
	require.Equal(t, "[]", text, "health checks are not recorded")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	require.ErrorContains(t, run(t.Context(), []string{"-health", "-addr", strings.TrimPrefix(other.URL, "http://")}, &stdout, io.Discard),
		"/_stub/health responds with status 404 Not Found")
}

// The curl command of the package documentation works.
func TestDoc_curl(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no POSIX shell")
	}
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl")
	}
	if version, err := exec.CommandContext(t.Context(), curl, "--version").Output(); err != nil || !signsHeaders(string(version)) {
		t.Skip("curl is too old to sign X-Amz-Target")
	}
	p := start(t)
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, command, found := strings.Cut(string(source), "//\tcurl ")
	require.True(t, found)
	command, _, _ = strings.Cut("curl "+command, "\n//\n")
	command = strings.ReplaceAll(command, "\n//\t", "\n")
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "testing", "README.md"))
	require.NoError(t, err)
	require.Contains(t, string(guide), "```sh\n"+command+"\n```\n", "the guide has the same command")
	shell := exec.CommandContext(t.Context(), "sh", "-c", command)
	for name, value := range p.env {
		shell.Env = append(shell.Env, name+"="+value)
	}
	shell.Env = append(shell.Env, "PATH="+os.Getenv("PATH"), "NO_PROXY=127.0.0.1")
	output, err := shell.Output()
	require.NoError(t, err)
	var token struct{ AuthToken, ComputeName string }
	require.NoError(t, json.Unmarshal(output, &token), "%s", output)
	require.NotEmpty(t, token.AuthToken)
	require.Equal(t, gamelifttest.AnywhereCompute, token.ComputeName)
}

// signsHeaders reports whether the output of curl --version is that of curl 7.87
// or newer.
func signsHeaders(version string) bool {
	var major, minor int
	_, err := fmt.Sscanf(version, "curl %d.%d", &major, &minor)
	return err == nil && (major > 7 || major == 7 && minor >= 87)
}

// A response that would take hours does not keep the program from stopping.
func TestRun_stopsInTheMiddleOfARequest(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.control(t, "POST", "faults", `{"Delay": "1000h"}`)
	returned := make(chan error, 1)
	go func() {
		_, err := p.token(t, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
		returned <- err
	}()
	for {
		if _, text := p.control(t, "GET", "requests", ""); text != "[]" {
			break
		}
		runtime.Gosched()
	}
	_, err := p.stop()
	require.NoError(t, err)
	require.Error(t, <-returned)
}

// A client that sends nothing, or half a request, does not either.
func TestRun_stopsWithSilentClients(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{
		"nothing":        "",
		"half a request": "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.env["AWS_ENDPOINT_URL_GAMELIFT"], "http://"))
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			p.control(t, "GET", "requests", "") // accepted after the silent one
			_, err = p.stop()
			require.NoError(t, err)
		})
	}
}

// Unusual requests can be listed.
func TestRun_listsOddRequests(t *testing.T) {
	t.Parallel()
	p := start(t)
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.env["AWS_ENDPOINT_URL_GAMELIFT"]+"/service/GameLift/operation/GetComputeAccess",
		strings.NewReader("\xa1\x61x\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/cbor")
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	r.Header.Set("X-Amz-Security-Token", "canary")
	r.URL.RawQuery = "X-Amz-Signature=canary"
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	r, err = http.NewRequestWithContext(t.Context(), "OPTIONS", p.env["AWS_ENDPOINT_URL_GAMELIFT"], nil)
	require.NoError(t, err)
	r.URL.Opaque = "*" // net/http would respond to this by itself
	response, err = http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	status, text := p.control(t, "GET", "requests", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, `"Input":{"x":"NaN"}`)
	require.Contains(t, text, `"Method":"OPTIONS"`)
	require.NotContains(t, text, "canary")
}

func TestMain_stopsOnSIGTERM(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no SIGTERM to send")
	}
	executable, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), executable, "-addr", "127.0.0.1:0")
	command.Env = append(os.Environ(), asProgram+"=1")
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	p := program{env: readExports(t, line)}
	_, err = p.token(t, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	require.NoError(t, err)
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	require.NoError(t, command.Wait(), "exit status 0")
}

func TestMain_reportsErrors(t *testing.T) {
	t.Parallel()
	executable, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), executable, "serve")
	command.Env = append(os.Environ(), asProgram+"=1")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	var exit *exec.ExitError
	require.ErrorAs(t, command.Run(), &exit)
	require.Equal(t, 1, exit.ExitCode())
	require.Equal(t, "gamelift-stub: unknown argument \"serve\": there are only flags\n", stderr.String())
}

func TestURLOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":          "http://127.0.0.1:9270",
		"0.0.0.0":   "http://127.0.0.1:9270",
		"::":        "http://127.0.0.1:9270",
		"192.0.2.1": "http://192.0.2.1:9270",
		"::1":       "http://[::1]:9270",
	} {
		require.Equal(t, want, urlOf(&net.TCPAddr{IP: net.ParseIP(address), Port: 9270}, false))
	}
	require.Equal(t, "https://127.0.0.1:9270", urlOf(&net.TCPAddr{Port: 9270}, true))
}

// packageDoc returns the source of the package documentation.
func packageDoc(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	return string(source)
}
