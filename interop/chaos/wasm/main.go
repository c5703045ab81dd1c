// Command wasm makes one call with the client's default HTTPClient, against the
// stub at the URL in its argument. It is built for js/wasm, where requests are
// sent with fetch.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func main() {
	out, err := gamelift.New(gamelift.Options{
		Region:       "us-west-2",
		Credentials:  gamelift.StaticCredentials(gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, ""),
		BaseEndpoint: &os.Args[1],
	}).GetComputeAuthToken(context.Background(), &gamelift.GetComputeAuthTokenInput{
		FleetId: new(gamelifttest.AnywhereFleetID), ComputeName: new(gamelifttest.AnywhereCompute),
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("token of", *out.ComputeName)
}
