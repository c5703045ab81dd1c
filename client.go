package gamelift

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"

	"github.com/gamelift-compute/gamelift/internal/endpoint"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/sigv4"
)

const (
	// ServiceID is the service's name in AWS SDKs, and in the errors of calls.
	ServiceID = "GameLift"

	// ServiceAPIVersion is the version of the service's API model.
	ServiceAPIVersion = "2015-10-01"

	signingName = "gamelift"
)

// Client calls the operations of Amazon GameLift Servers that hand out
// credentials. It is safe for concurrent use; make one and keep it, since it
// owns the connections, the retry quota and what it has learned of the
// service's clock. It need not be closed. Printed, it shows its options
// without their secrets.
type Client struct {
	settings settings
	signer   sigv4.Signer
	skew     atomic.Int64 // nanoseconds that the service's clock is ahead of ours
}

// New makes a client. optFns change the options before it is made; nil ones are
// skipped. Whatever is wrong with the options is the error of every call.
func New(options Options, optFns ...func(*Options)) *Client {
	options = options.copy()
	options.apply(optFns)
	c := &Client{settings: newSettings(options)}
	c.settings.resolved, _ = endpoint.Resolve(options.endpointParams()) // each call finds the fault again
	return c
}

// Options returns a copy of the client's options, the defaults filled in.
func (c *Client) Options() Options { return c.settings.copy() }

// Format prints the client's options without their secrets, at every verb.
func (c *Client) Format(f fmt.State, _ rune) { redact.Format(f, "Client", c.LogValue()) }

// LogValue is what slog records: the client's options without their secrets.
func (c *Client) LogValue() slog.Value { return c.settings.LogValue() }

// settings are options and what follows from them: derived once for the client,
// and once more for a call that changes its options.
type settings struct {
	Options
	fault       error    // of the MeterProvider or the Interceptors
	resolved    *url.URL // the client's endpoint, resolved ahead; nil for a call's own options
	httpClient  HTTPClient
	userAgent   string
	hooked      bool // interceptors are registered
	inLambda    bool
	instruments *instruments
}

func newSettings(options Options) settings {
	defaultHTTPClient(&options)
	defaultRetryer(&options)
	s := settings{
		Options:    options,
		httpClient: withoutRedirects(options.HTTPClient),
		userAgent:  userAgent(options.AppID),
		inLambda:   os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "",
	}
	var hasNil bool
	if s.hooked, hasNil = inspect(&options.Interceptors); hasNil {
		s.fault = errors.New("Options.Interceptors has a nil interceptor")
	} else if options.MeterProvider != nil {
		s.instruments, s.fault = newInstruments(options.MeterProvider)
	}
	return s
}

// settingsFor applies a call's own options.
func (c *Client) settingsFor(optFns []func(*Options)) *settings {
	if len(optFns) == 0 {
		return &c.settings
	}
	options := c.Options()
	options.apply(optFns)
	if options.HTTPClient == nil {
		options.HTTPClient = c.settings.HTTPClient
	}
	if options.Retryer == nil {
		options.Retryer = c.settings.Retryer
	}
	s := newSettings(options)
	return &s
}
