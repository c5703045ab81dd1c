package gamelift

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/endpoint"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// Options configure a [Client], or, changed by the functions that every
// operation takes, one call of it. Whatever is wrong with them is the error of
// the call, before anything is sent. Printed, they name no secret.
type Options struct {
	// Region is the AWS region, such as "us-west-2": the endpoint is resolved
	// from it and it is part of every signature. Required, also with
	// BaseEndpoint.
	Region string

	// Credentials sign the requests. Required. Retrieve is called for every
	// attempt: wrap a provider that is slow, or whose credentials expire, in
	// [CacheCredentials].
	Credentials CredentialsProvider

	// BaseEndpoint is the URL to call in place of the region's endpoint:
	// scheme://host[:port][/path], http or https, without user info, query or
	// fragment. Nil: the region's endpoint. UseFIPS and UseDualStack cannot
	// stand beside it.
	BaseEndpoint *string

	// UseFIPS selects the region's FIPS 140 validated endpoint. Not every
	// region has one.
	UseFIPS bool

	// UseDualStack selects the region's endpoint for IPv4 and IPv6. Not every
	// region has one.
	UseDualStack bool

	// HTTPClient sends the requests. Nil: an *http.Client of the client's own
	// that connects within 3 seconds, speaks TLS 1.2 or newer, keeps
	// connections for hundreds of concurrent calls and heeds HTTPS_PROXY,
	// HTTP_PROXY and NO_PROXY. Whatever CheckRedirect an *http.Client has,
	// redirects are not followed: a signature is good for one host.
	HTTPClient HTTPClient

	// AttemptTimeout bounds each attempt, from its credentials to the last byte
	// of its response body. An attempt that exceeds it is retried; the context
	// of the call bounds the call. Zero: none.
	AttemptTimeout time.Duration

	// DisableClockSkewCorrection signs with the local clock alone. Otherwise
	// the client signs with the service's time, as the Date headers of its
	// responses tell it.
	DisableClockSkewCorrection bool

	// Retryer decides whether and when a failed attempt is made again. Nil: the
	// standard retryer, one for the client, with the rules of the package
	// documentation. Its IsErrorRetryable is not asked after an attempt that
	// was signed with a wrong clock or with refused keys: that is corrected and
	// made again, within RetryMaxAttempts.
	Retryer Retryer

	// RetryMaxAttempts is how many attempts a call has, the first included.
	// Zero: as many as the Retryer says (3 for the standard one). One: no
	// retries.
	RetryMaxAttempts int

	// Interceptors are called at the points of a call that smithy-go defines;
	// the package documentation has their order.
	Interceptors smithyhttp.InterceptorRegistry

	// TracerProvider makes the spans of a call. Nil: none are made.
	TracerProvider tracing.TracerProvider

	// MeterProvider makes the instruments that measure calls. Nil: nothing is
	// measured.
	MeterProvider metrics.MeterProvider

	// Logger receives a record for each attempt and retry (level debug), and
	// for each correction of the clock and renewal of refused credentials
	// (level info). Nil: silent.
	Logger *slog.Logger

	// AppID names the application in the User-Agent; characters that cannot
	// stand in one are replaced by "-". AWS asks for at most 50 characters.
	AppID string
}

// HTTPClient sends one HTTP request; *http.Client is one. It must be safe for
// concurrent use, heed the request's context and not follow redirects.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// Retryer decides about retries. The retryers of aws-sdk-go-v2's aws/retry
// satisfy it as they are. It must be safe for concurrent use.
//
// A Retryer that also has
//
//	GetAttemptToken(context.Context) (func(error) error, error)
//
// as aws.RetryerV2 does, is asked for a token before every attempt, which may
// wait or refuse, in place of GetInitialToken.
type Retryer interface {
	// IsErrorRetryable reports whether an attempt that failed with this error
	// may be made again.
	IsErrorRetryable(error) bool

	// MaxAttempts is how many attempts a call has, the first included. Zero:
	// no limit.
	MaxAttempts() int

	// RetryDelay is how long to wait after the attempt of that number, counted
	// from 1, failed with opErr.
	RetryDelay(attempt int, opErr error) (time.Duration, error)

	// GetRetryToken pays for one retry, or returns an error where no retry may
	// be made. releaseToken is called with the retry's outcome.
	GetRetryToken(ctx context.Context, opErr error) (releaseToken func(error) error, err error)

	// GetInitialToken is called once before the first attempt, and releaseToken
	// with that attempt's outcome.
	GetInitialToken() (releaseToken func(error) error)
}

var _ Retryer = (*retry.Standard)(nil)

// attemptTokener is the part of aws.RetryerV2 that Retryer leaves out.
type attemptTokener interface {
	GetAttemptToken(context.Context) (releaseToken func(error) error, err error)
}

// Format prints the options without their secrets, at every verb.
func (o Options) Format(f fmt.State, _ rune) { redact.Format(f, "Options", o.LogValue()) }

// LogValue is what slog records: the plain settings, and of the credentials no
// more than that they are set.
func (o Options) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("Region", o.Region)}
	if o.BaseEndpoint != nil {
		base := "invalid"
		params := o.endpointParams()
		params.Region = "us-east-1" // a valid one: the URL is to be shown without it as well
		if u, err := endpoint.Resolve(params); err == nil {
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

func (o Options) copy() Options {
	o.Interceptors = o.Interceptors.Copy()
	if o.BaseEndpoint != nil {
		o.BaseEndpoint = new(*o.BaseEndpoint)
	}
	return o
}

func (o *Options) apply(optFns []func(*Options)) {
	for _, fn := range optFns {
		if fn != nil {
			fn(o)
		}
	}
}

func (o *Options) endpointParams() endpoint.Params {
	params := endpoint.Params{Region: o.Region, UseFIPS: o.UseFIPS, UseDualStack: o.UseDualStack}
	if o.BaseEndpoint != nil {
		params.HasBase, params.BaseEndpoint = true, *o.BaseEndpoint
	}
	return params
}

// check finds what the endpoint rules do not.
func (o *Options) check() error {
	switch {
	case o.Credentials == nil:
		return fmt.Errorf("Options.Credentials is nil: requests are signed, use %s", credentialsHint)
	case o.RetryMaxAttempts < 0:
		return fmt.Errorf("Options.RetryMaxAttempts is %d: want 0 for the retryer's own, or more", o.RetryMaxAttempts)
	case o.AttemptTimeout < 0:
		return fmt.Errorf("Options.AttemptTimeout is %v: want 0 for none, or more", o.AttemptTimeout)
	}
	return nil
}

func defaultRetryer(o *Options) {
	if o.Retryer == nil {
		o.Retryer = retry.NewStandard()
	}
}
