package gamelifttest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// answer is all that is sent for one request, and how. It is made without
// waiting; send (over the network) and response (in-process) take the time.
type answer struct {
	informational int // a 1xx status that goes ahead, or 0
	status        int
	date          time.Time
	header        http.Header
	body          []byte
	length        int // that Content-Length declares

	delay, drip time.Duration
	broken      Break
}

func (a *answer) setDate(t time.Time) {
	a.date = t
	a.header.Set("Date", t.UTC().Format(http.TimeFormat))
}

// seal sets Content-Length, where a fault did not set it and the status allows a
// body.
func (a *answer) seal() {
	if a.status < 200 || a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		a.body = nil
		return
	}
	if declared, err := strconv.Atoi(a.header.Get("Content-Length")); err == nil && declared >= 0 {
		a.length = declared
		return
	}
	a.length = len(a.body)
	a.header.Set("Content-Length", strconv.Itoa(a.length))
}

// sent is the part of the body that is sent: no more than is declared, which
// HTTP cannot express.
func (a *answer) sent() []byte {
	part := a.body
	if a.broken == ResetBody || a.broken == Truncated {
		part = part[:len(part)/2]
	}
	return part[:min(len(part), a.length)]
}

// wait returns false when the request or the server ends first. closed may be
// nil.
func wait(ctx context.Context, closed <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-closed:
		return false
	}
}

// send writes the answer to the network.
func (a *answer) send(ctx context.Context, closed <-chan struct{}, w http.ResponseWriter) {
	if !wait(ctx, closed, a.delay) || a.broken == Reset {
		reset(w)
		return
	}
	maps.Copy(w.Header(), a.header)
	if a.informational != 0 {
		w.WriteHeader(a.informational)
	}
	w.WriteHeader(a.status)
	body := a.sent()
	if a.drip > 0 {
		for ; len(body) > 0; body = body[1:] {
			if flush(w); !wait(ctx, closed, a.drip) {
				reset(w)
				return
			}
			if _, err := w.Write(body[:1]); err != nil {
				return
			}
		}
	}
	_, _ = w.Write(body) // an error says that the client is gone
	if a.broken == ResetBody {
		flush(w)
		reset(w)
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// reset ends the connection with a TCP reset. What has no TCP connection, such
// as HTTP/2, is aborted as net/http does it.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// response is the answer as an HTTP client gets it, without a network.
func (a *answer) response(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if !wait(ctx, nil, a.delay) {
		return nil, context.Cause(ctx)
	}
	if a.broken == Reset {
		return nil, errReset
	}
	body := &body{ctx: ctx, rest: a.sent(), drip: a.drip, end: io.EOF}
	switch {
	case r.Method == http.MethodHead:
		body.rest = nil
	case a.broken == ResetBody:
		body.end = errReset
	case a.length > len(body.rest):
		body.end = io.ErrUnexpectedEOF
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.header,
		Body:          body,
		ContentLength: int64(a.length),
		Request:       r,
	}, nil
}

// errReset is what a client reads from a connection that its peer has reset.
var errReset error = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// body is a response's body: it waits where it is read, so that nothing runs
// beside the reader.
type body struct {
	ctx    context.Context // the request's: reading ends with it
	rest   []byte
	drip   time.Duration
	end    error       // after rest
	closed atomic.Bool // Close may be called beside Read
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	if len(b.rest) == 0 {
		return 0, b.end
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.drip > 0 {
		if !wait(b.ctx, nil, b.drip) {
			return 0, context.Cause(b.ctx)
		}
		p = p[:1]
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}
