package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamelift-compute/gamelift"
)

// Load makes a client from the settings that AWS SDKs share: the environment
// and the profiles of ~/.aws/config and ~/.aws/credentials. It calls
// config.LoadDefaultConfig with optFns and then [NewFromConfig]. Nil functions
// are skipped.
//
// Load returns the errors of both, for example if a setting is malformed. It
// also returns an error if every call would fail, for example because no region
// is set. It sends requests only if a setting needs one. Credentials are
// retrieved by the first call of an operation, and missing credentials are an
// error of that call, which IsCredentials of package gamelift/errors recognizes.
func Load(ctx context.Context, optFns ...func(*config.LoadOptions) error) (*gamelift.Client, error) {
	optFns = slices.DeleteFunc(slices.Clone(optFns), func(fn func(*config.LoadOptions) error) bool { return fn == nil })
	cfg, err := config.LoadDefaultConfig(ctx, optFns...)
	if err != nil {
		return nil, fmt.Errorf("awsconfig: %w", err)
	}
	client, err := NewFromConfig(cfg)
	if err != nil {
		return nil, err
	}
	if err := client.Options().Validate(); err != nil {
		return nil, fmt.Errorf("awsconfig: %w", err)
	}
	return client, nil
}

// NewFromConfig makes a client from a configuration of aws-sdk-go-v2, as
// service/gamelift.NewFromConfig does. The package documentation describes how
// it uses each field. It returns an error if cfg has a setting that the client
// cannot honor: APIOptions, an endpoint resolver or an unknown RetryMode. Like
// gamelift.New, it does not check the options: Options.Validate does.
//
// optFns change the options after cfg.ServiceOptions have. Nil functions are
// skipped.
func NewFromConfig(cfg aws.Config, optFns ...func(*gamelift.Options)) (*gamelift.Client, error) {
	options, err := optionsOf(cfg)
	if err != nil {
		return nil, fmt.Errorf("awsconfig: %w", err)
	}
	return gamelift.New(options, optFns...), nil
}

func optionsOf(cfg aws.Config) (gamelift.Options, error) {
	options := gamelift.Options{
		Region:                     cfg.Region,
		HTTPClient:                 withPings(cfg.HTTPClient),
		DisableClockSkewCorrection: cfg.DisableClockSkewCorrection,
		RetryMaxAttempts:           cfg.RetryMaxAttempts,
		Interceptors:               cfg.Interceptors.Copy(),
		AppID:                      cfg.AppID,
	}
	if cfg.Credentials != nil {
		options.Credentials = Credentials(cfg.Credentials)
	}
	if !isNil(cfg.Logger) && cfg.ClientLogMode != 0 {
		options.Logger = newLogger(cfg.Logger)
	}
	if err := errors.Join(unsupported(cfg), resolveRetryer(cfg, &options), resolveEndpoint(cfg, &options)); err != nil {
		return gamelift.Options{}, err
	}
	for _, fn := range cfg.ServiceOptions {
		if fn != nil {
			fn(gamelift.ServiceID, &options)
		}
	}
	return options, nil
}

// withPings makes an HTTP client of the SDK notice dead HTTP/2 connections, as
// the client's own does, unless it has such settings already. LoadDefaultConfig
// sets such a client if there is a CA bundle.
func withPings(client aws.HTTPClient) aws.HTTPClient {
	buildable, ok := client.(*awshttp.BuildableClient)
	if !ok || buildable == nil || buildable.GetTransport().HTTP2 != nil {
		return client
	}
	return buildable.WithTransportOptions(func(t *http.Transport) {
		t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}
	})
}

// unsupported reports the fields of cfg that the client cannot honor.
func unsupported(cfg aws.Config) error {
	var errs []error
	if len(cfg.APIOptions) > 0 {
		errs = append(errs, errors.New("aws.Config.APIOptions is not supported, because the client has no middleware stack: "+
			"use Interceptors, or module otelgamelift for tracing and metrics; to go on without it, set cfg.APIOptions = nil"))
	}
	//lint:ignore SA1019 it is refused because it is deprecated
	if cfg.EndpointResolver != nil {
		errs = append(errs, errors.New("aws.Config.EndpointResolver is not supported: use BaseEndpoint"))
	}
	//lint:ignore SA1019 it is refused because it is deprecated
	if cfg.EndpointResolverWithOptions != nil {
		errs = append(errs, errors.New("aws.Config.EndpointResolverWithOptions is not supported: use BaseEndpoint"))
	}
	return errors.Join(errs...)
}

// resolveRetryer sets the Retryer, unless the client's standard one is right.
func resolveRetryer(cfg aws.Config, options *gamelift.Options) error {
	if cfg.Retryer != nil {
		if retryer := cfg.Retryer(); !isNil(retryer) {
			options.Retryer = retryer
			return nil
		}
	}
	switch cfg.RetryMode {
	case aws.RetryModeAdaptive:
		options.Retryer = retry.NewAdaptiveMode()
	case aws.RetryModeStandard, "":
	default:
		return fmt.Errorf("aws.Config.RetryMode is %q: want %q or %q", cfg.RetryMode, aws.RetryModeStandard, aws.RetryModeAdaptive)
	}
	return nil
}
