package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far an upload is.
type progress interface {
	show(done, total int64) // in bytes
	end()                   // leaves the cursor at the start of a line
}

// newProgress returns a bar if standard error is a terminal, and lines otherwise.
func newProgress() progress {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		return newBar()
	}
	return &lines{w: os.Stderr, now: time.Now, last: time.Now()}
}

type silence struct{}

func (silence) show(int64, int64) {}
func (silence) end()              {}

// bar is a progress bar, which is redrawn in place.
type bar struct {
	*progressbar.ProgressBar
	total int64 // zero until something is drawn
}

func newBar() *bar {
	b := progressbar.NewOptions64(1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("uploading"),
		progressbar.OptionShowBytes(true), progressbar.OptionShowCount(), progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond))
	b.StartWithoutRender() // for the rate
	return &bar{ProgressBar: b}
}

func (b *bar) show(done, total int64) {
	if total == 0 {
		return // no bar can show it
	}
	if b.total != total {
		b.total = total
		b.ChangeMax64(total)
	}
	_ = b.Set64(done) // the upload goes on without its bar
}

func (b *bar) end() {
	if b.total > 0 {
		fmt.Fprintln(os.Stderr)
	}
}

// lines writes at most one line a second.
type lines struct {
	w    io.Writer
	now  func() time.Time
	last time.Time // when the last line was written, or the start
}

func (l *lines) show(done, total int64) {
	if now := l.now(); now.Sub(l.last) >= time.Second {
		l.last = now
		fmt.Fprintf(l.w, "uploaded %s of %s\n", megabytes(done), megabytes(total))
	}
}

func (l *lines) end() {}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
