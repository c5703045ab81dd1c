package gamelift

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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
// and the estimate of the service's clock. It need not be closed. A printed
// Client shows its options without their secrets.
type Client struct {
	settings settings
	signer   sigv4.Signer
	clock    clock
}

// New makes a client. optFns change the options before the client is made; nil
// functions are skipped. If the options are invalid, every call returns the
// error of [Options.Validate].
func New(options Options, optFns ...func(*Options)) *Client {
	options.detach() // so that optFns do not change the caller's
	if len(optFns) > 0 {
		options = options.with(optFns)
	}
	c := new(Client)
	c.settings.options = options
	c.settings.options.setDefaults()
	c.settings.derive(nil)
	return c
}

// Options returns a copy of the client's options with the defaults filled in, or
// the zero Options if the client is nil.
func (c *Client) Options() Options {
	if c == nil {
		return Options{}
	}
	options := c.settings.options
	options.detach()
	return options
}

// Format prints the client's options without their secrets, at every verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "Client", c.LogValue()) }

// LogValue returns the client's options without their secrets.
func (c *Client) LogValue() slog.Value {
	if c == nil {
		return slog.GroupValue()
	}
	return c.settings.options.LogValue()
}

// settings are options and the values derived from them. A client has settings,
// and so has each call that changes its options.
type settings struct {
	options     Options
	invalid     error // the error of every call, or nil
	endpoint    *url.URL
	region      string     // options.Region, or the region that a pseudo region means
	httpClient  HTTPClient // options.HTTPClient, with redirects off if possible
	guarded     bool       // httpClient may still follow redirects
	isStandard  bool       // options.HTTPClient is an *http.Client
	userAgent   string
	inLambda    bool
	intercepted bool         // there are interceptors
	instruments *instruments // nil without a MeterProvider
}

// derive sets the other fields from the options. If client is not nil and has
// the same MeterProvider, its instruments are shared.
func (s *settings) derive(client *settings) {
	o := &s.options
	s.userAgent = userAgent(o.AppID)
	s.inLambda = os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != ""
	s.httpClient, s.guarded = withoutRedirects(o.HTTPClient)
	_, s.isStandard = o.HTTPClient.(*http.Client)

	var errs [4]error
	params := o.endpointParams()
	s.region = params.Region
	s.endpoint, errs[0] = endpoint.Resolve(params)
	errs[1] = o.check()
	s.intercepted, errs[2] = inspect(&o.Interceptors)
	if client != nil && client.instruments != nil && sameMeter(o.MeterProvider, client.options.MeterProvider) {
		s.instruments = client.instruments
	} else if !isNil(o.MeterProvider) {
		s.instruments, errs[3] = newInstruments(o.MeterProvider)
	}
	if errs != [4]error{} {
		s.invalid = errors.Join(errs[:]...)
	}
}

// settingsFor returns the settings of a call with its own option functions.
func (c *Client) settingsFor(optFns []func(*Options)) *settings {
	if len(optFns) == 0 {
		return &c.settings
	}
	s := &settings{options: c.Options()}
	s.options.apply(optFns)
	if isNil(s.options.HTTPClient) {
		s.options.HTTPClient = c.settings.options.HTTPClient
	}
	if isNil(s.options.Retryer) {
		s.options.Retryer = c.settings.options.Retryer
	}
	s.options.setDefaults()
	s.derive(&c.settings)
	return s
}
