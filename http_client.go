package gamelift

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

func defaultHTTPClient(o *Options) {
	if c, ok := o.HTTPClient.(*http.Client); o.HTTPClient == nil || ok && c == nil {
		o.HTTPClient = newHTTPClient()
	}
}

// withoutRedirects returns a client that hands a 3xx response to its caller.
func withoutRedirects(client HTTPClient) HTTPClient {
	c, ok := client.(*http.Client)
	if !ok {
		return client
	}
	still := *c
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &still
}

func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    512,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}}
}
