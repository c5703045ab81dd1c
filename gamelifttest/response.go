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

// response is everything that is sent in response to a request. It is made
// without waiting. The waits happen in send, over the network, and in
// roundTrip, in-process.
type response struct {
	informational int // a 1xx status to send first, or 0
	status        int
	date          time.Time
	header        http.Header
	body          []byte
	length        int // the value of Content-Length

	delay, drip time.Duration
	broken      Break
}

func (r *response) setDate(t time.Time) {
	r.date = t
	r.header.Set("Date", t.UTC().Format(http.TimeFormat))
}

// finish sets Content-Length unless a fault has set it. It drops the body if the
// status does not allow one.
func (r *response) finish() {
	if r.status < 200 || r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		r.body = nil
		return
	}
	if declared, err := strconv.Atoi(r.header.Get("Content-Length")); err == nil && declared >= 0 {
		r.length = declared
		return
	}
	r.length = len(r.body)
	r.header.Set("Content-Length", strconv.Itoa(r.length))
}

// sent returns the part of the body that is sent. HTTP cannot send more than
// Content-Length declares.
func (r *response) sent() []byte {
	part := r.body
	if r.broken == ResetBody || r.broken == Truncated {
		part = part[:len(part)/2]
	}
	return part[:min(len(part), r.length)]
}

// wait waits for d. It returns false if ctx or the server ends first. closed can
// be nil.
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

// send writes the response to the network.
func (r *response) send(ctx context.Context, closed <-chan struct{}, w http.ResponseWriter) {
	if !wait(ctx, closed, r.delay) || r.broken == Reset {
		reset(w)
		return
	}
	maps.Copy(w.Header(), r.header)
	if r.informational != 0 {
		w.WriteHeader(r.informational)
	}
	w.WriteHeader(r.status)
	body := r.sent()
	if r.drip > 0 {
		for ; len(body) > 0; body = body[1:] {
			if flush(w); !wait(ctx, closed, r.drip) {
				reset(w)
				return
			}
			if _, err := w.Write(body[:1]); err != nil {
				return
			}
		}
	}
	_, _ = w.Write(body) // an error means that the client is gone
	if r.broken == ResetBody {
		flush(w)
		reset(w)
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// reset ends the connection with a TCP reset. If the connection cannot be taken
// over, as in HTTP/2, it aborts the handler in the way that net/http expects.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tls, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = tls.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// roundTrip returns the response as an HTTP client receives it, without a
// network.
func (r *response) roundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if !wait(ctx, nil, r.delay) {
		return nil, context.Cause(ctx)
	}
	if r.broken == Reset {
		return nil, errReset
	}
	body := &inProcessBody{ctx: ctx, rest: r.sent(), drip: r.drip, end: io.EOF}
	switch {
	case request.Method == http.MethodHead:
		body.rest = nil
	case r.broken == ResetBody:
		body.end = errReset
	case r.length > len(body.rest):
		body.end = io.ErrUnexpectedEOF
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode: r.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        r.header,
		Body:          body,
		ContentLength: int64(r.length),
		Request:       request,
	}, nil
}

// errReset is the error that a client gets if its peer resets the connection.
var errReset error = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}

// inProcessBody is the body of an in-process response. It waits in Read, so that
// no goroutine is needed.
type inProcessBody struct {
	ctx    context.Context // of the request; reading ends with it
	rest   []byte
	drip   time.Duration
	end    error       // what Read returns after rest
	closed atomic.Bool // Close can be called during Read
}

func (b *inProcessBody) Read(p []byte) (int, error) {
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

func (b *inProcessBody) Close() error {
	b.closed.Store(true)
	return nil
}
