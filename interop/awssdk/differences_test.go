package awssdk

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// sdkOptions are the server's ClientOptions for the SDK.
func sdkOptions(server *gamelifttest.Server) sdk.Options {
	o := server.ClientOptions()
	return sdk.Options{
		Region:       o.Region,
		BaseEndpoint: o.BaseEndpoint,
		HTTPClient:   o.HTTPClient,
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			keys, err := o.Credentials.Retrieve(ctx)
			return aws.Credentials(keys), err
		}),
	}
}

// result is what came of a call.
type result struct {
	err      error
	requests int // that arrived
}

// callBoth makes the same call with the SDK and with ours, each against a server of its own with the same faults.
func callBoth(ctx context.Context, buildID *string, faults ...gamelifttest.Fault) (theirs, ours result) {
	server := gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	_, theirs.err = sdk.New(sdkOptions(server)).RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: buildID})
	theirs.requests = len(server.Requests())

	server = gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	_, ours.err = gamelift.New(server.ClientOptions()).RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: buildID})
	ours.requests = len(server.Requests())
	return theirs, ours
}

// The tests below keep what a caller may notice when it moves over.

func TestDifferenceThrottlingIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := callBoth(t.Context(), aws.String(gamelifttest.BuildID),
			gamelifttest.Fault{Code: "ThrottlingException"})

		// Of a CBOR error that the API model does not name, the SDK keeps the namespace in the code, and so does not
		// know it.
		var apiErr smithy.APIError
		require.ErrorAs(t, theirs.err, &apiErr)
		require.Equal(t, "com.amazon.coral.availability#ThrottlingException", apiErr.ErrorCode())
		require.Equal(t, 1, theirs.requests)

		require.NoError(t, ours.err)
		require.Equal(t, 2, ours.requests)
	})
}

func TestDifferenceUnmodelledErrors(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), aws.String(gamelifttest.BuildID),
		gamelifttest.Fault{Code: "AccessDeniedException", Message: "not you"})

	var apiErr smithy.APIError
	require.ErrorAs(t, theirs.err, &apiErr)
	require.Equal(t, "com.amazon.coral.service#AccessDeniedException", apiErr.ErrorCode())
	require.Equal(t, "UnknownError", apiErr.ErrorMessage()) // the service spells it Message
	require.Equal(t, smithy.FaultUnknown, apiErr.ErrorFault())

	require.ErrorAs(t, ours.err, &apiErr)
	require.Equal(t, "AccessDeniedException", apiErr.ErrorCode())
	require.Equal(t, "not you", apiErr.ErrorMessage())
	require.Equal(t, smithy.FaultClient, apiErr.ErrorFault())
}

func TestDifferenceDoneContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	theirs, ours := callBoth(ctx, aws.String(gamelifttest.BuildID))

	var canceled *smithy.CanceledError
	require.ErrorIs(t, theirs.err, context.Canceled)
	require.False(t, errors.As(theirs.err, &canceled)) // as it would be, had the request been under way
	require.Zero(t, theirs.requests)

	require.ErrorIs(t, ours.err, context.Canceled)
	require.ErrorAs(t, ours.err, &canceled)
	require.Zero(t, ours.requests)
}

func TestDifferenceEmptyMember(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), aws.String(""))
	var invalid smithy.InvalidParamsError
	require.Error(t, theirs.err)
	require.False(t, errors.As(theirs.err, &invalid))
	require.Equal(t, 1, theirs.requests)
	require.ErrorAs(t, ours.err, &invalid)
	require.Zero(t, ours.requests)

	// A nil one is the same to both.
	theirs, ours = callBoth(t.Context(), nil)
	require.ErrorAs(t, theirs.err, &invalid)
	text := invalid.Error()
	require.ErrorAs(t, ours.err, &invalid)
	require.Equal(t, text, invalid.Error())
	require.Zero(t, theirs.requests+ours.requests)
}

func TestDifferenceMissingRegion(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	theirs, ours := sdkOptions(server), server.ClientOptions()
	theirs.Region, ours.Region = "", ""
	build := aws.String(gamelifttest.BuildID)

	// With a base endpoint, the SDK signs for no region, and the service refuses that.
	_, err := sdk.New(theirs).RequestUploadCredentials(t.Context(), &sdk.RequestUploadCredentialsInput{BuildId: build})
	require.Error(t, err)
	require.Len(t, server.Requests(), 1)

	_, err = gamelift.New(ours).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: build})
	require.ErrorContains(t, err, "missing Region")
	require.Len(t, server.Requests(), 1)
}

// Pseudo regions lead to the same host. The SDK signs for the pseudo region, which no service knows, and our client for
// the region that is meant.
func TestDifferencePseudoRegions(t *testing.T) {
	t.Parallel()
	for region, meant := range map[string]string{
		"fips-us-east-1": "us-east-1", "us-east-1-fips": "us-east-1", "us-fips-east-1": "us-east-1", "fips-us-gov-west-1": "us-gov-west-1",
		"us-west-2": "us-west-2",
	} {
		var hosts, authorizations []string
		capture := smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			authorizations = append(authorizations, r.Header.Get("Authorization"))
			return nil, errors.New("not sent")
		})
		server := gamelifttest.NewUnstartedServer()
		theirs, ours := sdkOptions(server), server.ClientOptions()
		theirs.BaseEndpoint, ours.BaseEndpoint = nil, nil
		theirs.Region, ours.Region = region, region
		theirs.HTTPClient, ours.HTTPClient = capture, capture
		theirs.RetryMaxAttempts, ours.RetryMaxAttempts = 1, 1
		build := aws.String(gamelifttest.BuildID)
		_, err := sdk.New(theirs).RequestUploadCredentials(t.Context(), &sdk.RequestUploadCredentialsInput{BuildId: build})
		require.Error(t, err)
		_, err = gamelift.New(ours).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: build})
		require.Error(t, err)
		require.Len(t, hosts, 2)
		require.Equal(t, hosts[0], hosts[1], region)
		require.Contains(t, authorizations[0], "/"+region+"/gamelift/aws4_request")
		require.Contains(t, authorizations[1], "/"+meant+"/gamelift/aws4_request")
	}
}
