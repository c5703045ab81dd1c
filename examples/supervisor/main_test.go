package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// supervisorArg makes the test binary the program itself, which launches it
// once more as the game server.
const supervisorArg = "supervisor"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case supervisorArg:
			os.Args = slices.Delete(os.Args, 1, 2)
			fallthrough
		case gameServerArg:
			main()
			return
		}
	}
	os.Exit(m.Run())
}

// program is the supervisor as a process, with its output by lines.
type program struct {
	*exec.Cmd
	t     *testing.T
	lines *bufio.Scanner
	all   strings.Builder
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{t: t, Cmd: exec.CommandContext(t.Context(), os.Args[0], append([]string{supervisorArg}, args...)...)}
	p.Env = append(environment(), "AWS_ACCESS_KEY_ID="+gamelifttest.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+gamelifttest.SecretAccessKey)
	p.Stderr = os.Stderr
	stdout, err := p.StdoutPipe()
	require.NoError(t, err)
	p.lines = bufio.NewScanner(stdout)
	require.NoError(t, p.Start())
	return p
}

// until reads on to a line that has this, and returns what the groups match.
func (p *program) until(pattern string) []string {
	p.t.Helper()
	want := regexp.MustCompile(pattern)
	for p.lines.Scan() {
		p.all.WriteString(p.lines.Text() + "\n")
		if found := want.FindStringSubmatch(p.lines.Text()); found != nil {
			return found[1:]
		}
	}
	require.Fail(p.t, "missing line", "%s\nin:\n%s", pattern, p.all.String())
	return nil
}

// end reads the rest and waits for a clean end.
func (p *program) end() string {
	p.t.Helper()
	for p.lines.Scan() {
		p.all.WriteString(p.lines.Text() + "\n")
	}
	require.NoError(p.t, p.Wait())
	return p.all.String()
}

func TestDemonstration(t *testing.T) {
	t.Parallel()
	out := start(t).end()
	used, unready := map[string]bool{}, 0
	for _, launch := range regexp.MustCompile(`is launched as process (\w+) with token (#[0-9a-f]{8})`).FindAllStringSubmatch(out, -1) {
		process, token := launch[1], launch[2]
		if !strings.Contains(out, "ready as process "+process+" of host HardwareAnywhere, fleet "+gamelifttest.AnywhereFleetID+", with token "+token) {
			unready++
			continue
		}
		used[token] = true
	}
	assert.GreaterOrEqual(t, len(used), generations)
	assert.GreaterOrEqual(t, strings.Count(out, " fetched, expires at "), generations)
	assert.LessOrEqual(t, unready, 1, "the end can come before a server is ready")
	assert.Contains(t, out, "\nstopped\n") // perhaps not the last line: a token can be reported later
	noSecrets(t, out)
}

// noSecrets finds tokens, which are UUIDs as the stub makes them.
func noSecrets(t *testing.T, out string) {
	t.Helper()
	out = strings.ReplaceAll(out, gamelifttest.AnywhereFleetID, "")
	assert.NotRegexp(t, `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, out)
	assert.NotContains(t, out, gamelifttest.SecretAccessKey)
}

func TestOnTheService(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM on Windows")
	}
	stub := gamelifttest.NewServer()
	defer stub.Close()
	p := start(t, "-region", "us-west-2", "-endpoint", stub.URL(), "-processes", "1", "-websocket", "wss://example.com",
		"-fleet", gamelifttest.AnywhereFleetID, "-compute", gamelifttest.AnywhereCompute,
		"sh", "-c", `echo "pid $$ id $GAMELIFT_SDK_PROCESS_ID url $GAMELIFT_SDK_WEBSOCKET_URL keys $AWS_SECRET_ACCESS_KEY."; exec sleep 1000`)

	first := p.until(`pid (\d+) id (\w+) url wss://example.com keys \.$`)
	pid, err := strconv.Atoi(first[0])
	require.NoError(t, err)
	server, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, server.Kill())
	p.until(`server 1 has ended: signal: killed`)
	second := p.until(`pid (\d+) id (\w+) `)
	assert.NotEqual(t, first[1], second[1], "each process has an ID of its own")

	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	out := p.end()
	assert.Contains(t, out, "server 1 has ended: signal: terminated")
	assert.True(t, strings.HasSuffix(out, "stopped\n"), out)
	noSecrets(t, out)
	assert.Len(t, stub.Requests(), 1, "the token is fresh all the time")
}

func TestIncludedGameServerStopsCleanly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM on Windows")
	}
	stub := gamelifttest.NewServer()
	defer stub.Close()
	p := start(t, "-region", "us-west-2", "-endpoint", stub.URL(), "-processes", "2",
		"-fleet", gamelifttest.AnywhereFleetID, "-compute", gamelifttest.AnywhereCompute)
	p.until("ready as process")
	p.until("ready as process")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	out := p.end()
	assert.Equal(t, 2, strings.Count(out, "players sent home"))
	assert.Equal(t, 2, strings.Count(out, "has ended: exit status 0"))
}

// A game server that dies without a newline at the end of its output is heard.
func TestLastLineWithoutNewline(t *testing.T) {
	t.Parallel()
	stub := gamelifttest.NewServer()
	defer stub.Close()
	p := start(t, "-region", "us-west-2", "-endpoint", stub.URL(), "-processes", "1",
		"-fleet", gamelifttest.AnywhereFleetID, "-compute", gamelifttest.AnywhereCompute,
		"sh", "-c", `printf 'panic: out of memory'; exit 2`)
	p.until("server 1 has ended: exit status 2")
	assert.Contains(t, p.all.String(), "server 1 says: panic: out of memory\n")
	require.NoError(t, p.Process.Kill())
	_ = p.Wait()
}

func TestCannotLaunch(t *testing.T) {
	t.Parallel()
	stub := gamelifttest.NewServer()
	defer stub.Close()
	p := start(t, "-region", "us-west-2", "-endpoint", stub.URL(), "-processes", "1",
		"-fleet", gamelifttest.AnywhereFleetID, "-compute", gamelifttest.AnywhereCompute, "no-such-program")
	p.until("server 1 cannot be launched: .*no-such-program")
	require.NoError(t, p.Process.Kill())
	_ = p.Wait()
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{
		{"-region", "us-west-2"},
		{"-fleet", "f", "-compute", "c", "-processes", "0"},
	} {
		require.ErrorContains(t, run(t.Context(), args, io.Discard), "required")
	}
	t.Setenv("GAMELIFT_SDK_AUTH_TOKEN", "")
	require.ErrorContains(t, gameServer(t.Context(), nil, io.Discard), "GAMELIFT_SDK_AUTH_TOKEN")
	t.Setenv("GAMELIFT_SDK_AUTH_TOKEN", "canary")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.NoError(t, gameServer(ctx, nil, &out))
	assert.NotContains(t, out.String(), "canary")
}

func TestLines(t *testing.T) {
	t.Parallel()
	var got []string
	l := &lines{print: func(line string) { got = append(got, line) }}
	for _, part := range []string{"one\ntw", "o\n", "\nth", strings.Repeat("x", maxLine)} {
		n, err := l.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	l.flush()
	assert.Equal(t, []string{"one", "two", "", "th" + strings.Repeat("x", maxLine)}, got)
	_, _ = l.Write([]byte("no newline"))
	l.flush()
	l.flush()
	assert.Equal(t, "no newline", got[len(got)-1])
	assert.Len(t, got, 5)
}
