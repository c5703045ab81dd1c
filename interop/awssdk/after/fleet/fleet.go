// Package fleet is the part of a game backend that uses Amazon GameLift Servers: it starts game servers with a fresh
// token, opens sessions with computes and finds where a build goes.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/types"
)

// API is the part of the client that the backend uses.
type API interface {
	GetComputeAuthToken(context.Context, *gamelift.GetComputeAuthTokenInput, ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error)
	GetComputeAccess(context.Context, *gamelift.GetComputeAccessInput, ...func(*gamelift.Options)) (*gamelift.GetComputeAccessOutput, error)
	RequestUploadCredentials(context.Context, *gamelift.RequestUploadCredentialsInput, ...func(*gamelift.Options)) (*gamelift.RequestUploadCredentialsOutput, error)
}

var _ API = (*gamelift.Client)(nil)

// Config is the backend's own.
type Config struct {
	Region, Endpoint string
	KeyID, Secret    string
	HTTPClient       *http.Client
	BeforeTransmit   smithyhttp.BeforeTransmitInterceptor // may be nil
}

// NewClient makes the client of the whole program.
func NewClient(config Config) *gamelift.Client {
	options := gamelift.Options{
		Region:           config.Region,
		BaseEndpoint:     aws.String(config.Endpoint),
		HTTPClient:       config.HTTPClient,
		RetryMaxAttempts: 2,
		AppID:            "fleet",
	}
	options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (keys gamelift.Credentials, err error) {
		keys.AccessKeyID, keys.SecretAccessKey, keys.Source = config.KeyID, config.Secret, "fleet.Config"
		return keys, nil
	})
	return gamelift.New(options, func(o *gamelift.Options) {
		if config.BeforeTransmit != nil {
			o.Interceptors.AddBeforeTransmit(config.BeforeTransmit)
		}
	})
}

// Describe returns how a client is configured.
func Describe(client *gamelift.Client) string {
	o := client.Options()
	return fmt.Sprintf("%s %s in %s, at most %d attempts, for %s",
		gamelift.ServiceID, gamelift.ServiceAPIVersion, o.Region, o.RetryMaxAttempts, o.AppID)
}

// Token has the values that a game server needs when it starts.
type Token struct {
	Value, Compute, ComputeARN, Fleet, FleetARN string
	Expires                                     time.Time
}

// StartToken gets the token for a game server that is about to start.
func StartToken(ctx context.Context, api API, fleetID, compute string, optFns ...func(*gamelift.Options)) (Token, error) {
	out, err := api.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     aws.String(fleetID),
		ComputeName: aws.String(compute),
	}, optFns...)
	if err != nil {
		return Token{}, fmt.Errorf("token for %s: %w", compute, err)
	}
	return Token{
		Value:      aws.ToString(out.AuthToken),
		Compute:    aws.ToString(out.ComputeName),
		ComputeARN: aws.ToString(out.ComputeArn),
		Fleet:      aws.ToString(out.FleetId),
		FleetARN:   aws.ToString(out.FleetArn),
		Expires:    aws.ToTime(out.ExpirationTimestamp).UTC(),
	}, nil
}

// Keys are temporary AWS credentials.
type Keys struct{ ID, Secret, Session string }

func keysOf(c *types.AwsCredentials) Keys {
	if c == nil {
		return Keys{}
	}
	return Keys{aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken)}
}

// Session has the values that open a shell on a compute.
type Session struct {
	Keys       Keys
	Target     string            // the instance
	Containers map[string]string // runtime IDs by name; empty where the compute is no container
	ComputeARN string
}

// OpenSession gets access to a compute. Nobody waits for a shell: it gives up at the first failure.
func OpenSession(ctx context.Context, api API, fleetID, compute string) (Session, error) {
	out, err := api.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{
		FleetId:     aws.String(fleetID),
		ComputeName: aws.String(compute),
	}, func(o *gamelift.Options) {
		o.Retryer = aws.NopRetryer{}
		o.RetryMaxAttempts = 1
	})
	if err != nil {
		return Session{}, fmt.Errorf("session with %s: %w", compute, err)
	}
	session := Session{
		Keys:       keysOf(out.Credentials),
		Target:     aws.ToString(out.Target),
		Containers: map[string]string{},
		ComputeARN: aws.ToString(out.ComputeArn),
	}
	if session.Target == "" {
		session.Target = aws.ToString(out.ComputeName)
	}
	for _, c := range out.ContainerIdentifiers {
		session.Containers[aws.ToString(c.ContainerName)] = aws.ToString(c.ContainerRuntimeId)
	}
	return session, nil
}

// Upload is where the files of a build go.
type Upload struct {
	Keys        Keys
	Bucket, Key string
}

// StartUpload finds where the files of a build go.
func StartUpload(ctx context.Context, api API, buildID string) (Upload, error) {
	out, err := api.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(buildID)})
	if err != nil {
		return Upload{}, fmt.Errorf("upload of %s: %w", buildID, err)
	}
	upload := Upload{Keys: keysOf(out.UploadCredentials)}
	if at := out.StorageLocation; at != nil {
		upload.Bucket, upload.Key = aws.ToString(at.Bucket), aws.ToString(at.Key)
	}
	return upload, nil
}

// Failure is the record of a failed call in the backend's log.
type Failure struct {
	Kind              string // what to do about it
	Service           string
	Operation         string
	Status            int
	RequestID         string
	Code, Message     string
	Invalid           string // what is wrong with the input
	Canceled, Expired bool
}

// Explain takes an error of this package apart.
func Explain(err error) (f Failure) {
	var (
		notFound     *types.NotFoundException
		invalid      *types.InvalidRequestException
		unauthorized *types.UnauthorizedException
		region       *types.UnsupportedRegionException
		internal     *types.InternalServiceException
		apiErr       smithy.APIError
	)
	switch {
	case errors.As(err, &notFound):
		f.Kind, f.Message = "no such resource", notFound.ErrorMessage()
	case errors.As(err, &invalid):
		f.Kind, f.Message = "cannot be", aws.ToString(invalid.Message)
	case errors.As(err, &unauthorized):
		f.Kind, f.Message = "not allowed", unauthorized.ErrorMessage()
	case errors.As(err, &region):
		f.Kind, f.Message = "not there: "+region.ErrorFault().String(), region.ErrorMessage()
	case errors.As(err, &internal):
		f.Kind, f.Message = "try later: "+internal.ErrorFault().String(), internal.ErrorMessage()
	case errors.As(err, &apiErr):
		f.Kind, f.Message = "other", apiErr.ErrorMessage()
	}
	if errors.As(err, &apiErr) {
		f.Code = apiErr.ErrorCode()
	}
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		f.Service, f.Operation = operation.Service(), operation.Operation()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		f.Status = response.HTTPStatusCode()
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) {
		f.RequestID = request.ServiceRequestID()
	}
	var input smithy.InvalidParamsError
	if errors.As(err, &input) {
		f.Invalid = input.Error()
	}
	f.Canceled = errors.Is(err, context.Canceled)
	f.Expired = errors.Is(err, context.DeadlineExceeded)
	return f
}

// Mock is an API for tests of the backend: it knows one fleet.
type Mock struct {
	FleetID string
	Calls   int
}

// GetComputeAuthToken gives a token that ends with the compute's name.
func (m *Mock) GetComputeAuthToken(_ context.Context, in *gamelift.GetComputeAuthTokenInput, _ ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error) {
	m.Calls++
	if aws.ToString(in.FleetId) != m.FleetID {
		return nil, &types.NotFoundException{Message: aws.String("no fleet " + aws.ToString(in.FleetId))}
	}
	return &gamelift.GetComputeAuthTokenOutput{
		AuthToken:           aws.String("token-of-" + aws.ToString(in.ComputeName)),
		ComputeName:         in.ComputeName,
		FleetId:             in.FleetId,
		ExpirationTimestamp: aws.Time(time.Unix(1_700_000_000, 0)),
	}, nil
}

// GetComputeAccess gives access to a container.
func (m *Mock) GetComputeAccess(_ context.Context, in *gamelift.GetComputeAccessInput, optFns ...func(*gamelift.Options)) (*gamelift.GetComputeAccessOutput, error) {
	m.Calls++
	var o gamelift.Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.RetryMaxAttempts != 1 {
		return nil, &types.InternalServiceException{Message: aws.String("retries are on")}
	}
	return &gamelift.GetComputeAccessOutput{
		Credentials:          &types.AwsCredentials{AccessKeyId: aws.String("mock"), SecretAccessKey: aws.String("mock"), SessionToken: aws.String("mock")},
		ContainerIdentifiers: []types.ContainerIdentifier{{ContainerName: aws.String("game"), ContainerRuntimeId: in.ComputeName}},
		Target:               aws.String("i-mock"),
	}, nil
}

// RequestUploadCredentials refuses.
func (m *Mock) RequestUploadCredentials(context.Context, *gamelift.RequestUploadCredentialsInput, ...func(*gamelift.Options)) (*gamelift.RequestUploadCredentialsOutput, error) {
	m.Calls++
	return nil, &types.UnauthorizedException{Message: aws.String("builds are not the mock's")}
}
