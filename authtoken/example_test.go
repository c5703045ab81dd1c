package authtoken_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A launcher of game servers on one host.
func ExampleSource() {
	stub := gamelifttest.NewServer() // in place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	source := authtoken.NewSource(client, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute, func(o *authtoken.Options) {
		o.OnFailure = func(err *authtoken.FetchError) { fmt.Println("no token, trying again:", err) }
	})
	go func() { _ = source.Run(ctx) }() // fetches ahead, so that no launch has to wait

	token, err := source.Token(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("for", token.ComputeName, "of", token.FleetID)
	// Output:
	// for HardwareAnywhere of fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa
}

// A launcher of game servers on all hosts of an account.
func ExamplePool() {
	stub := gamelifttest.NewServer() // in place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	pool := authtoken.NewPool(client)
	go func() { _ = pool.Run(ctx) }()

	for _, compute := range []struct{ fleetID, name string }{
		{gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute},
		{gamelifttest.EC2FleetID, gamelifttest.EC2Compute},
	} {
		token, err := pool.Token(ctx, compute.fleetID, compute.name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("for", token.ComputeName)
	}
	stats := pool.Stats()
	fmt.Println(stats.Fresh, "of", stats.Computes, "are fresh, after", stats.Requests, "requests")
	// Output:
	// for HardwareAnywhere
	// for i-0123456789abcdef0
	// 2 of 2 are fresh, after 2 requests
}

// What a child process gets; printed here without the values.
func ExampleToken_Env() {
	token := authtoken.Token{Value: "secret", FleetID: "fleet-1", ComputeName: "host-1"}
	env := token.Env(authtoken.ServerProcess{WebSocketURL: "wss://us-west-2.api.amazongamelift.com", ProcessID: "process-1"})
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		fmt.Println(name)
	}
	fmt.Println(token)
	// Output:
	// GAMELIFT_SDK_AUTH_TOKEN
	// GAMELIFT_SDK_FLEET_ID
	// GAMELIFT_SDK_HOST_ID
	// GAMELIFT_SDK_WEBSOCKET_URL
	// GAMELIFT_SDK_PROCESS_ID
	// Token{FleetID:"fleet-1" ComputeName:"host-1" Value:"REDACTED" Expires:0001-01-01 00:00:00 +0000 UTC}
}
