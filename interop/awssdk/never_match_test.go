package awssdk

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// neverMatches are the checks of callers of the SDK that compile after the import paths have changed, and never match:
// a test for each row of docs/migration.md. Each shows that the check matches with the SDK, that it does not with our
// client, and what to use in its place.
var neverMatches = map[string]func(*testing.T){
	"`errors.As` with `*awshttp.ResponseError`":                                            responseErrorNeverMatches,
	"`errors.As` with `*retry.MaxAttemptsError`":                                           maxAttemptsErrorNeverMatches,
	"`errors.As` with `*aws.RequestCanceledError`":                                         requestCanceledErrorNeverMatches,
	"`errors.As` with `ratelimit.QuotaExceededError`":                                      quotaExceededErrorNeverMatches,
	"`awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)`":                             requestIDMetadataNeverMatches,
	"`awsmiddleware.GetServerTime(out.ResultMetadata)`, `GetResponseAt`, `GetAttemptSkew`": serverTimeNeverMatches,
	"`awsmiddleware.GetRawResponse(out.ResultMetadata)`":                                   rawResponseNeverMatches,
	"`retry.GetAttemptResults(out.ResultMetadata)`":                                        attemptResultsNeverMatch,
	"`GetServiceID` and `GetOperationName` of `awsmiddleware`, in an interceptor":          namesInTheContextNeverMatch,
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

func quotaExceededErrorNeverMatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
		exceeded := func(call func(context.Context) error) bool {
			for range 200 { // many more than the quota pays for
				var quota ratelimit.QuotaExceededError
				if errors.As(call(t.Context()), &quota) {
					return true
				}
			}
			return false
		}
		theirs := sdk.New(sdkOptions(server))
		require.True(t, exceeded(func(ctx context.Context) error { return uploadWithSDK(ctx, theirs, build) }))

		ours := gamelift.New(server.ClientOptions())
		require.False(t, exceeded(func(ctx context.Context) error { return uploadWithOurs(ctx, ours, build) }))
		require.ErrorContains(t, uploadWithOurs(t.Context(), ours, build), "retry quota exceeded")
		instead := gamelift.New(server.ClientOptions(), func(o *gamelift.Options) { o.Retryer = retry.NewStandard() })
		require.True(t, exceeded(func(ctx context.Context) error { return uploadWithOurs(ctx, instead, build) }))
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

func serverTimeNeverMatches(t *testing.T) {
	t.Parallel()
	theirs, err, ours, ourErr := callBothOnce(t.Context(), t)
	require.NoError(t, errors.Join(err, ourErr))
	found := func(md middleware.Metadata) []bool {
		_, serverTime := awsmiddleware.GetServerTime(md)
		_, responseAt := awsmiddleware.GetResponseAt(md)
		_, skew := awsmiddleware.GetAttemptSkew(md)
		return []bool{serverTime, responseAt, skew}
	}
	require.Equal(t, []bool{true, true, true}, found(theirs.ResultMetadata))

	require.Equal(t, []bool{false, false, false}, found(ours.ResultMetadata))
	require.NotZero(t, gamelift.ServerTime(ours.ResultMetadata))
}

func rawResponseNeverMatches(t *testing.T) {
	t.Parallel()
	theirs, err, ours, ourErr := callBothOnce(t.Context(), t)
	require.NoError(t, errors.Join(err, ourErr))
	require.NotNil(t, awsmiddleware.GetRawResponse(theirs.ResultMetadata))

	require.Nil(t, awsmiddleware.GetRawResponse(ours.ResultMetadata))
	var look looker
	require.NoError(t, uploadWithOurs(t.Context(), gamelift.New(gamelifttest.NewUnstartedServer().ClientOptions(), func(o *gamelift.Options) {
		o.Interceptors.AddAfterTransmit(&look)
	}), build))
	require.Equal(t, http.StatusOK, look.status)
}

// looker is an interceptor that remembers what it finds.
type looker struct {
	status          int
	theirs, smithys []string // names of the service and of the operation
}

func (l *looker) AfterTransmit(ctx context.Context, ic *smithyhttp.InterceptorContext) error {
	l.status = ic.Response.StatusCode
	l.theirs = []string{awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)}
	l.smithys = []string{middleware.GetServiceID(ctx), middleware.GetOperationName(ctx)}
	return nil
}

func namesInTheContextNeverMatch(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	theirs, ours := sdkOptions(server), server.ClientOptions()
	var inTheirs, inOurs looker
	theirs.Interceptors.AddAfterTransmit(&inTheirs)
	ours.Interceptors.AddAfterTransmit(&inOurs)
	require.NoError(t, uploadWithSDK(t.Context(), sdk.New(theirs), build))
	require.NoError(t, uploadWithOurs(t.Context(), gamelift.New(ours), build))

	names := []string{"GameLift", "RequestUploadCredentials"}
	require.Equal(t, names, inTheirs.theirs)
	require.Equal(t, names, inTheirs.smithys)
	require.Equal(t, []string{"", ""}, inOurs.theirs)
	require.Equal(t, names, inOurs.smithys)
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
