package awssdk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// neverMatches are the checks of callers of the SDK that compile after the import paths have changed, and never match:
// a test for each row of docs/migration.md. Each shows that the check matches with the SDK, that it does not with our
// client, and what to use in its place.
var neverMatches = map[string]func(*testing.T){
	"`errors.As` with `*awshttp.ResponseError`":                responseErrorNeverMatches,
	"`errors.As` with `*retry.MaxAttemptsError`":               maxAttemptsErrorNeverMatches,
	"`errors.As` with `*aws.RequestCanceledError`":             requestCanceledErrorNeverMatches,
	"`awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)`": requestIDMetadataNeverMatches,
	"`retry.GetAttemptResults(out.ResultMetadata)`":            attemptResultsNeverMatch,
}

func TestNeverMatches(t *testing.T) { testRows(t, "of the SDK", neverMatches) }

// callBothOnce is callBoth with the outputs.
func callBothOnce(ctx context.Context, t *testing.T, faults ...gamelifttest.Fault) (*sdk.RequestUploadCredentialsOutput, error, *gamelift.RequestUploadCredentialsOutput, error) {
	t.Helper()
	build := gamelifttest.BuildID
	server := gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	theirs, theirErr := sdk.New(sdkOptions(server)).RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: &build})
	server = gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	ours, ourErr := gamelift.New(server.ClientOptions()).RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	return theirs, theirErr, ours, ourErr
}

func responseErrorNeverMatches(t *testing.T) {
	t.Parallel()
	_, theirs, _, ours := callBothOnce(t.Context(), t, gamelifttest.Fault{Code: "NotFoundException"})
	var response *awshttp.ResponseError
	require.ErrorAs(t, theirs, &response)
	require.Equal(t, 400, response.HTTPStatusCode())

	require.NotErrorAs(t, ours, &response)
	var instead *apierrors.ResponseError
	require.ErrorAs(t, ours, &instead)
	require.Equal(t, 400, instead.HTTPStatusCode())
	require.NotEmpty(t, instead.ServiceRequestID())
}

func maxAttemptsErrorNeverMatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, theirs, _, ours := callBothOnce(t.Context(), t, gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
		var gaveUp *retry.MaxAttemptsError
		require.ErrorAs(t, theirs, &gaveUp)
		require.Equal(t, 3, gaveUp.Attempt)

		require.NotErrorAs(t, ours, &gaveUp)
		var instead *apierrors.MaxAttemptsError
		require.ErrorAs(t, ours, &instead)
		require.Equal(t, 3, instead.Attempt)
	})
}

func requestCanceledErrorNeverMatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The deadline comes while the client waits before a retry.
		fault := gamelifttest.Fault{Code: "InternalServiceException", Count: -1}
		canceledIn := func(call func(context.Context, *gamelifttest.Server) error) error {
			server := gamelifttest.NewUnstartedServer()
			server.Inject(fault)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			return call(ctx, server)
		}
		slow := retry.NewStandard(waitOneSecond)
		build := gamelifttest.BuildID
		theirs := canceledIn(func(ctx context.Context, server *gamelifttest.Server) error {
			options := sdkOptions(server)
			options.Retryer = slow
			_, err := sdk.New(options).RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: &build})
			return err
		})
		ours := canceledIn(func(ctx context.Context, server *gamelifttest.Server) error {
			options := server.ClientOptions()
			options.Retryer = slow
			_, err := gamelift.New(options).RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build})
			return err
		})
		var canceled *aws.RequestCanceledError
		require.ErrorAs(t, theirs, &canceled)

		require.NotErrorAs(t, ours, &canceled)
		var instead *smithy.CanceledError
		require.ErrorAs(t, ours, &instead)
		require.ErrorIs(t, ours, context.DeadlineExceeded)
	})
}

func requestIDMetadataNeverMatches(t *testing.T) {
	t.Parallel()
	theirs, err, ours, ourErr := callBothOnce(t.Context(), t)
	require.NoError(t, errors.Join(err, ourErr))
	id, ok := awsmiddleware.GetRequestIDMetadata(theirs.ResultMetadata)
	require.True(t, ok)
	require.NotEmpty(t, id)

	_, ok = awsmiddleware.GetRequestIDMetadata(ours.ResultMetadata)
	require.False(t, ok)
	require.NotEmpty(t, gamelift.RequestID(ours.ResultMetadata))
}

func attemptResultsNeverMatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		theirs, err, ours, ourErr := callBothOnce(t.Context(), t, gamelifttest.Fault{Code: "InternalServiceException"})
		require.NoError(t, errors.Join(err, ourErr))
		results, ok := retry.GetAttemptResults(theirs.ResultMetadata)
		require.True(t, ok)
		require.Len(t, results.Results, 2)

		_, ok = retry.GetAttemptResults(ours.ResultMetadata)
		require.False(t, ok)
		require.Equal(t, 2, gamelift.Attempts(ours.ResultMetadata))
	})
}
