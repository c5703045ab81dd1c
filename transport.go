package gamelift

import (
	"cmp"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// withoutRedirects turns off the redirects of an *http.Client, and returns any
// other client as it is. It reports whether the result still needs a
// redirectGuard: only an *http.Transport is known not to follow redirects.
func withoutRedirects(client HTTPClient) (_ HTTPClient, guarded bool) {
	c, ok := client.(*http.Client)
	if !ok || c == nil {
		return client, true
	}
	transport := cmp.Or(c.Transport, http.DefaultTransport)
	t, ok := transport.(*http.Transport)
	if c.Timeout == 0 && c.Jar == nil {
		return transportClient{transport, t != nil && t.DisableCompression}, !ok
	}
	same := *c
	same.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &same, !ok
}

// transportClient does the work of an *http.Client without redirects, cookies
// and a timeout. That is little more than to call its transport.
type transportClient struct {
	transport http.RoundTripper
	gunzip    bool // the transport does not decompress
}

// Do sends the request and returns the errors of an *http.Client.
func (c transportClient) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		// Like net/http, it looks at err alone: errors.As would link 2 KiB more.
		if header, ok := err.(tls.RecordHeaderError); ok && string(header.RecordHeader[:]) == "HTTP/" {
			err = http.ErrSchemeMismatch
		}
		return nil, &url.Error{Op: "Post", URL: r.URL.Redacted(), Err: err}
	}
	if c.gunzip && resp != nil && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		resp.Body = &gunzipBody{body: resp.Body}
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	return resp, nil
}

// gunzipBody decompresses a body. net/http does so only if it has asked for gzip
// itself.
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
