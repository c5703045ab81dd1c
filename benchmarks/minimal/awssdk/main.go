// Awssdk is the smallest program with aws-sdk-go-v2's service/gamelift: package footprint counts what it links.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/gamelift"
)

func main() {
	client := gamelift.New(gamelift.Options{
		Region: "us-west-2",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Args[1], SecretAccessKey: os.Args[2]}, nil
		}),
	})
	out, err := client.GetComputeAuthToken(context.Background(), &gamelift.GetComputeAuthTokenInput{
		FleetId: &os.Args[3], ComputeName: &os.Args[4],
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(*out.AuthToken)
}
