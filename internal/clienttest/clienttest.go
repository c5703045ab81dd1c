// Package clienttest has the helpers that the tests of the client share. Its own
// tests are those that cross the whole client: everything that can go wrong with
// a call, secrets, chaos, allocations, and arbitrary responses.
package clienttest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
)

// The keys of Credentials.
const (
	AccessKeyID     = "AKIDEXAMPLE"              // not a secret
	SecretAccessKey = "canary-secret-access-key" // a secret that RequireNoSecret looks for
	SessionToken    = "canary-session-token"     // a secret that RequireNoSecret looks for
)

// Credentials returns a provider of the keys above.
func Credentials() gamelift.CredentialsProvider {
	return gamelift.StaticCredentials(AccessKeyID, SecretAccessKey, SessionToken)
}

// OneAttempt turns retries off.
func OneAttempt(o *gamelift.Options) { o.RetryMaxAttempts = 1 }

// Serve starts a server on loopback and returns options that call it.
func Serve(t *testing.T, handler http.HandlerFunc) gamelift.Options {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client := server.Client()
	t.Cleanup(client.CloseIdleConnections)
	return gamelift.Options{
		Region:       "us-west-2",
		Credentials:  Credentials(),
		BaseEndpoint: &server.URL,
		HTTPClient:   client,
	}
}

// Answering returns options whose HTTPClient hands every request to answer,
// without a network: for tests that run on a fake clock.
func Answering(answer func(*http.Request) (*http.Response, error)) gamelift.Options {
	return gamelift.Options{
		Region:      "us-west-2",
		Credentials: Credentials(),
		HTTPClient:  smithyhttp.ClientDoFunc(answer),
	}
}

// Response makes a response; header is a list of names and values.
func Response(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode:    status,
		Header:        h,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// FullTokenBody is an output of GetComputeAuthToken with all its members.
const FullTokenBody = `{"FleetId":"fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"FleetArn":"arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"ComputeName":"HardwareAnywhere",` +
	`"ComputeArn":"arn:aws:gamelift:us-west-2:111122223333:compute/HardwareAnywhere",` +
	`"AuthToken":"0c728041-3e84-4aaa-b927-a0fb202684c0","ExpirationTimestamp":1763632800.123}`

// Canned returns options whose HTTPClient always answers with the body. It
// allocates only what an HTTP client must: a response and its body.
func Canned(body string) gamelift.Options {
	header := http.Header{
		"Content-Type":     {"application/x-amz-json-1.1"},
		"Date":             {"Fri, 20 Nov 2026 10:00:00 GMT"},
		"X-Amzn-Requestid": {"0c728041-3e84-4aaa-b927-a0fb202684c0"},
	}
	content := []byte(body)
	return Answering(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 200, Header: header, ContentLength: int64(len(content)), Request: r,
			Body: io.NopCloser(bytes.NewReader(content)),
		}, nil
	})
}

// AuthTokenInput returns a valid input of GetComputeAuthToken.
func AuthTokenInput() *gamelift.GetComputeAuthTokenInput {
	return &gamelift.GetComputeAuthTokenInput{ComputeName: new("compute-1"), FleetId: new("fleet-1")}
}

// Operation calls an operation with a valid input.
type Operation struct {
	// Name is the operation's name.
	Name string

	// Call returns the output and its ResultMetadata.
	Call func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error)
}

// Operations has all operations.
var Operations = []Operation{
	{"GetComputeAuthToken", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAuthToken(t.Context(), AuthTokenInput(), optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"GetComputeAccess", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{ComputeName: new("compute-1"), FleetId: new("fleet-1")}, optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"RequestUploadCredentials", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: new("build-1")}, optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
}
