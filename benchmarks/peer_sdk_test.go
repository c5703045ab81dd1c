package benchmarks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/aws-sdk-go-v2/service/gamelift/types"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// newSDKPeer is the client of aws-sdk-go-v2.
func newSDKPeer() *peer {
	keys := aws.Credentials{AccessKeyID: gamelifttest.AccessKeyID, SecretAccessKey: gamelifttest.SecretAccessKey}
	provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
	signer := v4.NewSigner()
	return &peer{
		client: func(endpoint string, httpClient httpClient, _ http.Header) any {
			options := sdk.Options{Region: region, Credentials: provider, BaseEndpoint: &endpoint}
			if httpClient != nil {
				options.HTTPClient = httpClient
			} else {
				options.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
					t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
				})
			}
			return sdk.New(options)
		},
		calls: func(made any) map[string]call {
			client := made.(*sdk.Client)
			token := &sdk.GetComputeAuthTokenInput{FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: new(gamelifttest.AnywhereCompute)}
			access := &sdk.GetComputeAccessInput{FleetId: new(gamelifttest.ContainerFleetID), ComputeName: new(gamelifttest.ContainerCompute)}
			upload := &sdk.RequestUploadCredentialsInput{BuildId: new(gamelifttest.BuildID)}
			none := &sdk.RequestUploadCredentialsInput{BuildId: new(noBuildID)}
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
		make: func() any { return sdk.New(sdk.Options{Region: region, Credentials: provider}) },
		sign: func(r *http.Request, body []byte) error {
			hash := sha256.Sum256(body)
			return signer.SignHTTP(r.Context(), keys, r, hex.EncodeToString(hash[:]), "gamelift", region, time.Now())
		},
	}
}
