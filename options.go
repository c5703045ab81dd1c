package gamelift

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/endpoint"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// Options configure a [Client]. The functions that every operation takes change
// them for one call. If they are invalid, the call returns an error that names
// the field, and nothing is sent. Printed Options show no secret.
type Options struct {
	// Region is the AWS region, such as "us-west-2". The endpoint is resolved
	// from it, and it is part of every signature. It is required, also with
	// BaseEndpoint. The pseudo regions of older SDKs ("fips-us-east-1",
	// "us-east-1-fips") mean the region with UseFIPS, unless there is a
	// BaseEndpoint.
	Region string

	// Credentials sign the requests. They are required. Retrieve is called for
	// every attempt: wrap a provider that is slow, or whose credentials
	// expire, in [CacheCredentials].
	Credentials CredentialsProvider

	// BaseEndpoint is the URL to call in place of the region's endpoint:
	// scheme://host[:port][/path], http or https, without user info, query or
	// fragment. If it is nil, the region's endpoint is called. It cannot be
	// combined with UseFIPS or UseDualStack.
	BaseEndpoint *string

	// UseFIPS selects the region's FIPS 140 validated endpoint. Not every
	// region has one.
	UseFIPS bool

	// UseDualStack selects the region's endpoint for IPv4 and IPv6. Not every
	// region has one.
	UseDualStack bool

	// HTTPClient sends the requests. If it is nil, the client makes an
	// *http.Client, which uses TLS 1.2 or newer, keeps connections for hundreds
	// of concurrent calls, notices dead HTTP/2 connections and honors
	// HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Redirects are not followed, because
	// a signature is good for one host only: CheckRedirect of an *http.Client
	// has no effect, and a call fails if another HTTPClient has followed one.
	// Do not change the fields of an *http.Client after New has read them.
	HTTPClient HTTPClient

	// AttemptTimeout is the maximum time for one attempt, from its credentials
	// to the last byte of its response. An attempt that exceeds it is retried.
	// Zero means 30 seconds if the context of the call has no deadline, and no
	// limit if it has one. A negative duration means no limit.
	AttemptTimeout time.Duration

	// DisableClockSkewCorrection signs requests with the local clock. By
	// default, they are signed with the service's time, which the client
	// estimates from the Date headers of responses.
	DisableClockSkewCorrection bool

	// Retryer decides whether and when a failed attempt is made again. If it is
	// nil, the client uses a retryer of [NewRetryer]. IsErrorRetryable is not
	// called for an attempt that was signed with a wrong clock or with refused
	// keys: the client corrects that and tries again, up to RetryMaxAttempts.
	Retryer Retryer

	// RetryMaxAttempts is the maximum number of attempts of a call, the first
	// included. Zero means the Retryer's MaxAttempts, and 1 means no retries.
	RetryMaxAttempts int

	// Interceptors are called at the points of a call that smithy-go defines.
	// The package documentation describes their order.
	Interceptors smithyhttp.InterceptorRegistry

	// TracerProvider makes the spans of a call. If it is nil, there are none.
	TracerProvider tracing.TracerProvider

	// MeterProvider makes the instruments that measure calls. If it is nil,
	// nothing is measured.
	MeterProvider metrics.MeterProvider

	// Logger receives a record for each attempt and retry (level debug), and
	// for each correction of the clock and each renewal of refused credentials
	// (level info). If it is nil, nothing is logged.
	Logger *slog.Logger

	// AppID names the application in the User-Agent. Characters that are not
	// allowed there are replaced by "-". AWS asks for at most 50 characters.
	AppID string
}

// HTTPClient sends one HTTP request; *http.Client implements it. It must be safe
// for concurrent use, honor the context of the request, and not follow
// redirects.
type HTTPClient interface {
	// Do sends the request and returns the response, or an error if there is no
	// response.
	Do(*http.Request) (*http.Response, error)
}

// Retryer decides about retries. The retryers of aws-sdk-go-v2's aws/retry
// implement it. It must be safe for concurrent use.
//
// If a Retryer also has the method
//
//	GetAttemptToken(context.Context) (func(error) error, error)
//
// of aws.RetryerV2, that method is called before every attempt in place of
// GetInitialToken. It may wait, or return an error that ends the call.
type Retryer interface {
	// IsErrorRetryable reports whether an attempt that failed with this error
	// may be made again.
	IsErrorRetryable(error) bool

	// MaxAttempts returns the maximum number of attempts of a call, the first
	// included. Zero means no limit.
	MaxAttempts() int

	// RetryDelay returns how long to wait after the given attempt failed with
	// opErr. Attempts are counted from 1, or from 0 if the environment variable
	// AWS_NEW_RETRIES_2026 is "true", as in aws-sdk-go-v2. If the response has
	// an X-Amz-Retry-After header, the client lengthens the delay by up to 5
	// seconds.
	RetryDelay(attempt int, opErr error) (time.Duration, error)

	// GetRetryToken pays for one retry. If it returns an error, the retry is
	// not made and the call ends with both errors. releaseToken is called with
	// the outcome of the retry.
	GetRetryToken(ctx context.Context, opErr error) (releaseToken func(error) error, err error)

	// GetInitialToken is called once, before the first attempt. releaseToken
	// is called with the outcome of that attempt.
	GetInitialToken() (releaseToken func(error) error)
}

// attemptTokener is the part of aws.RetryerV2 that Retryer does not have.
type attemptTokener interface {
	GetAttemptToken(context.Context) (releaseToken func(error) error, err error)
}

// RetryerOptions configure the retryer of [NewRetryer]. The functions passed to
// NewRetryer receive the defaults and can change them.
type RetryerOptions struct {
	// MaxAttempts is the maximum number of attempts of a call, the first
	// included. Zero means no limit; a negative number means the default.
	// Default: 3.
	MaxAttempts int

	// MaxBackoff is the longest delay before a retry. An X-Amz-Retry-After
	// header can still lengthen it. Zero means no delay; a negative duration
	// means the default. Default: 20 seconds.
	MaxBackoff time.Duration
}

// NewRetryer returns the standard retryer, with its own retry quota. The package
// documentation describes its rules. To change one of them, wrap the retryer.
// optFns change the options; nil functions are skipped.
func NewRetryer(optFns ...func(*RetryerOptions)) Retryer {
	options := RetryerOptions{MaxAttempts: retry.DefaultMaxAttempts, MaxBackoff: retry.DefaultMaxBackoff}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	if options.MaxAttempts < 0 {
		options.MaxAttempts = retry.DefaultMaxAttempts
	}
	if options.MaxBackoff < 0 {
		options.MaxBackoff = retry.DefaultMaxBackoff
	}
	return retry.NewStandard(options.MaxAttempts, options.MaxBackoff)
}

// Validate returns an error that names everything in the options that would make
// every call fail, or nil. It sends nothing: a program can call it at the start.
// It does not call Credentials.Retrieve, but it checks the keys of
// [StaticCredentials], including those wrapped by [CacheCredentials].
func (o Options) Validate() error {
	s := settings{options: o}
	s.derive(nil)
	return s.invalid
}

// Format prints the options without their secrets, at every verb.
func (o Options) Format(f fmt.State, _ rune) { redact.Format(f, "Options", o.LogValue()) }

// LogValue returns the options that are plain values. For Credentials, it shows
// only whether they are set.
func (o Options) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("Region", o.Region)}
	if o.BaseEndpoint != nil {
		base := "invalid"
		// The URL is shown even if other options are invalid.
		if u, err := endpoint.Resolve(endpoint.Params{Region: "us-east-1", BaseEndpoint: o.BaseEndpoint}); err == nil {
			base = u.String()
		}
		attrs = append(attrs, slog.String("BaseEndpoint", base))
	}
	return slog.GroupValue(append(attrs,
		slog.Bool("Credentials", o.Credentials != nil),
		slog.Bool("UseFIPS", o.UseFIPS),
		slog.Bool("UseDualStack", o.UseDualStack),
		slog.Duration("AttemptTimeout", o.AttemptTimeout),
		slog.Bool("DisableClockSkewCorrection", o.DisableClockSkewCorrection),
		slog.Int("RetryMaxAttempts", o.RetryMaxAttempts),
		slog.String("AppID", o.AppID),
	)...)
}

// detach copies the values that the options point to and that callers may
// change.
func (o *Options) detach() {
	o.Interceptors = o.Interceptors.Copy()
	if o.BaseEndpoint != nil {
		o.BaseEndpoint = new(*o.BaseEndpoint)
	}
}

// with returns a copy that optFns have changed. If one of them keeps a pointer to
// its options, later changes do not reach the copy.
func (o Options) with(optFns []func(*Options)) Options {
	o.apply(optFns)
	o.detach()
	return o
}

func (o *Options) apply(optFns []func(*Options)) {
	for _, fn := range optFns {
		if fn != nil {
			fn(o)
		}
	}
}

// setDefaults replaces nil values.
func (o *Options) setDefaults() {
	if isNil(o.HTTPClient) {
		o.HTTPClient = newHTTPClient()
	}
	if isNil(o.Retryer) {
		o.Retryer = retry.NewStandard(retry.DefaultMaxAttempts, retry.DefaultMaxBackoff)
	}
}

func (o *Options) endpointParams() endpoint.Params {
	region, isFIPS := endpoint.RealRegion(o.Region)
	return endpoint.Params{
		Region:       region,
		BaseEndpoint: o.BaseEndpoint,
		UseFIPS:      o.UseFIPS || isFIPS && o.BaseEndpoint == nil,
		UseDualStack: o.UseDualStack,
	}
}

// check returns an error that names the invalid options. settings.derive checks
// the rest: the endpoint, the interceptors and the instruments.
func (o *Options) check() error {
	var errs []error
	if err := checkProvider("Options.Credentials", o.Credentials); err != nil {
		errs = append(errs, err)
	}
	if c, ok := o.HTTPClient.(*http.Client); ok && c != nil && c.Transport != nil && isNil(c.Transport) {
		errs = append(errs, fmt.Errorf("Options.HTTPClient has a nil %T as its Transport", c.Transport))
	}
	if o.Logger != nil && o.Logger.Handler() == nil {
		errs = append(errs, errors.New("Options.Logger was not made by slog.New"))
	}
	if o.RetryMaxAttempts < 0 {
		errs = append(errs, fmt.Errorf("Options.RetryMaxAttempts is %d: it must be 0 for the retryer's own, or more", o.RetryMaxAttempts))
	}
	if o.TracerProvider != nil && isNil(o.TracerProvider) {
		errs = append(errs, fmt.Errorf("Options.TracerProvider is a nil %T", o.TracerProvider))
	}
	if o.MeterProvider != nil && isNil(o.MeterProvider) {
		errs = append(errs, fmt.Errorf("Options.MeterProvider is a nil %T", o.MeterProvider))
	}
	return errors.Join(errs...)
}

// isNil reports whether an interface is nil or holds a nil value.
func isNil(v any) bool {
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan, reflect.Interface:
		return value.IsNil()
	default:
		return false
	}
}
