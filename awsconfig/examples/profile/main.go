// Command profile gets the auth token of a compute with the settings and keys
// of an AWS profile: static keys, SSO, a role, a program, or those of a
// container or an instance.
//
//	profile -profile studio -fleet-id fleet-1234 -compute-name my-host
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("profile", flag.ContinueOnError)
	profile := flags.String("profile", "", "the AWS profile; empty: that of AWS_PROFILE, or the default")
	fleetID := flags.String("fleet-id", "", "the fleet's ID or ARN")
	compute := flags.String("compute-name", "", "the compute's name or ARN")
	if err := flags.Parse(args); err != nil {
		return err
	}

	client, err := awsconfig.Load(ctx, config.WithSharedConfigProfile(*profile))
	if err != nil {
		return err
	}
	token, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: fleetID, ComputeName: compute})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "token for", *token.ComputeArn, "until", token.ExpirationTimestamp)
	return nil
}
