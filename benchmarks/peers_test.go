package benchmarks

import (
	"context"
	"net/http"
	"sync"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A peer is a client that is measured.
type peer struct {
	name string

	// client makes a client. If httpClient is nil, it has its own. A bare client
	// sends what it takes from header, the header of a request of this module's
	// client.
	client func(endpoint string, httpClient httpClient, header http.Header) any

	// calls returns what such a client can call, by operation.
	calls func(client any) map[string]call

	// What follows is nil for a bare client.
	notFound func(error) bool                  // reports whether the error is a NotFoundException
	make     func() any                        // makes a client of region and credentials
	sign     func(*http.Request, []byte) error // signs a request with this body
}

// A call is one call of an operation, with an input made before. It returns the
// client's own output.
type call func(context.Context) (any, error)

type httpClient interface {
	gamelift.HTTPClient
	http.RoundTripper
}

const (
	getComputeAuthToken      = "GetComputeAuthToken"
	getComputeAccess         = "GetComputeAccess"
	requestUploadCredentials = "RequestUploadCredentials"
	notFound                 = "NotFound" // RequestUploadCredentials for a build that does not exist
)

var operations = []string{getComputeAuthToken, getComputeAccess, requestUploadCredentials}

const (
	region    = "us-west-2"
	noBuildID = "build-none"
	maxIdle   = 512 // connections that every client keeps, so that the size of its pool is not what is measured
)

// peers are the clients of this binary. The SDK is the version that go.mod or
// sdkjson.mod names.
var peers = sync.OnceValue(func() []*peer {
	sdk := newSDKPeer()
	sdk.name = "sdk-json"
	if record(sdk, getComputeAuthToken).answer.Header.Get("Content-Type") == "application/cbor" {
		sdk.name = "sdk-cbor"
	}
	return []*peer{ours, bare, bareHeaders, sdk}
})

// canned returns the stub's answer to a call of the peer. The stub does not
// answer what is not signed: a bare client gets the answer to this module's.
func (p *peer) canned(operation string) *canned {
	if p.sign == nil {
		p = ours
	}
	return record(p, operation)
}

// inProcess returns an operation of a client that gets the answer without a
// network.
func (p *peer) inProcess(operation string) call {
	c := p.canned(operation)
	return p.calls(p.client(stubURL, c, c.requestHeader))[operation]
}

// stubURL is an endpoint that no resolver knows.
var stubURL = gamelifttest.NewUnstartedServer().URL()
