package gamelift_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
	"github.com/gamelift-compute/gamelift/types"
)

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
		{"modelled, in the body", 400, "", `{"__type":"com.amazonaws.gamelift#NotFoundException","message":"no"}`, &types.NotFoundException{Message: new("no")}},
		{"modelled, bare, capital message", 400, "", `{"__type":"InvalidRequestException","Message":"bad"}`, &types.InvalidRequestException{Message: new("bad")}},
		{"modelled, in the header", 400, "UnauthorizedException:http://internal.amazon.com/", `{"__type":"NotFoundException"}`, &types.UnauthorizedException{Message: new("")}},
		{"modelled, other case", 400, "", `{"code":"unsupportedREGIONexception"}`, &types.UnsupportedRegionException{Message: new("")}},
		{"__type before code", 500, "", `{"code":"NotFoundException","__type":"InternalServiceException"}`, &types.InternalServiceException{Message: new("")}},
		{"code that is no string", 400, "", `{"code":17,"__type":"NotFoundException"}`, &types.NotFoundException{Message: new("")}},
		{"header with nothing but a cut", 400, ":x", `{"__type":"NotFoundException"}`, &types.NotFoundException{Message: new("")}},
		{"generic, client", 403, "", `{"__type":"AccessDeniedException","Message":"not you"}`, generic("AccessDeniedException", "not you", smithy.FaultClient)},
		{"generic, throttling", 400, "", `{"__type":"ThrottlingException","message":"Rate exceeded"}`, generic("ThrottlingException", "Rate exceeded", smithy.FaultClient)},
		{"generic, expired", 403, "", `{"__type":"ExpiredTokenException"}`, generic("ExpiredTokenException", "", smithy.FaultClient)},
		{"generic, unrecognized", 400, "", `{"__type":"UnrecognizedClientException"}`, generic("UnrecognizedClientException", "", smithy.FaultClient)},
		{"generic, server", 503, "", `{"__type":"ServiceUnavailable"}`, generic("ServiceUnavailable", "", smithy.FaultServer)},
		{"HTML", 502, "", `<html><body>Bad Gateway</body></html>`, generic("UnknownError", "", smithy.FaultServer)},
		{"HTML with a code in the header", 400, "NotFoundException", `<html>`, &types.NotFoundException{Message: new("")}},
		{"empty", 500, "", ``, generic("UnknownError", "", smithy.FaultServer)},
		{"not an object", 400, "", `["NotFoundException"]`, generic("UnknownError", "", smithy.FaultClient)},
		{"truncated", 400, "", `{"__type":"NotFoundException","mess`, generic("UnknownError", "", smithy.FaultClient)},
		{"message that is no string", 400, "", `{"__type":"NotFoundException","message":{"a":1}}`, &types.NotFoundException{Message: new("")}},
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
				_, _, err := op.Call(t, gamelift.New(options, oneAttempt))

				var operation *smithy.OperationError
				require.ErrorAs(t, err, &operation)
				require.Equal(t, "GameLift", operation.Service())
				require.Equal(t, op.Name, operation.Operation())
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
				for _, part := range []string{op.Name, "request-1", apiErr.ErrorCode(), apiErr.ErrorMessage()} {
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
	_, err := gamelift.New(options).GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{ComputeName: new("c"), FleetId: new("f")})
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

func TestNilContext(t *testing.T) {
	t.Parallel()
	//lint:ignore SA1012 what happens to a nil context is what is tested
	_, err := gamelift.New(gamelift.Options{}).GetComputeAuthToken(nil, authTokenInput())
	require.ErrorContains(t, err, "context is nil")
}

func TestBodyOfAnErrorsResponse(t *testing.T) {
	t.Parallel()
	idle := at("AfterExecution", func(*smithyhttp.InterceptorContext) error { return nil })
	replacing := at("BeforeDeserialization", func(in *smithyhttp.InterceptorContext) error {
		in.Response.Body = io.NopCloser(strings.NewReader(`{"AuthToken":["canary-auth-token"]}`))
		return nil
	})
	for name, optFns := range map[string][]func(*gamelift.Options){"plain": nil, "interceptor": {idle}, "interceptor that replaces it": {replacing}} {
		for _, code := range []int{200, 400} {
			t.Run(fmt.Sprint(name, " ", code), func(t *testing.T) {
				t.Parallel()
				options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(code)
					_, _ = io.WriteString(w, `{"AuthToken":["canary-auth-token"]}`)
				})
				_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), optFns...)
				var re *apierrors.ResponseError
				require.ErrorAs(t, err, &re)
				rest, err := io.ReadAll(re.Response.Body)
				require.NoError(t, err, "read and closed, and still safe to read")
				require.Empty(t, rest)
			})
		}
	}
}

func TestClientThatIsNil(t *testing.T) {
	t.Parallel()
	for _, client := range []*gamelift.Client{nil, {}} {
		for _, op := range operations {
			_, _, err := op.Call(t, client)
			var operation *smithy.OperationError
			require.ErrorAs(t, err, &operation)
			require.Equal(t, op.Name, operation.OperationName)
			require.ErrorContains(t, err, "New")
		}
		require.NotPanics(t, func() { _ = fmt.Sprint(client, client.Options()) })
	}
}

// However long a part of an error is, its text, what is logged and what spans
// have is short, valid UTF-8, and says that it is cut. ErrorMessage is complete.
func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	const limit = 5 << 10
	long := strings.Repeat("é", 256<<10)
	tests := []struct {
		name    string
		answer  clienttest.Answer
		options func(*gamelift.Options)
	}{
		{"message", status(400, `{"__type":"NotFoundException","message":"`+long+`"}`), nil},
		{"message of a code that is not modeled", status(400, `{"__type":"AccessDeniedException","message":"`+long+`"}`), nil},
		{"code", status(400, `{"__type":"`+long+`"}`), nil},
		{"code of the header", status(400, "", "X-Amzn-Errortype", long), nil},
		{"request ID", status(400, `{"__type":"NotFoundException"}`, "X-Amzn-Requestid", long), nil},
		{"HTTP client", fails(errors.New(long)), nil},
		{"provider", status(200, okBody), func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				return gamelift.Credentials{}, errors.New(long)
			})
		}},
		{"cached provider", status(200, okBody), func(o *gamelift.Options) {
			o.Credentials = gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				return gamelift.Credentials{}, errors.New(long)
			}))
		}},
	}
	for _, tt := range tests {
		for _, attempts := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d attempts", tt.name, attempts), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					spans := &clienttest.Spans{}
					_, err := gamelift.New(answers(tt.answer).Options(), func(o *gamelift.Options) {
						o.RetryMaxAttempts, o.TracerProvider = attempts, spans
						o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
						if tt.options != nil {
							tt.options(o)
						}
					}).GetComputeAuthToken(t.Context(), authTokenInput())
					require.Error(t, err)
					check := func(text string) {
						t.Helper()
						if len(text) > limit || !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
							t.Errorf("%d bytes, valid %t: %.100s", len(text), utf8.ValidString(text), text)
						}
					}
					check(err.Error())
					require.Contains(t, err.Error(), "more bytes)")
					for line := range strings.Lines(log.String()) {
						check(line)
					}
					for _, span := range spans.All {
						for name, value := range span.Properties {
							if text, ok := value.(string); ok {
								check(text)
							} else {
								require.NotContains(t, fmt.Sprint(value), long, name)
							}
						}
					}
					var apiErr smithy.APIError
					if errors.As(err, &apiErr) && strings.HasPrefix(tt.name, "message") {
						require.Equal(t, long, apiErr.ErrorMessage())
					}
				})
			})
		}
	}
}

// IsCredentials is true if the keys are to blame, whether the client finds out or
// the service, and only then.
func TestIsCredentials_OfCalls(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"} {
		t.Setenv(name, "")
	}
	provider := func(keys gamelift.Credentials, err error) gamelift.CredentialsProvider {
		return gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) { return keys, err })
	}
	expired := gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(-time.Hour)}
	refused := func(code string) func(*gamelift.Options, *gamelifttest.Server) {
		return func(_ *gamelift.Options, stub *gamelifttest.Server) {
			stub.Inject(gamelifttest.Fault{Code: code, Status: 400, Count: -1})
		}
	}
	for _, tt := range []struct {
		name  string
		spoil func(*gamelift.Options, *gamelifttest.Server)
		want  bool
	}{
		{"no provider", func(o *gamelift.Options, _ *gamelifttest.Server) { o.Credentials = nil }, true},
		{"no keys in the environment", func(o *gamelift.Options, _ *gamelifttest.Server) { o.Credentials = gamelift.EnvironmentCredentials() }, true},
		{"empty keys", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.StaticCredentials("", "", "")
		}, true},
		{"malformed keys", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.StaticCredentials("a\n", "s", "")
		}, true},
		{"provider without keys", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = provider(gamelift.Credentials{}, nil)
		}, true},
		{"provider that fails", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = provider(gamelift.Credentials{}, errors.New("no such profile"))
		}, true},
		{"cached provider that fails", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.CacheCredentials(provider(gamelift.Credentials{}, errors.New("no such profile")))
		}, true},
		{"provider without a network", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = provider(gamelift.Credentials{}, &net.OpError{Op: "dial", Err: errors.New("refused")})
		}, false},
		{"cached keys that have expired", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.CacheCredentials(provider(expired, nil))
		}, true},
		{"unknown keys", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.StaticCredentials("unknown", gamelifttest.SecretAccessKey, "")
		}, true},
		{"wrong secret key", func(o *gamelift.Options, _ *gamelifttest.Server) {
			o.Credentials = gamelift.StaticCredentials(gamelifttest.AccessKeyID, "wrong", "")
		}, true},
		{"expired", refused("ExpiredTokenException"), true},
		{"unrecognized", refused("UnrecognizedClientException"), true},
		{"not allowed", refused("AccessDeniedException"), false},
		{"unauthorized", refused("UnauthorizedException"), false},
		{"not found", refused("NotFoundException"), false},
		{"throttled", refused("ThrottlingException"), false},
		{"wrong region", func(o *gamelift.Options, _ *gamelifttest.Server) { o.Region = "" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stub := gamelifttest.NewUnstartedServer()
				options := stub.ClientOptions()
				tt.spoil(&options, stub)
				_, err := gamelift.New(options).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: new(gamelifttest.BuildID)})
				require.Error(t, err)
				require.Equal(t, tt.want, apierrors.IsCredentials(err), "%v", err)
			})
		})
	}
}
