//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// startOnTerminal starts the program with standard error on a terminal, and
// returns what is to be read there.
func (o *operator) startOnTerminal(stdout io.Writer, args ...string) (terminal *os.File, wait func() int) {
	o.t.Helper()
	terminal, tty, err := pty.Open()
	require.NoError(o.t, err)
	require.NoError(o.t, pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}))
	o.t.Cleanup(func() { terminal.Close() })
	cmd := o.command(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, stdout, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(o.t, cmd.Start())
	require.NoError(o.t, tty.Close())
	return terminal, func() int {
		_ = cmd.Wait()
		return cmd.ProcessState.ExitCode()
	}
}

// readAll reads a terminal to its end, which Linux reports as an error.
func readAll(terminal *os.File) string {
	text, _ := io.ReadAll(terminal)
	return string(text)
}

func TestUploadBuild_barOnATerminal(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.newFakeS3()
	root := o.bigBuild()
	var stdout bytes.Buffer
	terminal, wait := o.startOnTerminal(&stdout, upload(root)...)
	shown := readAll(terminal)
	require.Equal(t, 0, wait(), shown)
	require.Contains(t, shown, "\ruploading   0% |")
	require.Contains(t, shown, "\ruploading 100% |")
	require.True(t, strings.HasSuffix(shown, "\r\n"), "%q", shown)
	require.Equal(t, 1, strings.Count(shown, "\n"))
	require.True(t, strings.HasPrefix(stdout.String(), `{"BuildId":`) && strings.HasSuffix(stdout.String(), "}\n"))

	o.write("empty/file", "", 0o644)
	for _, args := range [][]string{upload(root, "--quiet"), upload(filepath.Join(o.home, "empty"))} {
		terminal, wait = o.startOnTerminal(&stdout, args...)
		require.Empty(t, readAll(terminal))
		require.Equal(t, 0, wait())
	}
}

// holdParts returns a fault that lets no part but the first get its answer, and a
// channel that closes when there is another.
func holdParts(done <-chan struct{}) (hold fault, held <-chan struct{}) {
	arrived, first := make(chan struct{}, 100), make(chan struct{})
	go func() {
		<-arrived
		<-arrived
		close(first)
	}()
	return func(_ http.ResponseWriter, r *http.Request, operation string) bool {
		if operation != "UploadPart" {
			return false
		}
		arrived <- struct{}{}
		if r.URL.Query().Get("partNumber") == "1" {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-done:
		}
		return true
	}, first
}

// TestUploadBuild_interrupted ends an upload in the middle of its parts.
func TestUploadBuild_interrupted(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	root := o.bigBuild()
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		hold, held := holdParts(done)
		aborting, goOn := make(chan struct{}), make(chan struct{})
		s3.inject(func(w http.ResponseWriter, r *http.Request, operation string) bool {
			if operation == "AbortMultipartUpload" {
				close(aborting)
				<-goOn
			}
			return hold(w, r, operation)
		})
		cmd := o.command(upload(root)...)
		wait := start(t, cmd)
		<-held
		require.NoError(t, cmd.Process.Signal(s))
		<-aborting
		require.NoError(t, cmd.Process.Signal(s)) // does not end the abort
		close(goOn)
		r := wait()
		require.Equal(t, statusSignalBase+int(s), r.status)
		require.Empty(t, r.stdout)
		lines := strings.SplitAfter(strings.TrimSuffix(r.stderr, "\n"), "\n")
		requireErrorLine(t, lines[len(lines)-1]+"\n")
		require.Contains(t, r.stderr, s.String())
		require.True(t, s3.saw("AbortMultipartUpload"))
		require.False(t, s3.saw("CompleteMultipartUpload"))
	}
}

func TestUploadBuild_interruptedOnATerminal(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	s3 := o.newFakeS3()
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	hold, held := holdParts(done)
	s3.inject(hold)
	terminal, wait := o.startOnTerminal(nil, upload(o.bigBuild())...)
	go func() {
		<-held
		_, _ = terminal.Write([]byte{3}) // Ctrl-C
	}()
	shown := readAll(terminal)
	require.Equal(t, statusSignalBase+int(syscall.SIGINT), wait())
	require.Regexp(t, `\|[^\n]*\r\ngamelift: interrupt[^\n]*\r\n$`, shown)
	require.True(t, s3.saw("AbortMultipartUpload"))
}
