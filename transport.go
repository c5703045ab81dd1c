package gamelift

import (
	"cmp"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// withoutRedirects returns a client that returns redirects as they are. It knows
// how to make one of an *http.Client. Any other client is returned unchanged and
// needs a redirectGuard.
func withoutRedirects(client HTTPClient) (_ HTTPClient, guarded bool) {
	c, ok := client.(*http.Client)
	switch {
	case !ok || c == nil:
		return client, true
	case c.Timeout == 0 && c.Jar == nil:
		transport := cmp.Or(c.Transport, http.DefaultTransport)
		t, ok := transport.(*http.Transport)
		return transportClient{transport, ok && t.DisableCompression}, false
	default:
		same := *c
		same.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return &same, false
	}
}

// transportClient is an *http.Client without redirects, cookies and a timeout,
// which is little more than its transport.
type transportClient struct {
	transport http.RoundTripper
	gunzip    bool // the transport does not
}

// Do sends the request and returns the errors of an *http.Client.
func (c transportClient) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		if header, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(header.RecordHeader[:]) == "HTTP/" {
			err = http.ErrSchemeMismatch
		}
		return nil, &url.Error{Op: "Post", URL: r.URL.Redacted(), Err: err}
	}
	if c.gunzip && resp != nil && resp.Header.Get("Content-Encoding") == "gzip" {
		resp.Body = &gunzipBody{body: resp.Body}
		resp.ContentLength = -1
	}
	return resp, nil
}

// gunzipBody decompresses a body that nobody asked to be compressed, as
// transports do that ask for it.
type gunzipBody struct {
	body   io.ReadCloser
	reader *gzip.Reader // made by the first Read
	err    error
}

func (g *gunzipBody) Read(p []byte) (int, error) {
	if g.reader == nil && g.err == nil {
		g.reader, g.err = gzip.NewReader(g.body)
	}
	if g.err != nil {
		return 0, g.err
	}
	return g.reader.Read(p)
}

func (g *gunzipBody) Close() error { return g.body.Close() }
