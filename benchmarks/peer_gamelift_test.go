package benchmarks

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/internal/sigv4"
	"github.com/gamelift-compute/gamelift/types"
)

// ours is the client of this repository.
var ours = &peer{
	name: "gamelift",
	client: func(endpoint string, httpClient httpClient, _ http.Header) any {
		options := ourOptions()
		options.BaseEndpoint = &endpoint
		if httpClient != nil {
			options.HTTPClient = httpClient
		}
		return gamelift.New(options)
	},
	calls: func(made any) map[string]call {
		client := made.(*gamelift.Client)
		token := &gamelift.GetComputeAuthTokenInput{FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: new(gamelifttest.AnywhereCompute)}
		access := &gamelift.GetComputeAccessInput{FleetId: new(gamelifttest.ContainerFleetID), ComputeName: new(gamelifttest.ContainerCompute)}
		upload := &gamelift.RequestUploadCredentialsInput{BuildId: new(gamelifttest.BuildID)}
		none := &gamelift.RequestUploadCredentialsInput{BuildId: new(noBuildID)}
		return map[string]call{
			getComputeAuthToken:      func(ctx context.Context) (any, error) { return client.GetComputeAuthToken(ctx, token) },
			getComputeAccess:         func(ctx context.Context) (any, error) { return client.GetComputeAccess(ctx, access) },
			requestUploadCredentials: func(ctx context.Context) (any, error) { return client.RequestUploadCredentials(ctx, upload) },
			notFound:                 func(ctx context.Context) (any, error) { return client.RequestUploadCredentials(ctx, none) },
		}
	},
	notFound: func(err error) bool {
		var e *types.NotFoundException
		return errors.As(err, &e)
	},
	make: func() any { return gamelift.New(ourOptions()) },
	sign: func(r *http.Request, body []byte) error {
		signer.Sign(sigv4.Input{
			Request: r, Payload: body, Service: "gamelift", Region: region, Time: time.Now(),
			Keys: sigv4.Keys{AccessKeyID: gamelifttest.AccessKeyID, SecretAccessKey: gamelifttest.SecretAccessKey},
		})
		return nil
	},
}

var (
	signer      sigv4.Signer
	credentials = gamelift.StaticCredentials(gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, "")
)

func ourOptions() gamelift.Options { return gamelift.Options{Region: region, Credentials: credentials} }
