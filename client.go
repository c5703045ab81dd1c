package gamelift

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/gamelift-compute/gamelift/internal/endpoint"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/sigv4"
)

const (
	// ServiceID is the name of the service in AWS SDKs and in the errors of
	// calls.
	ServiceID = "GameLift"

	// ServiceAPIVersion is the version of the service's API model.
	ServiceAPIVersion = "2015-10-01"

	signingName = "gamelift"
)

// Client calls the operations of Amazon GameLift Servers that hand out
// credentials. New makes one. It is safe for concurrent use. Programs should
// make one Client and keep it, since it owns the connections, the retry quota
// and the estimate of the service's clock. It need not be closed. Printed, it
// shows its options without their secrets.
type Client struct {
	settings settings
	signer   sigv4.Signer
	clock    clock
}

// New makes a client. optFns change the options before the client is made; nil
// functions are skipped. If the options are invalid, every call returns the
// error of [Options.Validate].
func New(options Options, optFns ...func(*Options)) *Client {
	options = options.copy()
	options.apply(optFns)
	options.setDefaults()
	return &Client{settings: newSettings(options, nil)}
}

// Options returns a copy of the client's options with the defaults filled in.
func (c *Client) Options() Options { return c.settings.options.copy() }

// Format prints the client's options without their secrets, at every verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "Client", c.LogValue()) }

// LogValue returns the client's options without their secrets.
func (c *Client) LogValue() slog.Value {
	if c == nil {
		return slog.GroupValue()
	}
	return c.settings.options.LogValue()
}

// settings are options and what is derived from them: once for the client, and
// again for a call that changes its options.
type settings struct {
	options     Options
	invalid     error // the error of every call, or nil
	endpoint    *url.URL
	httpClient  HTTPClient // options.HTTPClient, with redirects off if possible
	guarded     bool       // httpClient may follow redirects
	userAgent   string
	inLambda    bool
	intercepted bool         // there are interceptors
	instruments *instruments // nil without a MeterProvider
}

// newSettings derives settings from options. It takes the instruments of the
// other settings, if any, that have the same MeterProvider.
func newSettings(options Options, other *settings) settings {
	s := settings{
		options:   options,
		userAgent: userAgent(options.AppID),
		inLambda:  os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "",
	}
	s.httpClient, s.guarded = withoutRedirects(options.HTTPClient)
	var errs [4]error
	s.endpoint, errs[0] = endpoint.Resolve(options.endpointParams())
	errs[1] = options.check()
	s.intercepted, errs[2] = inspect(&options.Interceptors)
	if other != nil && sameMeter(options.MeterProvider, other.options.MeterProvider) {
		s.instruments = other.instruments
	} else if options.MeterProvider != nil && !isNil(options.MeterProvider) {
		s.instruments, errs[3] = newInstruments(options.MeterProvider)
	}
	s.invalid = errors.Join(errs[:]...)
	return s
}

// settingsFor returns the settings of a call with its own option functions.
func (c *Client) settingsFor(optFns []func(*Options)) *settings {
	if len(optFns) == 0 {
		return &c.settings
	}
	options := c.Options()
	options.apply(optFns)
	if isNil(options.HTTPClient) {
		options.HTTPClient = c.settings.options.HTTPClient
	}
	if isNil(options.Retryer) {
		options.Retryer = c.settings.options.Retryer
	}
	options.setDefaults()
	s := newSettings(options, &c.settings)
	return &s
}
