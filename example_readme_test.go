package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"testing"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

// The code in README.md is taken from this file and from example_errors_test.go.

// setEnv sets the variables with which OptionsFromEnv makes the options of a
// stub's client.
func setEnv(stub *gamelifttest.Server) {
	for name, value := range map[string]string{
		"AWS_REGION":                stub.ClientOptions().Region,
		"AWS_ACCESS_KEY_ID":         gamelifttest.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":     gamelifttest.SecretAccessKey,
		"AWS_ENDPOINT_URL_GAMELIFT": stub.URL(),
	} {
		if err := os.Setenv(name, value); err != nil {
			log.Fatal(err)
		}
	}
}

func unsetEnv() {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_GAMELIFT"} {
		_ = os.Unsetenv(name)
	}
}

// A token of a compute, with the region and the keys of the environment.
func ExampleOptionsFromEnv_token() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	setEnv(stub)
	defer unsetEnv()
	ctx := context.Background()

	options, err := gamelift.OptionsFromEnv() // AWS_REGION, AWS_ACCESS_KEY_ID, ...
	if err != nil {
		log.Fatal(err)
	}
	client := gamelift.New(options)

	token, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     new("fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"),
		ComputeName: new("HardwareAnywhere"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*token.ComputeName, "has a token of", len(*token.AuthToken), "characters")
	// Output: HardwareAnywhere has a token of 36 characters
}

// The launcher of game servers on a host of an Anywhere fleet.
func Example_keepFresh() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fleetID, compute := gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute
	server, processID := exec.CommandContext(ctx, "./game-server"), "process-1"

	source := authtoken.NewSource(client, fleetID, compute)
	go source.Run(ctx) // renews the token in the background

	token, err := source.Token(ctx) // valid now, and usually without a request
	if err != nil {
		log.Fatal(err)
	}
	server.Env = append(os.Environ(), token.Env(authtoken.ServerProcess{
		WebSocketURL: "wss://us-west-2.api.amazongamelift.com",
		ProcessID:    processID,
	})...)

	fmt.Println(token.ComputeName)
	// Output: HardwareAnywhere
}

func TestLauncher(t *testing.T) {
	stub := gamelifttest.NewServer() // verifies signatures, needs no account
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())

	stub.Inject(gamelifttest.Fault{Code: "NotFoundException", Message: "no such compute"})
	_, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{
		FleetId:     new(gamelifttest.AnywhereFleetID),
		ComputeName: new(gamelifttest.AnywhereCompute),
	})
	var notFound *types.NotFoundException
	if !errors.As(err, &notFound) {
		t.Errorf("got %v, want a NotFoundException", err)
	}
}
