package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

func oneAttempt(o *gamelift.Options) { o.RetryMaxAttempts = 1 }

func TestServiceErrors(t *testing.T) {
	t.Parallel()
	generic := func(code, message string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Message: message, Fault: fault}
	}
	tests := []struct {
		name   string
		status int
		header string // X-Amzn-Errortype
		body   string
		want   error
	}{
		{"modelled, in the body", 400, "", `{"__type":"com.amazonaws.gamelift#NotFoundException","message":"no"}`, &types.NotFoundException{Message: ptr("no")}},
		{"modelled, bare, capital message", 400, "", `{"__type":"InvalidRequestException","Message":"bad"}`, &types.InvalidRequestException{Message: ptr("bad")}},
		{"modelled, in the header", 400, "UnauthorizedException:http://internal.amazon.com/", `{"__type":"NotFoundException"}`, &types.UnauthorizedException{Message: ptr("")}},
		{"modelled, other case", 400, "", `{"code":"unsupportedREGIONexception"}`, &types.UnsupportedRegionException{Message: ptr("")}},
		{"code ahead of __type", 500, "", `{"__type":"NotFoundException","code":"InternalServiceException"}`, &types.InternalServiceException{Message: ptr("")}},
		{"code that is no string", 400, "", `{"code":17,"__type":"NotFoundException"}`, &types.NotFoundException{Message: ptr("")}},
		{"header with nothing but a cut", 400, ":x", `{"__type":"NotFoundException"}`, &types.NotFoundException{Message: ptr("")}},
		{"generic, client", 403, "", `{"__type":"AccessDeniedException","Message":"not you"}`, generic("AccessDeniedException", "not you", smithy.FaultClient)},
		{"generic, throttling", 400, "", `{"__type":"ThrottlingException","message":"Rate exceeded"}`, generic("ThrottlingException", "Rate exceeded", smithy.FaultClient)},
		{"generic, expired", 403, "", `{"__type":"ExpiredTokenException"}`, generic("ExpiredTokenException", "", smithy.FaultClient)},
		{"generic, unrecognized", 400, "", `{"__type":"UnrecognizedClientException"}`, generic("UnrecognizedClientException", "", smithy.FaultClient)},
		{"generic, server", 503, "", `{"__type":"ServiceUnavailable"}`, generic("ServiceUnavailable", "", smithy.FaultServer)},
		{"HTML", 502, "", `<html><body>Bad Gateway</body></html>`, generic("UnknownError", "", smithy.FaultServer)},
		{"HTML with a code in the header", 400, "NotFoundException", `<html>`, &types.NotFoundException{Message: ptr("")}},
		{"empty", 500, "", ``, generic("UnknownError", "", smithy.FaultServer)},
		{"not an object", 400, "", `["NotFoundException"]`, generic("UnknownError", "", smithy.FaultClient)},
		{"truncated", 400, "", `{"__type":"NotFoundException","mess`, generic("UnknownError", "", smithy.FaultClient)},
		{"message that is no string", 400, "", `{"__type":"NotFoundException","message":{"a":1}}`, &types.NotFoundException{Message: ptr("")}},
		{"3xx", 307, "", ``, generic("UnknownError", "", smithy.FaultUnknown)},
		{"3xx of no redirect", 304, "", ``, generic("UnknownError", "", smithy.FaultUnknown)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, op := range operations {
				options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Amzn-Requestid", "request-1")
					if tt.header != "" {
						w.Header().Set("X-Amzn-Errortype", tt.header)
					}
					w.Header().Set("Location", "http://127.0.0.1:1/")
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.body)
				})
				_, _, err := op.call(t, gamelift.New(options, oneAttempt))

				var operation *smithy.OperationError
				require.ErrorAs(t, err, &operation)
				require.Equal(t, "GameLift", operation.Service())
				require.Equal(t, op.name, operation.Operation())
				var response *apierrors.ResponseError
				require.ErrorAs(t, err, &response)
				require.Equal(t, tt.status, response.HTTPStatusCode())
				require.Equal(t, "request-1", response.ServiceRequestID())
				var httpResponse *smithyhttp.ResponseError
				require.ErrorAs(t, err, &httpResponse)
				require.Equal(t, tt.status, httpResponse.HTTPStatusCode())
				diff(t, tt.want, response.Err)
				var apiErr smithy.APIError
				require.ErrorAs(t, err, &apiErr)
				for _, part := range []string{op.name, "request-1", apiErr.ErrorCode(), apiErr.ErrorMessage()} {
					require.Contains(t, err.Error(), part)
				}
			}
		})
	}
}

func TestTypedExceptionsAreFoundByType(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"__type":"NotFoundException","message":"no such fleet"}`)
	})
	_, err := gamelift.New(options).GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{ComputeName: ptr("c"), FleetId: ptr("f")})
	var notFound *types.NotFoundException
	require.ErrorAs(t, err, &notFound)
	require.Equal(t, "no such fleet", notFound.ErrorMessage())
	require.Equal(t, "NotFoundException", notFound.ErrorCode())
	require.Equal(t, smithy.FaultClient, notFound.ErrorFault())
	var unauthorized *types.UnauthorizedException
	require.False(t, errors.As(err, &unauthorized))
	require.EqualError(t, err, "operation error GameLift: GetComputeAccess, HTTP status 400, request ID none, NotFoundException: no such fleet")
}

func TestNoResponse(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused by test")
	options := answering(func(*http.Request) (*http.Response, error) { return nil, refused })
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	var send *smithyhttp.RequestSendError
	require.ErrorAs(t, err, &send)
	require.ErrorIs(t, err, refused)
	var exhausted *apierrors.MaxAttemptsError
	require.ErrorAs(t, err, &exhausted)
	require.Equal(t, 1, exhausted.Attempt)
	var response *apierrors.ResponseError
	require.False(t, errors.As(err, &response))
}

func TestHTTPClientThatReturnsNothing(t *testing.T) {
	t.Parallel()
	options := answering(func(*http.Request) (*http.Response, error) { return nil, nil })
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorContains(t, err, "neither a response nor an error")

	options = answering(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 204}, nil })
	out, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	diff(t, &gamelift.GetComputeAuthTokenOutput{}, out, ignoreMetadata)
}

// A signature is good for one host: neither it nor the session token may travel
// to another, also with an HTTP client that follows redirects by itself.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := 0
		target := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
		options := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, *target.BaseEndpoint, status)
		})
		for _, client := range []gamelift.HTTPClient{nil, http.DefaultClient, options.HTTPClient} {
			options.HTTPClient = client
			_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
			var response *apierrors.ResponseError
			require.ErrorAs(t, err, &response)
			require.Equal(t, status, response.HTTPStatusCode())
		}
		require.Zero(t, elsewhere)
	}
}

func TestInvalidInputs(t *testing.T) {
	t.Parallel()
	requests := 0
	client := gamelift.New(serve(t, func(http.ResponseWriter, *http.Request) { requests++ }))
	tests := []struct {
		name string
		call func() error
		want []string
	}{
		{"auth token, nil", func() error { _, err := client.GetComputeAuthToken(t.Context(), nil); return err },
			[]string{"GetComputeAuthTokenInput.ComputeName", "GetComputeAuthTokenInput.FleetId"}},
		{"auth token, empty member", func() error {
			_, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{ComputeName: ptr("c"), FleetId: ptr("")})
			return err
		}, []string{"GetComputeAuthTokenInput.FleetId"}},
		{"access, nil", func() error { _, err := client.GetComputeAccess(t.Context(), nil); return err },
			[]string{"GetComputeAccessInput.ComputeName", "GetComputeAccessInput.FleetId"}},
		{"access, absent member", func() error {
			_, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{FleetId: ptr("f")})
			return err
		}, []string{"GetComputeAccessInput.ComputeName"}},
		{"upload, nil", func() error { _, err := client.RequestUploadCredentials(t.Context(), nil); return err },
			[]string{"RequestUploadCredentialsInput.BuildId"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var invalid smithy.InvalidParamsError
			require.ErrorAs(t, tt.call(), &invalid)
			var got []string
			for _, err := range invalid.Errs() {
				var param smithy.InvalidParamError
				require.ErrorAs(t, err, &param)
				got = append(got, param.Field())
			}
			diff(t, tt.want, got)
		})
	}
	require.Zero(t, requests)

	// Lengths and patterns are the service's business.
	_, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr("not a build \x00")})
	require.NoError(t, err)
	require.Equal(t, 1, requests)
}

// Whatever is wrong with the options is an error of the call that names the
// option, before anything is sent.
func TestInvalidOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*gamelift.Options)
		want   string
	}{
		{"no region", func(o *gamelift.Options) { o.Region = "" }, "Region"},
		{"region that is no host label", func(o *gamelift.Options) { o.Region = "us-west-2.evil.example" }, "Region"},
		{"upper case region", func(o *gamelift.Options) { o.Region = "US-WEST-2" }, "Region"},
		{"no credentials", func(o *gamelift.Options) { o.Credentials = nil }, "Credentials"},
		{"empty keys", func(o *gamelift.Options) { o.Credentials = gamelift.StaticCredentials("", "", "") }, "AccessKeyID"},
		{"no secret key", func(o *gamelift.Options) { o.Credentials = gamelift.StaticCredentials("a", "", "") }, "SecretAccessKey"},
		{"line break in a token", func(o *gamelift.Options) { o.Credentials = gamelift.StaticCredentials("a", "b", "c\n") }, "SessionToken"},
		{"base endpoint of another scheme", func(o *gamelift.Options) { o.BaseEndpoint = ptr("ftp://host") }, "BaseEndpoint"},
		{"base endpoint without host", func(o *gamelift.Options) { o.BaseEndpoint = ptr("http://") }, "BaseEndpoint"},
		{"base endpoint with user info", func(o *gamelift.Options) { o.BaseEndpoint = ptr("http://u:" + testSecretKey + "@host") }, "BaseEndpoint"},
		{"base endpoint with query", func(o *gamelift.Options) { o.BaseEndpoint = ptr("http://host?a=b") }, "BaseEndpoint"},
		{"base endpoint with fragment", func(o *gamelift.Options) { o.BaseEndpoint = ptr("http://host#a") }, "BaseEndpoint"},
		{"empty base endpoint", func(o *gamelift.Options) { o.BaseEndpoint = ptr("") }, "BaseEndpoint"},
		{"FIPS beside a base endpoint", func(o *gamelift.Options) { o.UseFIPS = true }, "UseFIPS"},
		{"dual-stack beside a base endpoint", func(o *gamelift.Options) { o.UseDualStack = true }, "UseDualStack"},
		{"negative attempts", func(o *gamelift.Options) { o.RetryMaxAttempts = -1 }, "RetryMaxAttempts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			options := serve(t, func(http.ResponseWriter, *http.Request) { requests++ })
			for _, op := range operations {
				_, _, err := op.call(t, gamelift.New(options, tt.change))
				require.ErrorContains(t, err, tt.want)
				require.NotContains(t, err.Error(), testSecretKey)

				_, _, err = op.call(t, gamelift.New(options), tt.change)
				require.ErrorContains(t, err, tt.want, "as an option of the call")
			}
			require.Zero(t, requests)
			_, _, err := operations[0].call(t, gamelift.New(options, tt.change), func(o *gamelift.Options) {
				*o = options
			})
			require.NoError(t, err, "a call's own options mend the client's")
		})
	}
}

func TestNilContext(t *testing.T) {
	t.Parallel()
	//lint:ignore SA1012 what happens to a nil context is what is tested
	_, err := gamelift.New(gamelift.Options{}).GetComputeAuthToken(nil, authTokenInput())
	require.ErrorContains(t, err, "context is nil")
}

func TestNilOptionFunctionsAreSkipped(t *testing.T) {
	t.Parallel()
	options := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err := gamelift.New(options, nil).GetComputeAuthToken(t.Context(), authTokenInput(), nil)
	require.NoError(t, err)
}

func TestBodyOfAnErrorsResponse(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400); _, _ = io.WriteString(w, "{}") })
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	var re *apierrors.ResponseError
	require.ErrorAs(t, err, &re)
	rest, err := io.ReadAll(re.Response.Body)
	require.NoError(t, err, "read and closed, and still safe to read")
	require.Empty(t, rest)
}

func TestOptionsAreCopied(t *testing.T) {
	t.Parallel()
	var ran []string
	named := func(name string) hook {
		return func(point string, _ context.Context, _ *smithyhttp.InterceptorContext) error {
			ran = append(ran, name)
			return nil
		}
	}
	options := answers(status(200, okBody)).options()
	options.Interceptors.AddBeforeExecution(named("own"))
	client := gamelift.New(options)
	options.Interceptors.BeforeExecution[0] = named("caller's")
	client.Options().Interceptors.BeforeExecution[0] = named("copy's")
	for range 2 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.Interceptors.BeforeExecution[0] = named("call's") })
		require.NoError(t, err)
	}
	_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.Equal(t, []string{"call's", "call's", "own"}, ran)
}

func TestBaseEndpointIsCopied(t *testing.T) {
	t.Parallel()
	var hosts []string
	options := answering(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Host)
		return response(200, okBody), nil
	})
	options.BaseEndpoint = ptr("http://one.example")
	client := gamelift.New(options)
	*options.BaseEndpoint = "http://two.example"
	*client.Options().BaseEndpoint = "http://two.example"
	for _, optFns := range [][]func(*gamelift.Options){nil, {func(*gamelift.Options) {}}} {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), optFns...)
		require.NoError(t, err)
	}
	diff(t, []string{"one.example", "one.example"}, hosts)
	require.Contains(t, fmt.Sprint(gamelift.Options{BaseEndpoint: ptr("http://one.example")}), "http://one.example", "also without a region")
}

func TestNilValuesInOptions(t *testing.T) {
	t.Parallel()
	var none *http.Client
	options := serve(t, func(http.ResponseWriter, *http.Request) {})
	options.HTTPClient = none
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	_, err := call(t, client)
	require.NoError(t, err)

	s := answers(status(200, okBody))
	_, err = call(t, gamelift.New(s.options(), func(o *gamelift.Options) { o.Interceptors.AddAfterTransmit(nil) }))
	require.ErrorContains(t, err, "nil interceptor")
	require.Empty(t, s.at)

	_, err = new(gamelift.Client).GetComputeAuthToken(t.Context(), authTokenInput())
	require.Error(t, err)
}
