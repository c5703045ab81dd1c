package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// The bare clients are net/http and encoding/json, as one writes it down
// without a library: nothing is signed, checked, retried or measured.
var (
	// bare sends the headers alone without which a request has no meaning.
	bare = &peer{
		name: "bare",
		client: func(endpoint string, httpClient httpClient, header http.Header) any {
			return newBareClient(endpoint, httpClient, http.Header{"Content-Type": header["Content-Type"], "X-Amz-Target": header["X-Amz-Target"]})
		},
		calls: bareCalls,
	}

	// bareHeaders sends all headers of a signed request, with the same values
	// each time.
	bareHeaders = &peer{name: "bare-headers", client: newBareClient, calls: bareCalls}
)

type bareClient struct {
	client   *http.Client
	endpoint string
	header   http.Header
}

func newBareClient(endpoint string, httpClient httpClient, header http.Header) any {
	client := &http.Client{Transport: httpClient}
	if httpClient == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConns, transport.MaxIdleConnsPerHost = maxIdle, maxIdle
		client.Transport = transport
	}
	return &bareClient{client, endpoint, header}
}

func bareCalls(made any) map[string]call {
	c := made.(*bareClient)
	return map[string]call{
		getComputeAuthToken:      bareCall[bareAuthToken](c, &bareInput{FleetId: gamelifttest.AnywhereFleetID, ComputeName: gamelifttest.AnywhereCompute}),
		getComputeAccess:         bareCall[bareAccess](c, &bareInput{FleetId: gamelifttest.ContainerFleetID, ComputeName: gamelifttest.ContainerCompute}),
		requestUploadCredentials: bareCall[bareUpload](c, &bareInput{BuildId: gamelifttest.BuildID}),
		notFound:                 bareCall[bareUpload](c, &bareInput{BuildId: noBuildID}),
	}
}

func bareCall[Out any](c *bareClient, in *bareInput) call {
	return func(ctx context.Context) (any, error) {
		body, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		for name, values := range c.header {
			request.Header.Set(name, values[0])
		}
		response, err := c.client.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("status %s", response.Status)
		}
		out := new(Out)
		content, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, out); err != nil {
			return nil, err
		}
		return out, nil
	}
}

type bareInput struct {
	FleetId     string `json:",omitempty"`
	ComputeName string `json:",omitempty"`
	BuildId     string `json:",omitempty"`
}

type bareAuthToken struct {
	AuthToken, ComputeArn, ComputeName, FleetArn, FleetId string
	ExpirationTimestamp                                   float64
}

type bareAccess struct {
	ComputeArn, ComputeName, FleetArn, FleetId, Target string
	ContainerIdentifiers                               []struct{ ContainerName, ContainerRuntimeId string }
	Credentials                                        bareCredentials
}

type bareUpload struct {
	StorageLocation   struct{ Bucket, Key, ObjectVersion, RoleArn string }
	UploadCredentials bareCredentials
}

type bareCredentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
