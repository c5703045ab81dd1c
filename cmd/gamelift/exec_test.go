//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestCommandThatCannotRun(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.write("bin/plain", "", 0o600)
	o.write("bin/garbage", "\x7fELF", 0o700)
	o.write("bin/no-interpreter", "#!/no/such/interpreter\n", 0o700)
	o.env = append(o.env, "PATH="+o.home+"/bin")
	for command, status := range map[string]int{
		"no-such-command":          statusNotFound,
		"/no/such/command":         statusNotFound,
		"plain":                    statusCannotRun,
		o.home + "/bin/plain":      statusCannotRun,
		o.home:                     statusCannotRun,
		"garbage":                  statusCannotRun,
		"no-interpreter":           statusNotFound,
		o.home + "/bin/plain/more": statusCannotRun,
	} {
		for _, args := range [][]string{with("token", anywhere, "--", command), with("access", ec2, "--", command)} {
			require.Contains(t, o.fails(status, args...), command)
		}
	}
	for _, request := range o.stub.Requests() {
		require.NotEmpty(t, request.Operation)
	}
	require.Len(t, o.stub.Requests(), 4, "what is not found costs no request")
}

// TestSignalsReachTheCommand has the command as the process that was started.
func TestSignalsReachTheCommand(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1} {
		cmd := o.command(with("access", ec2, "--", "sh", "-c",
			`trap "echo caught; exit 3" `+strconv.Itoa(int(s))+`; echo $$; while :; do sleep 0.05; done`)...)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(stdout)
		require.True(t, lines.Scan())
		require.Equal(t, strconv.Itoa(cmd.Process.Pid), lines.Text())
		require.NoError(t, cmd.Process.Signal(s))
		require.True(t, lines.Scan())
		require.Equal(t, "caught", lines.Text())
		require.Error(t, cmd.Wait())
		require.Equal(t, 3, cmd.ProcessState.ExitCode())
	}
	// A command that a signal ends is seen as such by whoever started gamelift.
	cmd := o.command(with("token", anywhere, "--", "sh", "-c", "kill -TERM $$")...)
	var exited *exec.ExitError
	require.True(t, errors.As(cmd.Run(), &exited))
	require.Equal(t, syscall.SIGTERM, exited.Sys().(syscall.WaitStatus).Signal())
}

func TestCommandOnATerminal(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.installAWS(`test -t 0 && test -t 1 && test -t 2 && echo on a terminal; exec sleep 60`)
	cmd := o.command(with("session", container)...)
	terminal, err := pty.Start(cmd)
	require.NoError(t, err)
	defer terminal.Close()
	require.Contains(t, until(t, terminal, "on a terminal"), "sudo docker exec -it ")
	_, err = terminal.Write([]byte{3}) // Ctrl-C
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	require.Equal(t, syscall.SIGINT, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
}

// TestInterruptedCall ends gamelift while the service keeps it waiting.
func TestInterruptedCall(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		arrived := make(chan struct{})
		o := newOperator(t, func(o *gamelifttest.Options) {
			o.Authorize = func(string, string) bool { close(arrived); return true }
		})
		o.stub.Inject(gamelifttest.Fault{Delay: 1 << 40})
		cmd := o.command(with("access", ec2, "--", "echo", "no")...)
		wait := start(t, cmd)
		<-arrived
		require.NoError(t, cmd.Process.Signal(s))
		r := wait()
		require.Equal(t, statusSignalBase+int(s), r.status)
		require.Empty(t, r.stdout)
		requireErrorLine(t, r.stderr)
		require.Contains(t, r.stderr, s.String())
	}
}

// TestIgnoredSignals has a signal that was ignored before stay so, as under nohup:
// for gamelift, and for the command.
func TestIgnoredSignals(t *testing.T) {
	t.Parallel()
	arrived, sent := make(chan struct{}), make(chan struct{})
	o := newOperator(t, func(o *gamelifttest.Options) {
		o.Authorize = func(string, string) bool {
			close(arrived)
			<-sent
			return true
		}
	})
	sh := o.command()
	sh.Path, sh.Args = "/bin/sh", append([]string{"sh", "-c", `trap "" HUP; exec "$@"`, "sh", binary},
		with("token", anywhere, "--", "sh", "-c", "kill -HUP $$; echo alive")...)
	wait := start(t, sh)
	<-arrived
	require.NoError(t, sh.Process.Signal(syscall.SIGHUP))
	close(sent)
	require.Equal(t, result{stdout: "alive\n"}, wait())
}

// until reads from r until it has seen text, and returns what it read.
func until(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var seen []byte
	for buffer := make([]byte, 4096); !strings.Contains(string(seen), text); {
		n, err := r.Read(buffer)
		seen = append(seen, buffer[:n]...)
		require.NoError(t, err, "waiting for %q in %q", text, seen)
	}
	return string(seen)
}
