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
// service or, in the environment, for all services. If there is none, it
// returns cfg.BaseEndpoint, which holds the one for all services.
func baseEndpoint(cfg aws.Config) (*string, error) {
	ignore, _, err := first(cfg, endpointIgnorer.GetIgnoreConfiguredEndpoints)
	if err != nil || ignore {
		return cfg.BaseEndpoint, err
	}
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(serviceEndpointer); ok {
			url, found, err := s.GetServiceBaseEndpoint(context.Background(), gamelift.ServiceID)
			if err != nil {
				return nil, err
			}
			if found {
				return &url, nil
			}
		}
		if env, ok := source.(config.EnvConfig); ok && env.BaseEndpoint != "" {
			break // AWS_ENDPOINT_URL goes before the profile's services section
		}
	}
	return cfg.BaseEndpoint, nil
}

// first returns what the first source that has a setting says.
func first[Source, T any](cfg aws.Config, get func(Source, context.Context) (T, bool, error)) (value T, found bool, err error) {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(Source); ok {
			if value, found, err = get(s, context.Background()); found || err != nil {
				break
			}
		}
	}
	return value, found, err
}
