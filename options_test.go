package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
)

// If an option is invalid, the call returns an error that names it, and nothing is
// sent.
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
		{"base endpoint of another scheme", func(o *gamelift.Options) { o.BaseEndpoint = new("ftp://host") }, "BaseEndpoint"},
		{"base endpoint without host", func(o *gamelift.Options) { o.BaseEndpoint = new("http://") }, "BaseEndpoint"},
		{"base endpoint with user info", func(o *gamelift.Options) { o.BaseEndpoint = new("http://u:" + testSecretKey + "@host") }, "BaseEndpoint"},
		{"base endpoint with query", func(o *gamelift.Options) { o.BaseEndpoint = new("http://host?a=b") }, "BaseEndpoint"},
		{"base endpoint with fragment", func(o *gamelift.Options) { o.BaseEndpoint = new("http://host#a") }, "BaseEndpoint"},
		{"empty base endpoint", func(o *gamelift.Options) { o.BaseEndpoint = new("") }, "BaseEndpoint"},
		{"FIPS with a base endpoint", func(o *gamelift.Options) { o.UseFIPS = true }, "UseFIPS"},
		{"dual-stack with a base endpoint", func(o *gamelift.Options) { o.UseDualStack = true }, "UseDualStack"},
		{"negative attempts", func(o *gamelift.Options) { o.RetryMaxAttempts = -1 }, "RetryMaxAttempts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			options := serve(t, func(http.ResponseWriter, *http.Request) { requests++ })
			for _, op := range operations {
				_, _, err := op.Call(t, gamelift.New(options, tt.change))
				require.ErrorContains(t, err, tt.want)
				require.NotContains(t, err.Error(), testSecretKey)

				_, _, err = op.Call(t, gamelift.New(options), tt.change)
				require.ErrorContains(t, err, tt.want, "as an option of the call")
			}
			invalid := options
			tt.change(&invalid)
			require.ErrorContains(t, invalid.Validate(), tt.want)
			require.NoError(t, options.Validate())
			require.Zero(t, requests)
			_, _, err := operations[0].Call(t, gamelift.New(options, tt.change), func(o *gamelift.Options) {
				*o = options
			})
			require.NoError(t, err, "a call's own options mend the client's")
		})
	}
}

func TestNilOptionFunctionsAreSkipped(t *testing.T) {
	t.Parallel()
	options := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err := gamelift.New(options, nil).GetComputeAuthToken(t.Context(), authTokenInput(), nil)
	require.NoError(t, err)
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
	options := answers(status(200, okBody)).Options()
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

// Neither the caller nor a function that keeps what it was given changes the
// options of a client that exists.
func TestBaseEndpointIsCopied(t *testing.T) {
	t.Parallel()
	var hosts []string
	options := answering(func(r *http.Request) (*http.Response, error) {
		hosts = append(hosts, r.URL.Host)
		return response(200, okBody), nil
	})
	options.BaseEndpoint = new("http://one.example")
	var kept *gamelift.Options
	byFunction := new("http://one.example")
	clients := []*gamelift.Client{gamelift.New(options), gamelift.New(options, func(o *gamelift.Options) { kept, o.BaseEndpoint = o, byFunction })}
	*options.BaseEndpoint, *byFunction = "http://two.example", "http://two.example"
	*kept = gamelift.Options{}
	for _, client := range clients {
		*client.Options().BaseEndpoint = "http://two.example"
		for _, optFns := range [][]func(*gamelift.Options){nil, {func(*gamelift.Options) {}}} {
			_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), optFns...)
			require.NoError(t, err)
		}
	}
	diff(t, []string{"one.example", "one.example", "one.example", "one.example"}, hosts)
}

func TestInvalidOptionsPrintTheBaseEndpoint(t *testing.T) {
	t.Parallel()
	require.Contains(t, fmt.Sprint(gamelift.Options{BaseEndpoint: new("http://one.example"), UseFIPS: true}), "http://one.example")
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
	_, err = call(t, gamelift.New(s.Options(), func(o *gamelift.Options) { o.Interceptors.AddAfterTransmit(nil) }))
	require.ErrorContains(t, err, "nil interceptor")
	require.Empty(t, s.At)

	_, err = new(gamelift.Client).GetComputeAuthToken(t.Context(), authTokenInput())
	require.Error(t, err)
}

func TestCallersHTTPClientStaysAsItIs(t *testing.T) {
	t.Parallel()
	own := &http.Client{}
	gamelift.New(gamelift.Options{HTTPClient: own})
	require.Nil(t, own.CheckRedirect)
}

// Options of a call that leave HTTPClient and Retryer nil mean the client's.
func TestOptionsOfACallKeepTheClientsConnectionsAndQuota(t *testing.T) {
	t.Parallel()
	connections := map[string]bool{}
	answer := http.StatusOK
	options := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		w.WriteHeader(answer)
	})
	options.HTTPClient = nil
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	again := func(o *gamelift.Options) { *o = options }
	for range 10 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again)
		require.NoError(t, err)
	}
	require.Len(t, connections, 1)

	answer = http.StatusInternalServerError
	for range 18 { // 35 retries are all that the quota pays for
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again, func(o *gamelift.Options) { o.Credentials = testCredentials() })
		require.Error(t, err)
	}
	_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), again)
	require.Equal(t, "OperationError ResponseError GenericAPIError", chain(err))
}

// Validate names everything that is wrong, does not call the provider, and
// changes nothing.
func TestOptions_Validate(t *testing.T) {
	t.Parallel()
	var client *http.Client
	var tracer *clienttest.Spans
	var meter *clienttest.Meter
	options := gamelift.Options{
		Region: "-", BaseEndpoint: new("ftp://host"), UseFIPS: true, UseDualStack: true, RetryMaxAttempts: -1,
		HTTPClient: client, TracerProvider: tracer, MeterProvider: meter, Logger: new(slog.Logger),
	}
	options.Interceptors.AddBeforeAttempt(nil)
	options.Interceptors.AddAfterAttempt(nil)
	err := options.Validate()
	for _, field := range []string{
		"invalid Region", "BaseEndpoint does not start", "UseFIPS", "UseDualStack",
		"Options.Credentials", "Options.RetryMaxAttempts", "Options.TracerProvider", "Options.MeterProvider",
		"Options.Logger", "Options.Interceptors.BeforeAttempt[0]", "Options.Interceptors.AfterAttempt[0]",
	} {
		require.ErrorContains(t, err, field)
	}
	require.True(t, apierrors.IsCredentials(err))

	options = gamelift.Options{
		Region: "fips-us-east-1",
		Credentials: gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			t.Error("Validate called the provider")
			return gamelift.Credentials{}, nil
		}),
	}
	require.NoError(t, options.Validate())
	require.Equal(t, "fips-us-east-1", options.Region)
	require.False(t, options.UseFIPS)
}

// Keys that cannot sign are found inside any number of caches.
func TestOptions_Validate_CachedCredentials(t *testing.T) {
	t.Parallel()
	var none *gamelift.CredentialsCache
	for want, provider := range map[string]gamelift.CredentialsProvider{
		"provider is nil":                      nil,
		"CredentialsProviderFunc is nil":       gamelift.CredentialsProviderFunc(nil),
		"not made by CacheCredentials":         none,
		"no SecretAccessKey":                   gamelift.StaticCredentials("a", "", ""),
		"is a nil *gamelift_test.typedNil":     (*typedNil)(nil),
		"SessionToken has a character that a ": gamelift.StaticCredentials("a", "s", "\n"),
	} {
		cache := gamelift.CacheCredentials(gamelift.CacheCredentials(provider))
		options := gamelift.Options{Region: "us-west-2", Credentials: cache}
		_, errOfRetrieve := cache.Retrieve(t.Context())
		for _, err := range []error{options.Validate(), errOfRetrieve} {
			require.ErrorContains(t, err, want)
			require.True(t, apierrors.IsCredentials(err), want)
		}
	}
}

// An *http.Client with a nil transport in its interface panics if it is used.
func TestHTTPClientWithANilTransport(t *testing.T) {
	t.Parallel()
	var none *http.Transport
	options := answering(nil)
	options.HTTPClient = &http.Client{Transport: none}
	_, err := call(t, gamelift.New(options))
	require.ErrorContains(t, err, "Options.HTTPClient has a nil *http.Transport")
	require.ErrorContains(t, options.Validate(), "Options.HTTPClient has a nil *http.Transport")
}

func TestNewRetryer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		options *gamelift.RetryerOptions // nil leaves the defaults
		want    int
		delay   bool
	}{
		{nil, 3, true},
		{&gamelift.RetryerOptions{MaxAttempts: -1, MaxBackoff: -1}, 3, true},
		{&gamelift.RetryerOptions{MaxAttempts: 0, MaxBackoff: time.Second}, 0, true},
		{&gamelift.RetryerOptions{MaxAttempts: 7, MaxBackoff: 0}, 7, false},
	} {
		r := gamelift.NewRetryer(nil, func(o *gamelift.RetryerOptions) {
			diff(t, gamelift.RetryerOptions{MaxAttempts: 3, MaxBackoff: 20 * time.Second}, *o)
			if tt.options != nil {
				*o = *tt.options
			}
		})
		require.Equal(t, tt.want, r.MaxAttempts())
		longest := time.Duration(0)
		for range 100 { // each is random
			delay, err := r.RetryDelay(30, errors.New("failed"))
			require.NoError(t, err)
			longest = max(longest, delay)
		}
		require.Equal(t, tt.delay, longest > 0)
	}
}

// A nil *http.Client in the options of a call means the client's, whose
// connections are kept.
func TestTypedNilHTTPClientOfACall(t *testing.T) {
	t.Parallel()
	var none *http.Client
	connections := map[string]bool{}
	options := serve(t, func(_ http.ResponseWriter, r *http.Request) { connections[r.RemoteAddr] = true })
	options.HTTPClient = none
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	for range 10 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.HTTPClient = none })
		require.NoError(t, err)
	}
	require.Len(t, connections, 1)
}

// The instruments of a MeterProvider are made once, and not for every call that
// has option functions.
func TestInstrumentsAreMadeOnce(t *testing.T) {
	t.Parallel()
	meter := &countingMeter{inner: clienttest.NewMeter()}
	client := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) { o.MeterProvider = meter })
	made := meter.made
	require.Positive(t, made)
	for range 10 {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), oneAttempt, func(o *gamelift.Options) { o.AppID = "app" })
		require.NoError(t, err)
	}
	require.Equal(t, made, meter.made)
	require.Equal(t, 10, meter.inner.Records["client.call.attempts rpc.method=GetComputeAuthToken rpc.service=GameLift"], "and they measure these calls")
}

// countingMeter is a MeterProvider that counts the histograms that it makes.
type countingMeter struct {
	inner *clienttest.Meter
	made  int
}

func (m *countingMeter) Meter(string, ...metrics.MeterOption) metrics.Meter {
	return countedMeter{m.inner, &m.made}
}

type countedMeter struct {
	*clienttest.Meter
	made *int
}

func (m countedMeter) Float64Histogram(name string, opts ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	*m.made++
	return m.Meter.Float64Histogram(name, opts...)
}

// typedNil is each of the interfaces in Options, and panics if it is called.
type typedNil struct{ text string }

func (n *typedNil) Retrieve(context.Context) (gamelift.Credentials, error) { panic(n.text) }
func (n *typedNil) Do(*http.Request) (*http.Response, error)               { panic(n.text) }
func (n *typedNil) Tracer(string, ...tracing.TracerOption) tracing.Tracer  { panic(n.text) }
func (n *typedNil) Meter(string, ...metrics.MeterOption) metrics.Meter     { panic(n.text) }
func (n *typedNil) IsErrorRetryable(error) bool                            { panic(n.text) }
func (n *typedNil) MaxAttempts() int                                       { panic(n.text) }
func (n *typedNil) RetryDelay(int, error) (time.Duration, error)           { panic(n.text) }
func (n *typedNil) GetInitialToken() func(error) error                     { panic(n.text) }
func (n *typedNil) GetRetryToken(context.Context, error) (func(error) error, error) {
	panic(n.text)
}

// A nil pointer in an interface is an error that names the option, or means the
// default, and never a panic.
func TestTypedNils(t *testing.T) {
	t.Parallel()
	var none *typedNil
	for name, tt := range map[string]struct {
		set     func(*gamelift.Options)
		invalid bool
	}{
		"Credentials":    {func(o *gamelift.Options) { o.Credentials = none }, true},
		"TracerProvider": {func(o *gamelift.Options) { o.TracerProvider = none }, true},
		"MeterProvider":  {func(o *gamelift.Options) { o.MeterProvider = none }, true},
		"HTTPClient":     {func(o *gamelift.Options) { o.HTTPClient = none }, false},
		"Retryer":        {func(o *gamelift.Options) { o.Retryer = none }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := serve(t, func(w http.ResponseWriter, _ *http.Request) {})
			of := options
			tt.set(&of)
			client := gamelift.New(of)
			defer func() {
				if own, ok := client.Options().HTTPClient.(*http.Client); ok {
					own.CloseIdleConnections()
				}
			}()
			_, err := call(t, client)
			_, errOfCall := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), tt.set)
			if !tt.invalid {
				require.NoError(t, errors.Join(err, errOfCall, of.Validate()))
				return
			}
			for _, err := range []error{err, errOfCall, of.Validate()} {
				require.ErrorContains(t, err, "Options."+name)
			}
		})
	}
}

// The pseudo regions of older SDKs mean a region's FIPS endpoint, as they do in
// aws-sdk-go-v2. The signature names the region itself.
func TestPseudoRegions(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"fips-us-east-1", "us-east-1-fips"} {
		var host, authorization string
		options := answering(func(r *http.Request) (*http.Response, error) {
			host, authorization = r.URL.Host, r.Header.Get("Authorization")
			return response(200, okBody), nil
		})
		options.Region = region
		require.NoError(t, options.Validate())
		_, err := call(t, gamelift.New(options))
		require.NoError(t, err)
		require.Equal(t, "gamelift-fips.us-east-1.amazonaws.com", host)
		require.Contains(t, authorization, "/us-east-1/gamelift/aws4_request")

		options.BaseEndpoint = new("https://gamelift.example")
		_, err = call(t, gamelift.New(options))
		require.NoError(t, err)
		require.Equal(t, "gamelift.example", host)
		require.Contains(t, authorization, "/us-east-1/gamelift/aws4_request")

		options.BaseEndpoint = nil
		client := gamelift.New(options)
		for range 2 { // also as the option of a call, and again
			_, err = client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.Region = region })
			require.NoError(t, err)
			require.Equal(t, "gamelift-fips.us-east-1.amazonaws.com", host)
		}
	}
}

// A nil interceptor is an error of the call at every point, and none of the
// others runs.
func TestNilInterceptors(t *testing.T) {
	t.Parallel()
	points := reflect.TypeFor[smithyhttp.InterceptorRegistry]()
	for i := range points.NumField() {
		s := answers(status(200, okBody))
		var ran []string
		_, err := call(t, gamelift.New(s.Options(), recorder(&ran), func(o *gamelift.Options) {
			field := reflect.ValueOf(&o.Interceptors).Elem().Field(i)
			field.Set(reflect.Append(field, reflect.Zero(field.Type().Elem())))
		}))
		require.ErrorContains(t, err, "Options.Interceptors."+points.Field(i).Name+"[1] is a nil interceptor")
		require.Empty(t, s.At)
		require.Empty(t, ran)
	}
}

// What a call changes counts for a pseudo region, too.
func TestPseudoRegionWithABaseEndpointOfACall(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, okBody) })
	base := options.BaseEndpoint
	options.BaseEndpoint, options.Region = nil, "fips-us-east-1"
	client := gamelift.New(options)
	_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.BaseEndpoint = base })
	require.NoError(t, err)
}

func TestMeterProviderThatFailsForACallWithOptions(t *testing.T) {
	t.Parallel()
	m := clienttest.NewMeter()
	m.Fails = true
	client := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) { o.MeterProvider = m })
	for _, optFns := range [][]func(*gamelift.Options){nil, {func(*gamelift.Options) {}}} {
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), optFns...)
		require.ErrorContains(t, err, "MeterProvider")
	}
}
