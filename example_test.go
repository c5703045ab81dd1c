package gamelift_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func Example() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())

	fleet, compute := gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute
	token, err := client.GetComputeAuthToken(context.Background(),
		&gamelift.GetComputeAuthTokenInput{FleetId: &fleet, ComputeName: &compute})
	if err != nil {
		log.Fatal(err)
	}
	life := token.ExpirationTimestamp.Sub(gamelift.ServerTime(token.ResultMetadata))
	fmt.Println("token of", *token.ComputeName, "is good for", life.Round(time.Minute))
	// Output: token of HardwareAnywhere is good for 3h0m0s
}

func ExampleNew() {
	client := gamelift.New(gamelift.Options{
		Region:         "us-west-2",
		Credentials:    gamelift.EnvironmentCredentials(),
		AttemptTimeout: 5 * time.Second,
	}, func(o *gamelift.Options) {
		o.AppID = "lobby"
	})
	fmt.Println(client)
	// Output: Client{Region:"us-west-2" Credentials:true UseFIPS:false UseDualStack:false AttemptTimeout:5s DisableClockSkewCorrection:false RetryMaxAttempts:0 AppID:"lobby"}
}

func ExampleOptionsFromEnv() {
	os.Setenv("AWS_REGION", "eu-west-1")
	os.Setenv("AWS_MAX_ATTEMPTS", "many")
	defer os.Unsetenv("AWS_REGION")
	defer os.Unsetenv("AWS_MAX_ATTEMPTS")
	_, err := gamelift.OptionsFromEnv()
	fmt.Println(err)
	// Output: AWS_MAX_ATTEMPTS: want a whole number of at least 1
}

func ExampleClient_GetComputeAuthToken() {
	stub := gamelifttest.NewServer()
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())

	fleet, compute := gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute
	token, err := client.GetComputeAuthToken(context.Background(), &gamelift.GetComputeAuthTokenInput{
		FleetId:     &fleet,
		ComputeName: &compute,
	})
	if err != nil {
		log.Fatal(err)
	}
	// What the server SDK in a child process reads instead of its code's parameters:
	_ = "GAMELIFT_SDK_AUTH_TOKEN=" + *token.AuthToken
	fmt.Println(*token.FleetId, *token.ComputeName)
	// Output: fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa HardwareAnywhere
}

func ExampleClient_GetComputeAccess() {
	stub := gamelifttest.NewServer()
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())

	fleet, compute := gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute
	access, err := client.GetComputeAccess(context.Background(), &gamelift.GetComputeAccessInput{
		FleetId:     &fleet,
		ComputeName: &compute,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("aws ssm start-session --target", *access.Target)
	for _, container := range access.ContainerIdentifiers {
		fmt.Println("docker exec -it", *container.ContainerRuntimeId, "sh")
	}
	// Output:
	// aws ssm start-session --target i-0fedcba9876543210
	// docker exec -it 0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890 sh
}

func ExampleClient_RequestUploadCredentials() {
	stub := gamelifttest.NewServer()
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())

	build := gamelifttest.BuildID
	upload, err := client.RequestUploadCredentials(context.Background(), &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("upload to", *upload.StorageLocation.Bucket)
	// Output: upload to prod-gamescale-builds-us-west-2
}

func ExampleCacheCredentials() {
	fetches := 0
	provider := gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		fetches++ // a call of AWS STS, say
		return gamelift.Credentials{
			AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "session",
			CanExpire: true, Expires: time.Now().Add(time.Hour),
		}, nil
	})
	cache := gamelift.CacheCredentials(provider)
	for range 3 {
		if _, err := cache.Retrieve(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(fetches)
	// Output: 1
}

func ExampleCredentials() {
	credentials := gamelift.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}
	fmt.Printf("%+v\n", credentials)
	// Output: Credentials{AccessKeyID:"AKIDEXAMPLE" SecretAccessKey:"REDACTED"}
}
