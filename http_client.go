//go:build !js

package gamelift

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// newHTTPClient makes the client for Options without an HTTPClient.
func newHTTPClient() *http.Client {
	// The timeout includes the name's resolution. A resolver waits 5 seconds
	// for a name server before it asks the next.
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    512,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // responses are small
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		// A connection that went silent would otherwise fail every call for as
		// long as the process lives.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}}
}
