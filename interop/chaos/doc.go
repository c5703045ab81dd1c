// Package chaos contains no code, only tests of the client's default transport
// against connections that misbehave, in real time: connections that go silent,
// servers that close idle connections, and TestChaos, in which a TCP proxy that
// nobody here wrote, Toxiproxy, delays, throttles, cuts and resets connections at
// random. The package is in a separate module, so that users of the client do not
// depend on the proxy.
//
// A short run of TestChaos is part of go test. A long one is
//
//	go test -v -timeout 0 -run TestChaos -chaos 1h -chaos.seed 7 -chaos.proto http2
package chaos
