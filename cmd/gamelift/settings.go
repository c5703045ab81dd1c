package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
)

// settings are the flags that every command takes. A flag that is not given is empty.
type settings struct{ region, profile, endpointURL string }

func (s *settings) addTo(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.Var(value{text: &s.region, kind: "REGION"}, "region", "AWS region")
	flags.Var(value{text: &s.profile, kind: "PROFILE"}, "profile", "profile of ~/.aws/config; wins over keys in the environment")
	flags.Var(value{text: &s.endpointURL, kind: "URL"}, "endpoint-url", "URL of GameLift in place of the region's; other services keep theirs")
	for _, name := range []string{"region", "profile", "endpoint-url"} {
		noFiles(cmd, name)
	}
}

// check returns an error if the region or the endpoint is not valid.
func (s *settings) check() error {
	valid := gamelift.Options{Region: "us-west-2", Credentials: gamelift.StaticCredentials("-", "-", "")}
	options := valid
	options.Region = cmp.Or(s.region, valid.Region)
	if err := options.Validate(); err != nil {
		return fmt.Errorf("--region: %w", err)
	}
	options = valid
	s.setEndpoint(&options)
	if err := options.Validate(); err != nil {
		return fmt.Errorf("--endpoint-url: %w", err)
	}
	return nil
}

func (s *settings) setEndpoint(o *gamelift.Options) {
	if s.endpointURL != "" {
		o.BaseEndpoint = &s.endpointURL
	}
}

// load reads the configuration that AWS tools share, and makes the client.
func (s *settings) load(ctx context.Context) (aws.Config, *gamelift.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(s.region),
		config.WithSharedConfigProfile(s.profile),
		config.WithLogger(logging.Nop{}), // the default one writes to standard error
	)
	if err != nil {
		return aws.Config{}, nil, err
	}
	client, err := awsconfig.NewFromConfig(cfg, s.setEndpoint)
	return cfg, client, err
}
