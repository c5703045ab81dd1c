// Gamelift is the smallest program with the client: package footprint counts what it links.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gamelift-compute/gamelift"
)

func main() {
	client := gamelift.New(gamelift.Options{
		Region:      "us-west-2",
		Credentials: gamelift.StaticCredentials(os.Args[1], os.Args[2], ""),
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
