package awsconfig_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A client of a profile. Without options, Load uses what AWS_PROFILE and the
// other variables of the environment say.
func ExampleLoad() {
	server := gamelifttest.NewServer() // a stub of the service
	defer server.Close()
	dir, err := os.MkdirTemp("", "aws")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "config") // a program reads ~/.aws/config
	profile := "[profile studio]\nregion = us-west-2\naws_access_key_id = " + gamelifttest.AccessKeyID +
		"\naws_secret_access_key = " + gamelifttest.SecretAccessKey + "\n"
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	client, err := awsconfig.Load(ctx,
		config.WithSharedConfigProfile("studio"),
		config.WithSharedConfigFiles([]string{file}),
		config.WithBaseEndpoint(server.URL()),
	)
	if err != nil {
		log.Fatal(err)
	}
	token, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     aws.String(gamelifttest.AnywhereFleetID),
		ComputeName: aws.String(gamelifttest.AnywhereCompute),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Options().Region, *token.ComputeName)
	// Output:
	// us-west-2 HardwareAnywhere
}

// One configuration for the clients of the SDK and this one.
func ExampleNewFromConfig() {
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithRegion("eu-west-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", "")),
	)
	if err != nil {
		log.Fatal(err)
	}
	client, err := awsconfig.NewFromConfig(cfg, func(o *gamelift.Options) {
		o.AttemptTimeout = 5 * time.Second
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Options().Region, client.Options().AttemptTimeout)
	// Output:
	// eu-west-1 5s
}

// Keys of a program, in options that are made by hand.
func ExampleCredentials() {
	provider := processcreds.NewProvider("vault-credentials --role operator")
	client := gamelift.New(gamelift.Options{
		Region:      "us-west-2",
		Credentials: awsconfig.Credentials(aws.NewCredentialsCache(provider)),
	})
	fmt.Println(client.Options().Credentials != nil)
	// Output:
	// true
}

// Credentials for a session with a compute through AWS Systems Manager, and the
// target of that session.
func ExampleNewComputeAccess() {
	server := gamelifttest.NewServer() // a stub of the service
	defer server.Close()
	client := gamelift.New(server.ClientOptions())

	access := awsconfig.NewComputeAccess(client, gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute)
	cache := aws.NewCredentialsCache(access) // for ssm.Options.Credentials
	keys, err := cache.Retrieve(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys.CanExpire, access.Output().Target != nil, len(access.Output().ContainerIdentifiers))
	// Output:
	// true true 1
}

// Credentials for the upload of a build to Amazon S3, and the place that it goes
// to.
func ExampleNewUploadCredentials() {
	server := gamelifttest.NewServer() // a stub of the service
	defer server.Close()
	client := gamelift.New(server.ClientOptions())

	upload := awsconfig.NewUploadCredentials(client, gamelifttest.BuildID)
	cache := aws.NewCredentialsCache(upload) // for s3.Options.Credentials
	keys, err := cache.Retrieve(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys.CanExpire, upload.Output().StorageLocation.Bucket != nil)
	// Output:
	// true true
}
