package chaos

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// protocol is what a server speaks.
type protocol struct {
	name  string
	tls   bool
	major int // the version of HTTP
}

var protocols = []protocol{{"http1", false, 1}, {"http1 with TLS", true, 1}, {"http2", true, 2}}

// start starts a server that speaks the protocol. Requests by another version of
// HTTP fail the test. configure may be nil.
func (p protocol) start(t *testing.T, handler http.Handler, configure func(*http.Server)) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != p.major {
			t.Errorf("a request arrived over %s", r.Proto)
		}
		handler.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if configure != nil {
		configure(server.Config)
	}
	server.EnableHTTP2 = p.major == 2
	if p.tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	return server
}

// defaultTransport returns the transport of a client that has no HTTPClient. It
// trusts the server's certificate.
func defaultTransport(server *httptest.Server) *http.Transport {
	transport := gamelift.New(gamelift.Options{}).Options().HTTPClient.(*http.Client).Transport.(*http.Transport)
	if server.TLS != nil {
		roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	return transport
}

// clientOf returns a client of the stub at a URL.
func clientOf(stub *gamelifttest.Server, url string, transport *http.Transport, optFns ...func(*gamelift.Options)) *gamelift.Client {
	options := stub.ClientOptions()
	options.BaseEndpoint, options.HTTPClient = &url, &http.Client{Transport: transport}
	return gamelift.New(options, optFns...)
}

func anywhereCompute() *gamelift.GetComputeAuthTokenInput {
	return &gamelift.GetComputeAuthTokenInput{FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: new(gamelifttest.AnywhereCompute)}
}
