// Package chaos contains no code, only a test: many callers of one client, and
// between them and the service a TCP proxy that delays, throttles, cuts and
// resets connections at random. The proxy is Toxiproxy. The package is a module
// of its own, so that nobody who uses the client depends on the proxy.
//
// A short run is part of go test. A long one is
//
//	go test -v -timeout 0 -chaos 1h -chaos.seed 7 -chaos.proto http2
package chaos
