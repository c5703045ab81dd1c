//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// watcher is a gamelift token --watch that runs.
type watcher struct {
	t      *testing.T
	cmd    *exec.Cmd
	file   string
	stdout bytes.Buffer
	stderr syncBuffer
}

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

func (o *operator) watch(flags ...string) *watcher {
	o.t.Helper()
	w := &watcher{t: o.t, file: filepath.Join(o.home, "run", "token")}
	require.NoError(o.t, os.MkdirAll(filepath.Dir(w.file), 0o700))
	w.cmd = o.command(with("token", anywhere, "--watch", w.file, flags)...)
	w.cmd.Stdout, w.cmd.Stderr = &w.stdout, &w.stderr
	require.NoError(o.t, w.cmd.Start())
	return w
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-deadline:
			t.Fatal("it never happened: " + what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// next waits for a content of the file that is another one, and returns it. "" is
// no file.
func (w *watcher) next(old string) (content string) {
	w.t.Helper()
	eventually(w.t, "a change of the file", func() bool {
		data, err := os.ReadFile(w.file)
		if err != nil {
			require.ErrorIs(w.t, err, os.ErrNotExist)
		}
		content = string(data)
		return content != old
	})
	return content
}

// stop ends the watcher by a signal, and returns its standard error.
func (w *watcher) stop(s syscall.Signal) string {
	w.t.Helper()
	require.NoError(w.t, w.cmd.Process.Signal(s))
	require.Error(w.t, w.cmd.Wait())
	require.Equal(w.t, 128+int(s), w.cmd.ProcessState.ExitCode())
	require.Empty(w.t, w.stdout.String())
	entries, err := os.ReadDir(filepath.Dir(w.file))
	require.NoError(w.t, err)
	for _, entry := range entries {
		require.Equal(w.t, "token", entry.Name(), "a temporary file is left")
	}
	return w.stderr.String()
}

func linesOf(token *gamelift.GetComputeAuthTokenOutput) string {
	return "GAMELIFT_SDK_AUTH_TOKEN=" + *token.AuthToken + "\nGAMELIFT_SDK_FLEET_ID=" + gamelifttest.AnywhereFleetID +
		"\nGAMELIFT_SDK_HOST_ID=" + gamelifttest.AnywhereCompute + "\n"
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flags  []string
		json   bool
		signal syscall.Signal
	}{
		{nil, false, syscall.SIGTERM},
		{[]string{"--output", "env"}, false, syscall.SIGINT},
		{[]string{"--output", "json"}, true, syscall.SIGTERM},
	} {
		o := newOperator(t)
		want := linesOf(o.token())
		if test.json {
			text, err := json.MarshalIndent(o.token(), "", "  ")
			require.NoError(t, err)
			want = string(text) + "\n"
		}
		w := o.watch(test.flags...)
		require.Equal(t, want, w.next(""))
		info, err := os.Stat(w.file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
		require.Empty(t, w.stop(test.signal))
		require.Equal(t, want, o.read("run/token"), "the token stays, because it is valid")
	}
}

func TestWatch_replacesAFile(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	file := o.write("run/token", "old", 0o644)
	open, err := os.Open(file)
	require.NoError(t, err)
	defer open.Close()
	w := o.watch()
	require.Equal(t, linesOf(o.token()), w.next("old"))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	old := make([]byte, 10)
	n, err := open.Read(old)
	require.NoError(t, err)
	require.Equal(t, "old", string(old[:n]), "a reader keeps the old content")
	require.Empty(t, w.stop(syscall.SIGTERM))
}

func TestWatch_renews(t *testing.T) {
	t.Parallel()
	o := newOperator(t, func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = 10*time.Second, 8*time.Second })
	w := o.watch()
	content := ""
	for range 3 {
		content = w.next(content)
		require.True(t, strings.HasPrefix(content, "GAMELIFT_SDK_AUTH_TOKEN=") && strings.HasSuffix(content, gamelifttest.AnywhereCompute+"\n"), content)
	}
	eventually(t, "the file has the newest token", func() bool { return o.read("run/token") == linesOf(o.token()) })
	require.Empty(t, w.stop(syscall.SIGTERM))
}

// TestWatch_renewsTheSameToken has a renewal that changes nothing but the time when
// the token expires.
func TestWatch_renewsTheSameToken(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	now := time.Now().UTC() // of the service, however long the program takes to start
	for _, expires := range []int64{now.Unix() + 5, 4102444800} {
		o.stub.Inject(gamelifttest.Fault{
			Header: http.Header{"Date": {now.Format(http.TimeFormat)}},
			Body:   fmt.Appendf(nil, `{"AuthToken": "same", "ExpirationTimestamp": %d}`, expires),
		})
	}
	w := o.watch("--output", "json")
	for content := ""; !strings.Contains(content, `"ExpirationTimestamp": 4102444800`); {
		content = w.next(content)
	}
	require.Empty(t, w.stop(syscall.SIGTERM))
}

// TestWatch_expires has the service fail until the token has expired, and come back.
func TestWatch_expires(t *testing.T) {
	t.Parallel()
	o := newOperator(t, func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = 10*time.Second, 5*time.Second })
	w := o.watch()
	first := w.next("")
	token := o.token()
	require.Equal(t, linesOf(token), first)
	o.stub.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
	eventually(t, "a line of the failure", func() bool { return strings.Contains(w.stderr.String(), "\n") })
	require.Equal(t, first, o.read("run/token"))
	require.Empty(t, w.next(first))
	require.False(t, time.Now().Before(token.ExpirationTimestamp.Add(-time.Second)), "the file was removed early")

	o.stub.Reset()
	require.NotEmpty(t, w.next(""))
	stderr := w.stop(syscall.SIGTERM)
	for line := range strings.Lines(stderr) {
		requireErrorLine(t, line)
		require.Contains(t, line, "InternalServiceException")
	}
	require.NotContains(t, stderr, *token.AuthToken)
}

// TestWatch_fileThatCannotBeReplaced has the directory of the file absent while the
// token is renewed.
func TestWatch_fileThatCannotBeReplaced(t *testing.T) {
	t.Parallel()
	o := newOperator(t, func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = 10*time.Second, 8*time.Second })
	w := o.watch()
	first := w.next("")
	dir := filepath.Dir(w.file)
	require.NoError(t, os.Rename(dir, dir+"-away"))
	eventually(t, "a line of the failure", func() bool { return strings.Contains(w.stderr.String(), "\n") })
	require.NoError(t, os.Rename(dir+"-away", dir))
	require.Contains(t, w.next(first), "GAMELIFT_SDK_AUTH_TOKEN=")
	for line := range strings.Lines(w.stop(syscall.SIGTERM)) {
		requireErrorLine(t, line)
		require.Contains(t, line, dir)
	}
}

// TestWatch_noTokenAtFirst has a compute that is registered late.
func TestWatch_noTokenAtFirst(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.stub.Inject(gamelifttest.Fault{Code: "UnauthorizedException"}, gamelifttest.Fault{Code: "NotFoundException"})
	w := o.watch()
	eventually(t, "a line of the failure", func() bool { return strings.Contains(w.stderr.String(), "UnauthorizedException") })
	require.NoFileExists(t, w.file)
	requireErrorLine(t, w.stop(syscall.SIGINT))
}

func TestWatch_fileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--watch", o.home)...), o.home)
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--watch", "/dev/null")...), "/dev/null")
	require.Empty(t, o.stub.Requests())
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--watch", "no/such/directory")...), "no/such")

	o.stub.Inject(gamelifttest.Fault{Body: []byte(`{"AuthToken": "two\nlines", "ExpirationTimestamp": 4102444800}`)})
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--watch", "file")...), "GAMELIFT_SDK_AUTH_TOKEN")
	require.NoFileExists(t, filepath.Join(o.home, "file"))
}
