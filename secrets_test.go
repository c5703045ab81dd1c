package gamelift_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

func TestRequestOfAnErrorsResponse(t *testing.T) {
	t.Parallel()
	for _, session := range []string{"", testSessionToken} {
		options := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) })
		options.Credentials = gamelift.StaticCredentials("a", "s", session)
		var sent http.Header
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at("AfterAttempt", func(in *smithyhttp.InterceptorContext) error { sent = in.Request.Header; return nil }))
		var re *apierrors.ResponseError
		require.ErrorAs(t, err, &re)
		shown := re.Response.Request.Header
		require.Equal(t, []string{"REDACTED"}, shown["Authorization"])
		if session == "" {
			require.NotContains(t, shown, "X-Amz-Security-Token")
		}
		require.Contains(t, sent.Get("Authorization"), "AWS4-HMAC-SHA256", "an interceptor sees what was sent")
		require.Equal(t, session, sent.Get("X-Amz-Security-Token"))
	}
}

// The headers of the response in an error repeat no secret.
func TestHeadersOfAnErrorsResponse(t *testing.T) {
	t.Parallel()
	for _, code := range []int{302, 400, 500} {
		_, err := gamelift.New(answers(status(code, "", "X-Echo", "token="+testSessionToken, "X-Echo", testSecretKey, "X-Plain", "plain")).Options(), oneAttempt).
			GetComputeAuthToken(t.Context(), authTokenInput())
		var own *apierrors.ResponseError
		require.ErrorAs(t, err, &own)
		var smithys *smithyhttp.ResponseError
		require.ErrorAs(t, err, &smithys)
		for _, header := range []http.Header{own.Response.Header, smithys.Response.Header} {
			requireNoSecret(t, fmt.Sprint(header))
			require.Equal(t, "token=REDACTED", header.Get("X-Echo"))
			require.Equal(t, "plain", header.Get("X-Plain"))
		}
	}
}

// A peer can repeat a secret in every part of a response.
func TestSecretsInStatusAndTrailer(t *testing.T) {
	t.Parallel()
	_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) {
		resp := response(500, "")
		resp.Status = "500 " + testSessionToken
		resp.Trailer = http.Header{"X-Echo": {testSessionToken}}
		return resp, nil
	}), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	var re *apierrors.ResponseError
	require.ErrorAs(t, err, &re)
	requireNoSecret(t, fmt.Sprint(re.Response.Status, re.Response.Trailer))
}

// Secrets of fewer than 16 bytes, as test suites use them, could be
// ordinary text. They change no code, and so neither types nor retries.
func TestShortSecretsDoNotChangeErrors(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"x", "a/b/c", "Exception", "secret", "ThrottlingExce", "-"} {
		keys := func(o *gamelift.Options) { o.Credentials = gamelift.StaticCredentials("a", secret, secret) }

		_, err := gamelift.New(answers(status(400, `{"__type":"NotFoundException","message":"no such Exception"}`, "X-Amzn-Requestid", "x-secret-1")).Options(), keys).
			GetComputeAuthToken(t.Context(), authTokenInput())
		var notFound *types.NotFoundException
		require.ErrorAs(t, err, &notFound)
		require.Equal(t, "no such Exception", notFound.ErrorMessage())
		var response *apierrors.ResponseError
		require.ErrorAs(t, err, &response)
		require.Equal(t, "x-secret-1", response.RequestID)

		synctest.Test(t, func(t *testing.T) {
			s := answers(status(400, `{"__type":"ThrottlingException"}`))
			_, err := gamelift.New(s.Options(), keys).GetComputeAuthToken(t.Context(), authTokenInput())
			require.True(t, apierrors.IsThrottling(err))
			require.Len(t, s.At, 3)
		})
	}
}

// The code of an error is classified before its texts are redacted, also if a
// secret is a part of the code.
func TestCodesAreNotRedacted(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"NotFoundException":             "NotFoundException",
		"ThrottlingException":           "ThrottlingException",
		"ExpiredTokenException":         "ExpiredTokenException",
		"RequestTimeoutException":       "RequestTimeoutException",
		"AccessDeniedException":         "AccessDeniedException",
		"prefix-" + testSecretKey:       "UnknownError", // only a peer that repeats the secret sends such a code
		testSessionToken:                "UnknownError",
		"NoCodeOfAnyTable":              "NoCodeOfAnyTable",
		"com.amazonaws#NotYetInAnyList": "NotYetInAnyList",
	} {
		for _, secret := range []string{testSecretKey, "FoundExceptionnn", "NotFoundException", "ThrottlingException", "AccessDeniedException", "ExpiredTokenException"} {
			synctest.Test(t, func(t *testing.T) {
				_, err := gamelift.New(answers(status(400, `{"__type":"`+code+`"}`)).Options(), func(o *gamelift.Options) {
					o.Credentials = gamelift.StaticCredentials("a", secret, testSessionToken)
				}).GetComputeAuthToken(t.Context(), authTokenInput())
				var apiErr smithy.APIError
				require.ErrorAs(t, err, &apiErr)
				if secret == testSecretKey || want != "UnknownError" {
					require.Equal(t, want, apiErr.ErrorCode())
				}
			})
		}
	}
}

// An error of an HTTPClient keeps its chain if its text is cut.
func TestLongErrors(t *testing.T) {
	t.Parallel()
	s := answers(fails(fmt.Errorf("%s: %w", strings.Repeat("x", 1<<20), io.ErrUnexpectedEOF)))
	_, err := gamelift.New(s.Options(), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Less(t, len(err.Error()), 5<<10)
	require.ErrorContains(t, err, "more bytes)")
}
