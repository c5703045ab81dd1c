// Command quickstart runs the three operations of the client and one call that
// fails. Without arguments it calls a stub of the service that it starts itself.
//
// Against the service, with credentials in the environment:
//
//	go run ./examples/quickstart -region us-west-2 -fleet fleet-... -compute i-... -build build-...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// target has the IDs for the inputs of the operations.
type target struct{ fleet, compute, build string }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	region := flags.String("region", "", "AWS region; else AWS_REGION. Without any arguments the embedded stub is called")
	endpoint := flags.String("endpoint", "", "URL to call in place of the region's endpoint")
	var t target
	flags.StringVar(&t.fleet, "fleet", "", "ID or ARN of a fleet")
	flags.StringVar(&t.compute, "compute", "", "name of a compute of the fleet")
	flags.StringVar(&t.build, "build", "", "ID or ARN of a build")
	if err := flags.Parse(args); err != nil {
		return err
	}

	if len(args) == 0 {
		stub := gamelifttest.NewServer()
		defer stub.Close()
		fmt.Fprintf(stdout, "Calling a stub of the service at %s.\n", stub.URL())
		return call(ctx, stdout, gamelift.New(stub.ClientOptions()), target{
			fleet: gamelifttest.EC2FleetID, compute: gamelifttest.EC2Compute, build: gamelifttest.BuildID,
		})
	}

	options, err := gamelift.OptionsFromEnv()
	if err != nil {
		return err
	}
	if *region != "" {
		options.Region = *region
	}
	if *endpoint != "" {
		options.BaseEndpoint = endpoint
	}
	return call(ctx, stdout, gamelift.New(options), t)
}

// call runs each operation whose target is known.
func call(ctx context.Context, w io.Writer, client *gamelift.Client, t target) error {
	if t.fleet == "" && t.build == "" {
		return errors.New("nothing to do: name a -fleet and a -compute, or a -build")
	}
	if t.fleet != "" {
		token, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: &t.fleet, ComputeName: &t.compute})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\nGetComputeAuthToken, for InitSDK() of a game server on %s\n", show(token.ComputeName))
		fmt.Fprintf(w, "  token       %s\n", length(token.AuthToken))
		if token.ExpirationTimestamp != nil {
			life := token.ExpirationTimestamp.Sub(gamelift.ServerTime(token.ResultMetadata))
			fmt.Fprintf(w, "  expires     %s, in %s\n", token.ExpirationTimestamp.Format(time.RFC3339), life.Round(time.Minute))
		}
		fmt.Fprintf(w, "  request ID  %s\n", gamelift.RequestID(token.ResultMetadata))

		fmt.Fprintf(w, "\nGetComputeAccess, for a session through AWS Systems Manager\n")
		if err := showAccess(ctx, w, client, t); err != nil {
			return err
		}
	}
	if t.build != "" {
		upload, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &t.build})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\nRequestUploadCredentials, for the files of %s\n", t.build)
		if at := upload.StorageLocation; at != nil {
			fmt.Fprintf(w, "  upload to   s3://%s/%s\n", show(at.Bucket), show(at.Key))
		}
		showCredentials(w, upload.UploadCredentials)
		fmt.Fprintf(w, "  request ID  %s\n", gamelift.RequestID(upload.ResultMetadata))
	}

	missing := "build-00000000-0000-0000-0000-000000000000"
	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &missing})
	fmt.Fprintf(w, "\nRequestUploadCredentials, for a build that does not exist\n")
	var notFound *types.NotFoundException
	if !errors.As(err, &notFound) {
		return fmt.Errorf("want a NotFoundException, got: %w", err)
	}
	fmt.Fprintf(w, "  typed       %T: %s\n", notFound, notFound.ErrorMessage())
	fmt.Fprintf(w, "  in full     %v\n", err)
	return nil
}

// showAccess calls GetComputeAccess. That an Anywhere fleet has no access to
// give is shown, and no reason to stop.
func showAccess(ctx context.Context, w io.Writer, client *gamelift.Client, t target) error {
	access, err := client.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{FleetId: &t.fleet, ComputeName: &t.compute})
	var invalid *types.InvalidRequestException
	if errors.As(err, &invalid) {
		fmt.Fprintf(w, "  refused     %s\n", invalid.ErrorMessage())
		return nil
	}
	if err != nil {
		return err
	}
	target := access.Target
	if target == nil {
		target = access.ComputeName // of an EC2 fleet, that is the instance ID
	}
	fmt.Fprintf(w, "  target      %s\n", show(target))
	showCredentials(w, access.Credentials)
	fmt.Fprintf(w, "  request ID  %s\n", gamelift.RequestID(access.ResultMetadata))
	return nil
}

func showCredentials(w io.Writer, c *types.AwsCredentials) {
	if c != nil {
		fmt.Fprintf(w, "  key ID      %s\n  secret      %s\n  session     %s\n", show(c.AccessKeyId), length(c.SecretAccessKey), length(c.SessionToken))
	}
}

func show(s *string) string {
	if s == nil {
		return "(none)"
	}
	return *s
}

// length describes a secret without printing any part of it.
func length(s *string) string {
	if s == nil {
		return "(none)"
	}
	return fmt.Sprintf("(%d characters)", len(*s))
}
