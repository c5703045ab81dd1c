// Gamelift is the smallest program with this client. Program record measures
// what it links and how fast it starts. The arguments are endpoint, access key
// ID, secret access key, fleet ID and compute name.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gamelift-compute/gamelift"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := gamelift.New(gamelift.Options{
		Region:       "us-west-2",
		BaseEndpoint: &os.Args[1],
		Credentials:  gamelift.StaticCredentials(os.Args[2], os.Args[3], ""),
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
