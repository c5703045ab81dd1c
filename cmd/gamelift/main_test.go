package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	// If the tests were started with signals ignored, as by nohup, programs that
	// they start would ignore them too, unless the signals are caught here.
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	dir, err := os.MkdirTemp("", "gamelift")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "gamelift")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// operator is somebody who runs the program: a home directory, an environment,
// and a stub of the service.
type operator struct {
	t    *testing.T
	stub *gamelifttest.Server
	home string
	env  []string // NAME=value; the last one counts
}

func newOperator(t *testing.T, optFns ...func(*gamelifttest.Options)) *operator {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands that gamelift runs here are those of Unix")
	}
	stub := gamelifttest.NewServer(optFns...)
	t.Cleanup(stub.Close)
	home := t.TempDir()
	return &operator{t: t, stub: stub, home: home, env: []string{
		"HOME=" + home, "PATH=" + filepath.Dir(binary) + ":/usr/bin:/bin", "TZ=America/Los_Angeles",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=us-west-2", "AWS_ENDPOINT_URL_GAMELIFT=" + stub.URL(),
		"AWS_ACCESS_KEY_ID=" + gamelifttest.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + gamelifttest.SecretAccessKey,
	}}
}

// without removes variables from the environment.
func (o *operator) without(names ...string) {
	o.env = slices.DeleteFunc(o.env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})
}

// write makes a file in the home directory.
func (o *operator) write(name, text string, mode os.FileMode) string {
	o.t.Helper()
	path := filepath.Join(o.home, name)
	require.NoError(o.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(o.t, os.WriteFile(path, []byte(text), mode))
	return path
}

func (o *operator) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(o.t.Context(), binary, args...)
	cmd.Env, cmd.Dir = o.env, o.home
	return cmd
}

// result is the result of a run.
type result struct {
	stdout, stderr string
	status         int // -1: it was killed
}

func (o *operator) run(args ...string) result {
	o.t.Helper()
	return finish(o.t, o.command(args...))
}

// finish runs a command to its end.
func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	return start(t, cmd)()
}

// start starts a command, and returns a function that waits for its end.
func start(t *testing.T, cmd *exec.Cmd) (wait func() result) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	return func() result {
		t.Helper()
		var exited *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exited) {
			require.NoError(t, err)
		}
		assert.NotContains(t, stderr.String(), gamelifttest.SecretAccessKey)
		return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
}

// output runs the program with success, and returns what it printed.
func (o *operator) output(args ...string) string {
	o.t.Helper()
	r := o.run(args...)
	require.Equal(o.t, 0, r.status, r.stderr)
	require.Empty(o.t, r.stderr)
	return r.stdout
}

// fails runs the program without success, and returns its one line of error.
func (o *operator) fails(status int, args ...string) string {
	o.t.Helper()
	r := o.run(args...)
	require.Equal(o.t, status, r.status, "%s\n%s", args, r.stderr)
	require.Empty(o.t, r.stdout)
	requireErrorLine(o.t, r.stderr)
	return r.stderr
}

func requireErrorLine(t *testing.T, stderr string) {
	t.Helper()
	require.Regexp(t, `^gamelift: [^\n\r\x1b]+\n$`, stderr)
}

var (
	anywhere  = []string{"--fleet-id", gamelifttest.AnywhereFleetID, "--compute-name", gamelifttest.AnywhereCompute}
	ec2       = []string{"--fleet-id", gamelifttest.EC2FleetID, "--compute-name", gamelifttest.EC2Compute}
	container = []string{"--fleet-id", gamelifttest.ContainerFleetID, "--compute-name", gamelifttest.ContainerCompute}
)

// with makes a command line.
func with(command string, parts ...any) []string {
	args := []string{command}
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			args = append(args, part)
		case []string:
			args = append(args, part...)
		}
	}
	return args
}

// read returns a file in the home directory.
func (o *operator) read(name string) string {
	o.t.Helper()
	text, err := os.ReadFile(filepath.Join(o.home, name))
	require.NoError(o.t, err)
	return string(text)
}
