package awsconfig

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamelift-compute/gamelift"
)

// The interfaces that the SDK's clients look for in aws.Config.ConfigSources.
type (
	endpointIgnorer interface {
		GetIgnoreConfiguredEndpoints(context.Context) (ignore, found bool, err error)
	}
	serviceEndpointer interface {
		GetServiceBaseEndpoint(ctx context.Context, serviceID string) (url string, found bool, err error)
	}
	fipsChooser interface {
		GetUseFIPSEndpoint(context.Context) (state aws.FIPSEndpointState, found bool, err error)
	}
	dualStackChooser interface {
		GetUseDualStackEndpoint(context.Context) (state aws.DualStackEndpointState, found bool, err error)
	}
)

// resolveEndpoint sets the options that choose the endpoint.
func resolveEndpoint(cfg aws.Config, options *gamelift.Options) error {
	fips, _, err := first(cfg, fipsChooser.GetUseFIPSEndpoint)
	if err != nil {
		return err
	}
	dualStack, _, err := first(cfg, dualStackChooser.GetUseDualStackEndpoint)
	if err != nil {
		return err
	}
	options.UseFIPS = fips == aws.FIPSEndpointStateEnabled
	options.UseDualStack = dualStack == aws.DualStackEndpointStateEnabled
	options.BaseEndpoint, err = baseEndpoint(cfg)
	return err
}

// baseEndpoint returns the endpoint of the first source that has one for this
// service, and otherwise cfg.BaseEndpoint, the endpoint for all services.
func baseEndpoint(cfg aws.Config) (*string, error) {
	ignore, _, err := first(cfg, endpointIgnorer.GetIgnoreConfiguredEndpoints)
	if err != nil || ignore || onlyForAllServices(cfg) {
		return cfg.BaseEndpoint, err
	}
	url, found, err := first(cfg, forThisService)
	if !found || err != nil {
		return cfg.BaseEndpoint, err
	}
	return &url, nil
}

func forThisService(s serviceEndpointer, ctx context.Context) (url string, found bool, err error) {
	return s.GetServiceBaseEndpoint(ctx, gamelift.ServiceID)
}

// onlyForAllServices reports whether the environment has AWS_ENDPOINT_URL and no
// variable for this service. AWS_ENDPOINT_URL takes precedence over the services
// section of the profile.
func onlyForAllServices(cfg aws.Config) bool {
	for _, source := range cfg.ConfigSources {
		if env, ok := source.(config.EnvConfig); ok && env.BaseEndpoint != "" {
			_, found, err := forThisService(env, context.Background())
			return !found && err == nil
		}
	}
	return false
}

// first returns a setting from the first source that has it.
func first[Source, T any](cfg aws.Config, get func(Source, context.Context) (T, bool, error)) (value T, found bool, err error) {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(Source); ok {
			if value, found, err = get(s, context.Background()); found || err != nil {
				return value, found, err
			}
		}
	}
	return value, false, nil
}
