package benchmarks

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// canned is an HTTP client that answers every request alike, with two allocations: the response and its body.
type canned struct {
	response http.Response
	body     []byte
}

// capture makes a canned client of the stub's answer to one call.
func capture(b testing.TB, call func(gamelift.HTTPClient) error) *canned {
	recorder := &recorder{client: gamelifttest.NewUnstartedServer().ClientOptions().HTTPClient}
	_ = call(recorder) // which may be meant to fail
	require.NotNil(b, recorder.captured)
	return recorder.captured
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	response := c.response
	response.Request = r
	body := &body{}
	body.Reset(c.body)
	response.Body = body
	return &response, nil
}

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// recorder is an HTTP client that keeps what another one answers.
type recorder struct {
	client   gamelift.HTTPClient
	captured *canned
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	r.captured = &canned{response: *response, body: data}
	return r.captured.Do(request)
}

// endpoint is the stub's: no request leaves the process for it.
var endpoint = gamelifttest.NewUnstartedServer().URL()

func newClient(httpClient gamelift.HTTPClient, optFns ...func(*gamelift.Options)) *gamelift.Client {
	return gamelift.New(gamelift.Options{
		Region:       "us-west-2",
		BaseEndpoint: &endpoint,
		Credentials:  gamelift.StaticCredentials(gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, ""),
		HTTPClient:   httpClient,
	}, optFns...)
}

func newSDKClient(httpClient gamelift.HTTPClient, optFns ...func(*sdk.Options)) *sdk.Client {
	return sdk.New(sdk.Options{
		Region:       "us-west-2",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: gamelifttest.AccessKeyID, SecretAccessKey: gamelifttest.SecretAccessKey}, nil
		}),
		HTTPClient: httpClient,
	}, optFns...)
}
