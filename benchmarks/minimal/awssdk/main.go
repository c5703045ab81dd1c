// Awssdk is the smallest program with aws-sdk-go-v2's service/gamelift. Program
// record measures what it links and how fast it starts. The arguments are
// endpoint, access key ID, secret access key, fleet ID and compute name.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/gamelift"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := gamelift.New(gamelift.Options{
		Region:       "us-west-2",
		BaseEndpoint: &os.Args[1],
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Args[2], SecretAccessKey: os.Args[3]}, nil
		}),
	})
	out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId: &os.Args[4], ComputeName: &os.Args[5],
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(*out.AuthToken)
}
