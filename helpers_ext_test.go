package gamelift_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift"
)

const (
	testAccessKeyID  = "AKIDEXAMPLE"
	testSecretKey    = "canary-secret-access-key"
	testSessionToken = "canary-session-token"
)

var ignoreMetadata = cmpopts.IgnoreTypes(middleware.Metadata{})

func ptr[T any](v T) *T { return &v }

func testCredentials() gamelift.CredentialsProvider {
	return gamelift.StaticCredentials(testAccessKeyID, testSecretKey, testSessionToken)
}

// serve starts a server on loopback and returns options that call it.
func serve(t *testing.T, handler http.HandlerFunc) gamelift.Options {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client := server.Client()
	t.Cleanup(client.CloseIdleConnections)
	return gamelift.Options{
		Region:       "us-west-2",
		Credentials:  testCredentials(),
		BaseEndpoint: &server.URL,
		HTTPClient:   client,
	}
}

// answering returns options whose HTTPClient hands every request to answer,
// without a network: for tests that run on a fake clock.
func answering(answer func(*http.Request) (*http.Response, error)) gamelift.Options {
	return gamelift.Options{
		Region:      "us-west-2",
		Credentials: testCredentials(),
		HTTPClient:  smithyhttp.ClientDoFunc(answer),
	}
}

// response makes a response; header is a list of names and values.
func response(status int, body string, header ...string) *http.Response {
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

func authTokenInput() *gamelift.GetComputeAuthTokenInput {
	return &gamelift.GetComputeAuthTokenInput{ComputeName: ptr("compute-1"), FleetId: ptr("fleet-1")}
}

// operations calls each operation with a valid input.
var operations = []struct {
	name string
	call func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error)
}{
	{"GetComputeAuthToken", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAuthToken(t.Context(), authTokenInput(), optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"GetComputeAccess", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{ComputeName: ptr("compute-1"), FleetId: ptr("fleet-1")}, optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"RequestUploadCredentials", func(t *testing.T, c *gamelift.Client, optFns ...func(*gamelift.Options)) (any, middleware.Metadata, error) {
		out, err := c.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr("build-1")}, optFns...)
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
}

func diff(t *testing.T, want, got any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
