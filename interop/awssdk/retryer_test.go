package awssdk

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// The SDK's retryers fit in Options as they are.
var (
	_ gamelift.Retryer = (*retry.Standard)(nil)
	_ gamelift.Retryer = (*retry.AdaptiveMode)(nil)
	_ gamelift.Retryer = aws.Retryer(nil)
	_ gamelift.Retryer = aws.RetryerV2(nil)
	_ gamelift.Retryer = aws.NopRetryer{}
)

// getToken makes one call.
func getToken(ctx context.Context, client *gamelift.Client) (*gamelift.GetComputeAuthTokenOutput, error) {
	return client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId: aws.String(gamelifttest.AnywhereFleetID), ComputeName: aws.String(gamelifttest.AnywhereCompute),
	})
}

// retryers are those under test, by name. Both wait a second between attempts: at random fractions of one, rounding
// lets the adaptive retryer ask over and over for waits of no time, which never end in fake time.
var retryers = map[string]func() aws.RetryerV2{
	"standard": func() aws.RetryerV2 { return retry.NewStandard(waitOneSecond) },
	"adaptive": func() aws.RetryerV2 {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, waitOneSecond)
		})
	},
}

func waitOneSecond(o *retry.StandardOptions) {
	o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
}

func TestRetryers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		fault    gamelifttest.Fault
		attempts int
		code     string // of the error; "" for success
		gaveUp   bool   // the error is a MaxAttemptsError
	}{
		{name: "no fault", attempts: 1},
		{name: "throttled twice", fault: gamelifttest.Fault{Code: "ThrottlingException", Count: 2}, attempts: 3},
		{name: "throttled for good", fault: gamelifttest.Fault{Code: "ThrottlingException", Count: -1}, attempts: 3, code: "ThrottlingException", gaveUp: true},
		{name: "internal error twice", fault: gamelifttest.Fault{Code: "InternalServiceException", Count: 2}, attempts: 3},
		{name: "internal error for good", fault: gamelifttest.Fault{Code: "InternalServiceException", Count: -1}, attempts: 3, code: "InternalServiceException", gaveUp: true},
		{name: "unavailable once", fault: gamelifttest.Fault{Status: http.StatusServiceUnavailable}, attempts: 2},
		{name: "bad gateway in HTML", fault: gamelifttest.Fault{Status: http.StatusBadGateway, Break: gamelifttest.HTML}, attempts: 2},
		{name: "connection reset", fault: gamelifttest.Fault{Break: gamelifttest.Reset}, attempts: 2},
		{name: "connection reset within the body", fault: gamelifttest.Fault{Break: gamelifttest.ResetBody}, attempts: 2},
		{name: "not found", fault: gamelifttest.Fault{Code: "NotFoundException"}, attempts: 1, code: "NotFoundException"},
	} {
		for name, newRetryer := range retryers {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := gamelifttest.NewUnstartedServer()
					if test.attempts > 1 || test.code != "" {
						server.Inject(test.fault)
					}
					options := server.ClientOptions()
					options.Retryer = newRetryer()
					out, err := getToken(t.Context(), gamelift.New(options))
					require.Len(t, server.Requests(), test.attempts)
					if test.code == "" {
						require.NoError(t, err)
						require.Equal(t, test.attempts, gamelift.Attempts(out.ResultMetadata))
						return
					}
					var apiErr smithy.APIError
					require.ErrorAs(t, err, &apiErr)
					require.Equal(t, test.code, apiErr.ErrorCode())
					var gaveUp *apierrors.MaxAttemptsError
					if test.gaveUp {
						require.ErrorAs(t, err, &gaveUp)
						require.Equal(t, test.attempts, gaveUp.Attempt)
					} else {
						require.NotErrorAs(t, err, &gaveUp)
					}
				})
			})
		}
	}
}

func TestRetryersWithMaxAttempts(t *testing.T) {
	t.Parallel()
	for name, newRetryer := range retryers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := gamelifttest.NewUnstartedServer()
				server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
				options := server.ClientOptions()
				options.Retryer = retry.AddWithMaxAttempts(newRetryer(), 5)
				_, err := getToken(t.Context(), gamelift.New(options))
				var gaveUp *apierrors.MaxAttemptsError
				require.ErrorAs(t, err, &gaveUp)
				require.Equal(t, 5, gaveUp.Attempt)
				require.Len(t, server.Requests(), 5)
				require.Equal(t, 5, server.Requests()[4].MaxAttempts)
			})
		})
	}
}

// If the retryer has no token for another attempt, the call ends with the error of the service and that of the
// retryer, as with the SDK.
func TestRetryersWithoutQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
		options := server.ClientOptions()
		options.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RetryCost = 10, 5
			o.RateLimiter = ratelimit.NewTokenRateLimit(12) // enough for two retries
		})
		_, err := getToken(t.Context(), gamelift.New(options))
		var internal *apierrors.InternalServiceException
		require.ErrorAs(t, err, &internal)
		var quota ratelimit.QuotaExceededError
		require.ErrorAs(t, err, &quota)
		require.ErrorContains(t, err, "quota")
		var gaveUp *apierrors.MaxAttemptsError
		require.NotErrorAs(t, err, &gaveUp)
		require.Len(t, server.Requests(), 3)
	})
}

// recorder is a Retryer that keeps what it is asked.
type recorder struct {
	aws.RetryerV2
	asked []string
}

func (r *recorder) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.asked = append(r.asked, "attempt token")
	release, err := r.RetryerV2.GetAttemptToken(ctx)
	return r.released("attempt token", release), err
}

func (r *recorder) GetInitialToken() func(error) error {
	r.asked = append(r.asked, "initial token")
	return func(error) error { return nil }
}

func (r *recorder) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	r.asked = append(r.asked, "retry token")
	release, err := r.RetryerV2.GetRetryToken(ctx, err)
	return r.released("retry token", release), err
}

func (r *recorder) RetryDelay(attempt int, err error) (time.Duration, error) {
	r.asked = append(r.asked, "delay "+string(rune('0'+attempt)))
	return r.RetryerV2.RetryDelay(attempt, err)
}

// released notes with what outcome a token is given back.
func (r *recorder) released(token string, release func(error) error) func(error) error {
	return func(err error) error {
		outcome := " back: success"
		if err != nil {
			outcome = " back: failure"
		}
		r.asked = append(r.asked, token+outcome)
		return release(err)
	}
}

func TestAdaptiveIsAskedBeforeEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Count: 2})
		options := server.ClientOptions()
		asked := &recorder{RetryerV2: retryers["adaptive"]()}
		options.Retryer = asked
		_, err := getToken(t.Context(), gamelift.New(options))
		require.NoError(t, err)
		want := []string{
			"attempt token", "attempt token back: failure", "retry token", "delay 1",
			"attempt token", "retry token back: failure", "attempt token back: failure", "retry token", "delay 2",
			"attempt token", "retry token back: success", "attempt token back: success",
		}
		if diff := cmp.Diff(want, asked.asked); diff != "" {
			t.Errorf("the retryer is asked (-want +got):\n%s", diff)
		}
	})
}

func TestAdaptiveSlowsDownAfterThrottling(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault gamelifttest.Fault
		want  time.Duration // of the call behind the one that had the fault
	}{
		{"unavailable", gamelifttest.Fault{Status: http.StatusServiceUnavailable}, 0},
		{"throttled", gamelifttest.Fault{Code: "ThrottlingException"}, 2 * time.Second}, // adaptive's lowest rate is one in that time
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := gamelifttest.NewUnstartedServer()
				server.Inject(test.fault)
				options := server.ClientOptions()
				options.Retryer = retry.NewAdaptiveMode()
				options.RetryMaxAttempts = 1
				client := gamelift.New(options)
				_, err := getToken(t.Context(), client)
				require.Error(t, err)
				start := time.Now()
				_, err = getToken(t.Context(), client)
				require.NoError(t, err)
				require.Equal(t, test.want, time.Since(start)) // in fake time, in which only the retryer waits
			})
		})
	}
}

// TestAdaptiveWaitEndsWithTheContext ends a call that waits for an attempt token.
func TestAdaptiveWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException"})
		options := server.ClientOptions()
		options.Retryer = retry.NewAdaptiveMode()
		options.RetryMaxAttempts = 1
		client := gamelift.New(options)
		_, err := getToken(t.Context(), client)
		require.True(t, apierrors.IsThrottling(err))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = getToken(ctx, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var canceled *smithy.CanceledError
		require.ErrorAs(t, err, &canceled)
		require.Len(t, server.Requests(), 1)
	})
}

func TestAdaptiveWithoutTokenFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException"})
		options := server.ClientOptions()
		options.Retryer = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.FailOnNoAttemptTokens = true
		})
		options.RetryMaxAttempts = 1
		client := gamelift.New(options)
		_, err := getToken(t.Context(), client)
		require.True(t, apierrors.IsThrottling(err))
		_, err = getToken(t.Context(), client)
		require.ErrorContains(t, err, "attempt token")
		require.Len(t, server.Requests(), 1)
	})
}

// The SDK's retryers count attempts from 1, or from 0 if AWS_NEW_RETRIES_2026 is set. They are asked with the same
// numbers by our client as by the SDK's. It is not parallel, because it sets the environment.
func TestRetryersAreAskedWithTheSDKsNumbers(t *testing.T) {
	for _, mode := range []string{"", "false", "true"} {
		for name := range retryers {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Setenv("AWS_NEW_RETRIES_2026", mode)
				synctest.Test(t, func(t *testing.T) {
					delays := func(call func(*gamelifttest.Server, aws.RetryerV2) error) (asked []string) {
						server := gamelifttest.NewUnstartedServer()
						server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: 2})
						r := &recorder{RetryerV2: retryers[name]()}
						require.NoError(t, call(server, r))
						for _, question := range r.asked {
							if strings.HasPrefix(question, "delay") {
								asked = append(asked, question)
							}
						}
						return asked
					}
					theirs := delays(func(server *gamelifttest.Server, r aws.RetryerV2) error {
						options := sdkOptions(server)
						options.Retryer = r
						_, err := sdk.New(options).RequestUploadCredentials(t.Context(), &sdk.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
						return err
					})
					ours := delays(func(server *gamelifttest.Server, r aws.RetryerV2) error {
						options := server.ClientOptions()
						options.Retryer = r
						_, err := gamelift.New(options).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
						return err
					})
					require.Len(t, theirs, 2)
					if diff := cmp.Diff(theirs, ours); diff != "" {
						t.Errorf("delays (-SDK +ours):\n%s", diff)
					}
				})
			})
		}
	}
}

// X-Amz-Retry-After counts with the SDK's retryers in all their modes. The SDK applies it outside of them.
func TestRetryersHonorRetryAfter(t *testing.T) {
	for _, mode := range []string{"", "true"} {
		for name := range retryers {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Setenv("AWS_NEW_RETRIES_2026", mode)
				synctest.Test(t, func(t *testing.T) {
					server := gamelifttest.NewUnstartedServer()
					server.Inject(gamelifttest.Fault{Status: 503, RetryAfter: 3 * time.Second})
					options := server.ClientOptions()
					options.Retryer = retryers[name]() // which waits a second
					start := time.Now()
					_, err := getToken(t.Context(), gamelift.New(options))
					require.NoError(t, err)
					require.Equal(t, 3*time.Second, time.Since(start))
				})
			})
		}
	}
}
