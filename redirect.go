package gamelift

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// redirectGuard finds out whether an HTTPClient followed a redirect, and keeps
// the session token from the target. Nothing can stop a client that wraps an
// *http.Client from following one, but the connections that its transport asks
// for show it: after one to the endpoint comes one to another host.
type redirectGuard struct {
	host     string // of the request's URL
	hostPort string // the same, with a port
	cancel   context.CancelFunc
	reached  atomic.Bool // a connection to hostPort was asked for
	left     atomic.Bool // and then one to another host
}

// watch notes where the request is going. If the request has a session token, it
// returns a context that ends if the client follows a redirect to another host;
// the caller must call stop.
func (g *redirectGuard) watch(ctx context.Context, to *url.URL, hasToken bool) context.Context {
	g.host = to.Host
	if !hasToken {
		return ctx
	}
	g.hostPort = hostPort(to)
	ctx, g.cancel = context.WithCancel(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: g.getConn, GotConn: g.gotConn})
}

func (g *redirectGuard) stop() {
	if g.cancel != nil {
		g.cancel()
	}
}

func (g *redirectGuard) getConn(hostPort string) {
	if strings.EqualFold(hostPort, g.hostPort) {
		g.reached.Store(true)
	} else if g.reached.Load() {
		g.left.Store(true)
		g.cancel()
	}
}

// gotConn closes a connection that was idle, and so did not wait for the context.
func (g *redirectGuard) gotConn(info httptrace.GotConnInfo) {
	if g.left.Load() {
		_ = info.Conn.Close()
	}
}

// check returns an error if the client followed a redirect. It then closes the
// response, which is not the service's.
func (g *redirectGuard) check(resp *http.Response) error {
	target := "another host"
	switch {
	case g.left.Load():
	case resp == nil || resp.Request == nil || resp.Request.URL == nil:
		return nil
	case resp.Request.Response != nil || resp.Request.URL.Host != g.host:
		target = resp.Request.URL.Host
	default:
		return nil
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return fmt.Errorf("HTTPClient followed a redirect from %s to %s: it must return the redirect", g.host, target)
}

func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return u.Host + ":443"
	default:
		return u.Host + ":80"
	}
}
