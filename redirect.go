package gamelift

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// redirectGuard finds out whether an HTTPClient followed a redirect, and keeps
// the session token from the target. A client that wraps an *http.Client may
// follow one. The guard sees the Host that net/http is about to write: if it is
// another one than before, the guard closes the connection before any header is
// sent.
type redirectGuard struct {
	request *http.Request
	cancel  context.CancelFunc
	conn    atomic.Pointer[net.Conn] // the last connection
	sent    atomic.Bool              // the host of the request was written
	left    atomic.Bool              // and then another one
}

// watch notes where the request is going. If the request has a session token,
// the returned context ends if the client follows a redirect to another host,
// and the caller must call stop.
func (g *redirectGuard) watch(ctx context.Context, r *http.Request, hasToken bool) context.Context {
	g.request = r
	if !hasToken {
		return ctx
	}
	ctx, g.cancel = context.WithCancel(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: g.gotConn, WroteHeaderField: g.wroteHeaderField})
}

func (g *redirectGuard) stop() {
	if g.cancel != nil {
		g.cancel()
	}
}

func (g *redirectGuard) gotConn(info httptrace.GotConnInfo) { g.conn.Store(&info.Conn) }

// wroteHeaderField is called when a field is in the buffer of the connection.
// Host is the first one.
func (g *redirectGuard) wroteHeaderField(name string, values []string) {
	switch {
	case name != "Host" && name != ":authority" || len(values) == 0:
	case strings.EqualFold(values[0], cmp.Or(g.request.Host, g.request.URL.Host)):
		g.sent.Store(true)
	case g.sent.Load():
		g.left.Store(true)
		g.cancel()
		if conn := g.conn.Load(); conn != nil {
			_ = (*conn).Close()
		}
	}
}

// check returns an error if the client followed a redirect. It then closes the
// response, which is not the service's. If strict, a response to a request for
// another host counts as well: only a transport may have a reason to rewrite
// the host.
func (g *redirectGuard) check(resp *http.Response, strict bool) error {
	target := "another host"
	switch {
	case g.left.Load():
	case resp == nil || resp.Request == nil || resp.Request.URL == nil:
		return nil
	case resp.Request.Response != nil, strict && resp.Request.URL.Host != g.request.URL.Host:
		target = resp.Request.URL.Host
	default:
		return nil
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return fmt.Errorf("HTTPClient followed a redirect from %s to %s: it must return the redirect", g.request.URL.Host, target)
}
