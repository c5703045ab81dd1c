package gamelifttest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

// fetchToken is the code under test in these examples.
func fetchToken(client *gamelift.Client, fleetID, computeName string) (token string, expires time.Time, err error) {
	out, err := client.GetComputeAuthToken(context.Background(), &gamelift.GetComputeAuthTokenInput{
		FleetId: &fleetID, ComputeName: &computeName,
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return *out.AuthToken, *out.ExpirationTimestamp, nil
}

// A Go test with a server of its own.
func ExampleNewServer() {
	server := gamelifttest.NewServer()
	defer server.Close()
	client := gamelift.New(server.ClientOptions())

	token, _, err := fetchToken(client, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	fmt.Println(len(token), err)

	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-mine", Name: "host-1"})
	token, _, err = fetchToken(client, "fleet-mine", "host-1")
	fmt.Println(len(token), err)
	// Output:
	// 36 <nil>
	// 36 <nil>
}

// A table test in which each case injects faults.
func ExampleServer_Inject() {
	for _, tt := range []struct {
		name   string
		faults []gamelifttest.Fault
	}{
		{"throttled once", []gamelifttest.Fault{{Code: "ThrottlingException"}}},
		{"connection reset, then half a response", []gamelifttest.Fault{{Break: gamelifttest.Reset}, {Break: gamelifttest.Truncated}}},
		{"proxy in the way", []gamelifttest.Fault{{Status: 502, Break: gamelifttest.HTML, Count: -1}}},
		{"another compute's trouble", []gamelifttest.Fault{{Code: "NotFoundException", ComputeName: "other"}}},
	} {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(tt.faults...)
		options := server.ClientOptions()
		options.Retryer = impatient{}
		_, _, err := fetchToken(gamelift.New(options), gamelifttest.EC2FleetID, gamelifttest.EC2Compute)

		var gaveUp *apierrors.MaxAttemptsError
		fmt.Printf("%s: %d requests, gave up: %t, unused faults: %d\n",
			tt.name, len(server.Requests()), errors.As(err, &gaveUp), len(server.Unused()))
	}
	// Output:
	// throttled once: 2 requests, gave up: false, unused faults: 0
	// connection reset, then half a response: 3 requests, gave up: false, unused faults: 0
	// proxy in the way: 3 requests, gave up: true, unused faults: 0
	// another compute's trouble: 1 requests, gave up: false, unused faults: 1
}

// impatient retries every error without a delay.
type impatient struct{}

func (impatient) IsErrorRetryable(error) bool                  { return true }
func (impatient) MaxAttempts() int                             { return 3 }
func (impatient) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (impatient) GetInitialToken() func(error) error           { return func(error) error { return nil } }
func (impatient) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// A test that sets the server's clock. The client corrects its own clock with the
// Date header of the responses, as it does with the service.
func Example_timeTravel() {
	clock := time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)
	server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) {
		o.Now = func() time.Time { return clock }
	})
	client := gamelift.New(server.ClientOptions())

	var last string
	for _, hours := range []float64{0, 1, 2.7, 2.8} {
		clock = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC).Add(time.Duration(hours * float64(time.Hour)))
		token, expires, err := fetchToken(client, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: another token: %t, good until %s\n", clock.Format(time.TimeOnly), token != last, expires.UTC().Format(time.TimeOnly))
		last = token
	}
	// Output:
	// 12:00:00: another token: true, good until 15:00:00
	// 13:00:00: another token: false, good until 15:00:00
	// 14:42:00: another token: false, good until 15:00:00
	// 14:48:00: another token: true, good until 17:48:00
}

// A test that looks at the requests that arrived.
func ExampleServer_Requests() {
	server := gamelifttest.NewUnstartedServer()
	client := gamelift.New(server.ClientOptions())
	_, _, _ = fetchToken(client, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	_, _, err := fetchToken(client, gamelifttest.AnywhereFleetID, "unknown")

	var notFound *types.NotFoundException
	fmt.Println(errors.As(err, &notFound))
	for _, r := range server.Requests() {
		fmt.Println(r.Operation, r.Input["ComputeName"], r.Status, r.ErrorCode, r.Attempt, r.Header.Get("X-Amz-Target"))
	}
	// Output:
	// true
	// GetComputeAuthToken HardwareAnywhere 200  1 GameLift.GetComputeAuthToken
	// GetComputeAuthToken unknown 400 NotFoundException 1 GameLift.GetComputeAuthToken
}

// A build for a test that uploads to an S3-compatible server of its own: the
// bucket, the key and the credentials are those of that server.
func ExampleServer_AddBuild() {
	server := gamelifttest.NewUnstartedServer()
	server.AddBuild(gamelifttest.Build{
		ID: "build-1", Bucket: "test-bucket", Key: "test-key",
		Credentials: gamelift.Credentials{AccessKeyID: "uploader", SecretAccessKey: "uploader's secret"},
	})
	client := gamelift.New(server.ClientOptions())

	id := "build-1"
	out, err := client.RequestUploadCredentials(context.Background(), &gamelift.RequestUploadCredentialsInput{BuildId: &id})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.StorageLocation.Bucket, *out.StorageLocation.Key, *out.UploadCredentials.AccessKeyId)
	// Output: test-bucket test-key uploader
}
