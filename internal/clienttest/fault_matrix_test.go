package clienttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// outcome is the result of a call. chain has the types of its error's layers,
// outermost first. It is "" if there is no error.
type outcome struct {
	chain    string
	requests int
}

// The chains of the calls that faults make fail.
const (
	noResponse  = "OperationError MaxAttemptsError RequestSendError"
	brokenBody  = "OperationError MaxAttemptsError ResponseError RequestSendError"
	malformed   = "OperationError ResponseError DeserializationError"
	modelled    = "OperationError ResponseError "
	exhausted   = "OperationError MaxAttemptsError ResponseError "
	unmodelled  = "OperationError ResponseError GenericAPIError"
	unavailable = "OperationError MaxAttemptsError ResponseError GenericAPIError"
	canceled    = "OperationError CanceledError"
)

// faults has a row for everything that can happen to a call. once is the outcome
// if the first response has the fault, and always if all of them have it. Rows
// with network use a real connection, the others a fake clock.
var faults = []struct {
	name       string
	fault      gamelifttest.Fault
	network    bool
	noDeadline bool // of the call
	once       outcome
	always     outcome
	server     func(*gamelifttest.Options)
	client     func(*gamelift.Options)
}{

	{name: "connection refused", network: true, client: func(o *gamelift.Options) { o.BaseEndpoint = new("http://127.0.0.1:1") },
		once: outcome{noResponse, 0}, always: outcome{noResponse, 0}},
	{name: "no TLS", network: true, client: func(o *gamelift.Options) {
		o.BaseEndpoint = new("https" + strings.TrimPrefix(*o.BaseEndpoint, "http"))
	}, once: outcome{noResponse, 0}, always: outcome{noResponse, 0}},
	{name: "connection reset before the answer", fault: gamelifttest.Fault{Break: gamelifttest.Reset}, network: true,
		once: outcome{"", 2}, always: outcome{noResponse, 3}},
	{name: "connection reset in the body", fault: gamelifttest.Fault{Break: gamelifttest.ResetBody}, network: true,
		once: outcome{"", 2}, always: outcome{brokenBody, 3}},
	{name: "connection closed in the body", fault: gamelifttest.Fault{Break: gamelifttest.Truncated}, network: true,
		once: outcome{"", 2}, always: outcome{brokenBody, 3}},
	{name: "connection reset in the body of an error", fault: gamelifttest.Fault{Code: "NotFoundException", Break: gamelifttest.ResetBody}, network: true,
		once: outcome{"", 2}, always: outcome{unavailable + " RequestSendError", 3}},
	{name: "Content-Length too large", fault: gamelifttest.Fault{Header: http.Header{"Content-Length": {"100000"}}}, network: true,
		once: outcome{"", 2}, always: outcome{brokenBody, 3}},
	{name: "Content-Length too small", fault: gamelifttest.Fault{Header: http.Header{"Content-Length": {"10"}}}, network: true,
		once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "1 MiB of headers", fault: gamelifttest.Fault{Header: manyHeaders()}, network: true,
		once: outcome{"", 2}, always: outcome{noResponse, 3}},
	{name: "gzip", fault: gamelifttest.Fault{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: gzipped(OKBody)}, network: true,
		once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "gzip to an HTTPClient that does not know it", fault: gamelifttest.Fault{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: gzipped(OKBody)},
		once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "103", fault: gamelifttest.Fault{Status: 103}, network: true, once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "204", fault: gamelifttest.Fault{Status: 204}, network: true, once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "redirect", fault: gamelifttest.Fault{Status: 307, Header: http.Header{"Location": {"http://127.0.0.1:1/"}}}, network: true,
		once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "304", fault: gamelifttest.Fault{Status: 304, Break: gamelifttest.Empty}, network: true,
		once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},

	{name: "delay beyond AttemptTimeout", fault: gamelifttest.Fault{Delay: time.Hour}, client: attemptTimeout,
		once: outcome{"", 2}, always: outcome{noResponse, 3}},
	{name: "drip beyond AttemptTimeout", fault: gamelifttest.Fault{Drip: time.Second}, client: attemptTimeout,
		once: outcome{"", 2}, always: outcome{brokenBody, 3}},
	{name: "delay and drip within AttemptTimeout", fault: gamelifttest.Fault{Delay: time.Second, Drip: time.Millisecond}, client: attemptTimeout,
		once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "delay without a deadline", fault: gamelifttest.Fault{Delay: time.Hour}, noDeadline: true,
		once: outcome{"", 2}, always: outcome{noResponse, 3}},
	{name: "drip without a deadline", fault: gamelifttest.Fault{Drip: time.Second}, noDeadline: true,
		once: outcome{"", 2}, always: outcome{brokenBody, 3}},
	{name: "delay within 30 seconds, without a deadline", fault: gamelifttest.Fault{Delay: 29 * time.Second}, noDeadline: true,
		once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "no bound on an attempt", fault: gamelifttest.Fault{Delay: time.Hour}, noDeadline: true,
		client: func(o *gamelift.Options) { o.AttemptTimeout = -1 },
		once:   outcome{"", 1}, always: outcome{"", 1}},
	{name: "delay beyond the caller's deadline", fault: gamelifttest.Fault{Delay: time.Hour},
		once: outcome{canceled, 1}, always: outcome{canceled, 1}},
	{name: "drip beyond the caller's deadline", fault: gamelifttest.Fault{Drip: time.Minute},
		once: outcome{canceled, 1}, always: outcome{canceled, 1}},
	{name: "Retry-After beyond the caller's deadline", fault: gamelifttest.Fault{Status: 503, RetryAfter: time.Hour},
		client: func(o *gamelift.Options) { o.Retryer = patientRetryer{} },
		once:   outcome{canceled + " ResponseError GenericAPIError", 1}, always: outcome{canceled + " ResponseError GenericAPIError", 1}},

	{name: "HTML for an output", fault: gamelifttest.Fault{Status: 200, Break: gamelifttest.HTML}, once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "HTML for an error", fault: gamelifttest.Fault{Status: 403, Break: gamelifttest.HTML}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "HTML of a gateway", fault: gamelifttest.Fault{Status: 502, Break: gamelifttest.HTML}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "empty body", fault: gamelifttest.Fault{Break: gamelifttest.Empty}, once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "empty body of an error", fault: gamelifttest.Fault{Status: 400, Break: gamelifttest.Empty}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "oversized body", fault: gamelifttest.Fault{Break: gamelifttest.Oversized}, once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "oversized body of an error", fault: gamelifttest.Fault{Code: "NotFoundException", Break: gamelifttest.Oversized},
		once: outcome{modelled + "NotFoundException", 1}, always: outcome{modelled + "NotFoundException", 1}},
	{name: "byte order mark", fault: gamelifttest.Fault{Body: []byte("\ufeff{}")}, once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "truncated JSON", fault: gamelifttest.Fault{Body: []byte(`{"FleetId":"`)}, once: outcome{malformed, 1}, always: outcome{malformed, 1}},
	{name: "trailing garbage", fault: gamelifttest.Fault{Body: []byte(`{}{}`)}, once: outcome{malformed, 1}, always: outcome{malformed, 1}},

	{name: "429", fault: gamelifttest.Fault{Status: 429}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "500", fault: gamelifttest.Fault{Status: 500}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "501", fault: gamelifttest.Fault{Status: 501}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "502", fault: gamelifttest.Fault{Status: 502}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "503", fault: gamelifttest.Fault{Status: 503}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "504", fault: gamelifttest.Fault{Status: 504}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "503 with Retry-After", fault: gamelifttest.Fault{Status: 503, RetryAfter: 2 * time.Second}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "RequestTimeout", fault: gamelifttest.Fault{Status: 400, Code: "RequestTimeout"}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "ThrottlingException", fault: gamelifttest.Fault{Code: "ThrottlingException"}, once: outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "InternalServiceException", fault: gamelifttest.Fault{Code: "InternalServiceException"},
		once: outcome{"", 2}, always: outcome{exhausted + "InternalServiceException", 3}},
	{name: "InvalidRequestException", fault: gamelifttest.Fault{Code: "InvalidRequestException"},
		once: outcome{modelled + "InvalidRequestException", 1}, always: outcome{modelled + "InvalidRequestException", 1}},
	{name: "NotFoundException", fault: gamelifttest.Fault{Code: "NotFoundException"},
		once: outcome{modelled + "NotFoundException", 1}, always: outcome{modelled + "NotFoundException", 1}},
	{name: "UnauthorizedException", fault: gamelifttest.Fault{Code: "UnauthorizedException"},
		once: outcome{modelled + "UnauthorizedException", 1}, always: outcome{modelled + "UnauthorizedException", 1}},
	{name: "UnsupportedRegionException", fault: gamelifttest.Fault{Code: "UnsupportedRegionException"},
		once: outcome{modelled + "UnsupportedRegionException", 1}, always: outcome{modelled + "UnsupportedRegionException", 1}},
	{name: "AccessDeniedException", fault: gamelifttest.Fault{Code: "AccessDeniedException"}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},

	{name: "message of 100 KiB", fault: gamelifttest.Fault{Code: "NotFoundException", Message: strings.Repeat("é", 50<<10)},
		once: outcome{modelled + "NotFoundException", 1}, always: outcome{modelled + "NotFoundException", 1}},
	{name: "retry quota used up", fault: gamelifttest.Fault{Code: "InternalServiceException"},
		client: func(o *gamelift.Options) { o.Retryer = poorRetryer{gamelift.NewRetryer()} },
		once:   outcome{modelled + "InternalServiceException", 1}, always: outcome{modelled + "InternalServiceException", 1}},
	{name: "X-Amz-Retry-After with a Retryer of one's own", fault: gamelifttest.Fault{Status: 503, RetryAfter: 4 * time.Second},
		client: func(o *gamelift.Options) { o.Retryer = hastyRetryer{} },
		once:   outcome{"", 2}, always: outcome{unavailable, 3}},
	{name: "redirect that an HTTPClient follows", fault: gamelifttest.Fault{Status: 302, Header: http.Header{"Location": {"/elsewhere"}}},
		network: true, client: following, once: outcome{"OperationError", 2}, always: outcome{"OperationError", 2}},
	{name: "interceptor that removes the response", client: func(o *gamelift.Options) {
		o.Interceptors.AddAfterTransmit(removesResponse{})
	}, once: outcome{"OperationError", 1}, always: outcome{"OperationError", 1}},

	{name: "ExpiredTokenException, same keys", fault: gamelifttest.Fault{Code: "ExpiredTokenException"}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "ExpiredToken", fault: gamelifttest.Fault{Status: 400, Code: "ExpiredToken"}, server: manyKeys, client: rotatingKeys,
		once: outcome{"", 2}, always: outcome{unmodelled, 2}},
	{name: "ExpiredTokenException", fault: gamelifttest.Fault{Code: "ExpiredTokenException"}, server: manyKeys, client: rotatingKeys,
		once: outcome{"", 2}, always: outcome{unmodelled, 2}},
	{name: "UnrecognizedClientException", fault: gamelifttest.Fault{Code: "UnrecognizedClientException"}, server: manyKeys, client: rotatingKeys,
		once: outcome{"", 2}, always: outcome{unmodelled, 2}},

	// If the service's clock is off, the first response shows it, and every call
	// recovers. If only the Date of a response is off, that call may correct its
	// clock in vain, but no other call does.
	{name: "clock a day ahead", server: clock(24 * time.Hour), once: outcome{"", 2}, always: outcome{"", 2}},
	{name: "clock a day behind", server: clock(-24 * time.Hour), once: outcome{"", 2}, always: outcome{"", 2}},
	{name: "wrong Date of a skew error", fault: gamelifttest.Fault{Code: "InvalidSignatureException", DateSkew: time.Hour},
		once: outcome{"", 3}, always: outcome{unavailable, 3}},
	{name: "wrong Date of a success", fault: gamelifttest.Fault{DateSkew: time.Hour}, once: outcome{"", 1}, always: outcome{"", 1}},
	{name: "Date in the year 9999 of a skew error",
		fault: gamelifttest.Fault{Code: "InvalidSignatureException", Header: http.Header{"Date": {"Fri, 31 Dec 9999 23:59:59 GMT"}}},
		once:  outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "wrong Date of a skew error without a request ID",
		fault: gamelifttest.Fault{Code: "InvalidSignatureException", DateSkew: time.Hour, Header: http.Header{"X-Amzn-Requestid": nil}},
		once:  outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "skew error without skew", fault: gamelifttest.Fault{Code: "InvalidSignatureException"}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "skew error of a cache", fault: gamelifttest.Fault{Code: "InvalidSignatureException", DateSkew: -time.Hour, Header: http.Header{"Age": {"3600"}}},
		once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "clock off, not corrected", server: clock(24 * time.Hour), client: func(o *gamelift.Options) { o.DisableClockSkewCorrection = true },
		once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},

	{name: "credentials provider fails", client: func(o *gamelift.Options) {
		o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			return gamelift.Credentials{}, errors.New("no such profile")
		})
	}, once: outcome{"OperationError", 0}, always: outcome{"OperationError", 0}},
	{name: "cached credentials provider panics", client: func(o *gamelift.Options) {
		o.Credentials = gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			panic("no such profile")
		}))
	}, once: outcome{"OperationError", 0}, always: outcome{"OperationError", 0}},
	{name: "secret that occurs in the code", fault: gamelifttest.Fault{Code: "NotFoundException"},
		server: func(o *gamelifttest.Options) {
			o.Credentials = []gamelift.Credentials{{AccessKeyID: "a", SecretAccessKey: "x"}}
		}, once: outcome{modelled + "NotFoundException", 1}, always: outcome{modelled + "NotFoundException", 1}},
	{name: "wrong secret key", client: func(o *gamelift.Options) {
		o.Credentials = gamelift.StaticCredentials(gamelifttest.AccessKeyID, "wrong", "")
	}, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
	{name: "foreign region", client: func(o *gamelift.Options) { o.Region = "eu-west-1" }, once: outcome{unmodelled, 1}, always: outcome{unmodelled, 1}},
}

func attemptTimeout(o *gamelift.Options) { o.AttemptTimeout = 10 * time.Second }

// patientRetryer waits as long as Retry-After says.
type patientRetryer struct{}

func (patientRetryer) IsErrorRetryable(error) bool { return true }

func (patientRetryer) MaxAttempts() int { return 3 }

func (patientRetryer) RetryDelay(int, error) (time.Duration, error) { return time.Hour, nil }

func (patientRetryer) GetInitialToken() func(error) error { return func(error) error { return nil } }

func (patientRetryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// hastyRetryer retries at once.
type hastyRetryer struct{ patientRetryer }

func (hastyRetryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// poorRetryer has no quota.
type poorRetryer struct{ gamelift.Retryer }

func (poorRetryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	return nil, errors.New("no quota")
}

// following makes an HTTPClient that follows redirects.
func following(o *gamelift.Options) {
	follower := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	o.HTTPClient = smithyhttp.ClientDoFunc(follower.Do)
}

type removesResponse struct{}

func (removesResponse) AfterTransmit(_ context.Context, in *smithyhttp.InterceptorContext) error {
	in.Response.Response = nil
	return nil
}

func clock(ahead time.Duration) func(*gamelifttest.Options) {
	return func(o *gamelifttest.Options) { o.Now = func() time.Time { return time.Now().Add(ahead) } }
}

func manyKeys(o *gamelifttest.Options) {
	for i := range 10 {
		o.Credentials = append(o.Credentials, gamelift.Credentials{AccessKeyID: fmt.Sprintf("key-%d", i), SecretAccessKey: "s"})
	}
}

func rotatingKeys(o *gamelift.Options) {
	n := 0
	o.Credentials = gamelift.CacheCredentials(gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		n++
		return gamelift.Credentials{AccessKeyID: fmt.Sprintf("key-%d", n), SecretAccessKey: "s", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
	}))
}

func manyHeaders() http.Header {
	h := http.Header{}
	for i := range 1024 {
		h.Set(fmt.Sprintf("X-Filler-%d", i), strings.Repeat("x", 1024))
	}
	return h
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

// stubbed calls each operation for a resource that the stub has and the
// operation serves.
var stubbed = []struct {
	name string
	call func(context.Context, *gamelift.Client) (any, middleware.Metadata, error)
}{

	{"GetComputeAuthToken", func(ctx context.Context, c *gamelift.Client) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: new(gamelifttest.AnywhereCompute)})
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"GetComputeAccess", func(ctx context.Context, c *gamelift.Client) (any, middleware.Metadata, error) {
		out, err := c.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{FleetId: new(gamelifttest.ContainerFleetID), ComputeName: new(gamelifttest.ContainerCompute)})
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
	{"RequestUploadCredentials", func(ctx context.Context, c *gamelift.Client) (any, middleware.Metadata, error) {
		out, err := c.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: new(gamelifttest.BuildID)})
		if err != nil {
			return nil, middleware.Metadata{}, err
		}
		return out, out.ResultMetadata, nil
	}},
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	for _, row := range faults {
		for _, op := range stubbed {
			for persistence, want := range map[string]outcome{"once": row.once, "always": row.always} {
				t.Run(row.name+"/"+op.name+"/"+persistence, func(t *testing.T) {
					t.Parallel()
					cell := func(t *testing.T, stub *gamelifttest.Server) {
						fault := row.fault
						if persistence == "always" {
							fault.Count = -1
						}
						if !reflect.ValueOf(row.fault).IsZero() {
							stub.Inject(fault)
						}
						options := stub.ClientOptions()
						if row.network {
							options.HTTPClient = nil // the client's own
						}
						client := gamelift.New(options, row.client)
						ctx := t.Context()
						if !row.noDeadline {
							var cancel context.CancelFunc
							ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
							defer cancel()
						}
						if hc, ok := client.Options().HTTPClient.(*http.Client); ok {
							defer hc.CloseIdleConnections()
						}
						_, md, err := op.call(ctx, client)
						got := outcome{Chain(err), len(stub.Requests())}
						require.Equal(t, want, got)
						if err == nil {
							require.Equal(t, want.requests, gamelift.Attempts(md))
						}
						RequireNoSecret(t, fmt.Sprint(err))
						require.NotContains(t, fmt.Sprint(err), gamelifttest.SecretAccessKey)
						require.Empty(t, stub.Unused())
					}
					serverOptions := row.server
					if serverOptions == nil {
						serverOptions = func(*gamelifttest.Options) {}
					}
					if row.network {
						stub := gamelifttest.NewServer(serverOptions)
						defer stub.Close()
						cell(t, stub)
						return
					}
					synctest.Test(t, func(t *testing.T) { cell(t, gamelifttest.NewUnstartedServer(serverOptions)) })
				})
			}
		}
	}
}
