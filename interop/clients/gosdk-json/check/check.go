// Package check runs service/gamelift of aws-sdk-go-v2 against the stub, at the version that the main module requires.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/aws-sdk-go-v2/service/gamelift/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Expect is what differs between versions of the SDK.
type Expect struct {
	Protocol string // of every request

	// KeepsNamespace reports whether the SDK leaves the namespace in an error code that the API model does not
	// name, so that it does not retry throttling.
	KeepsNamespace bool

	// CorrectsClock reports whether the SDK uses the stub's time after a call that failed because of a wrong
	// clock.
	CorrectsClock bool
}

const (
	service   = "github.com/aws/aws-sdk-go-v2/service/gamelift"
	fleetID   = "containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc"
	compute   = "0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"
	buildID   = "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff"
	arnPrefix = "arn:aws:gamelift:us-west-2:111122223333:"
)

// Main runs every check. It exits if one fails.
func Main(expect Expect) {
	defer func() {
		if failed, ok := recover().(checkFailed); ok {
			fmt.Fprintln(os.Stderr, failed)
			os.Exit(1)
		}
	}()
	s := newStub()
	c := checks{Expect: expect, stub: s, patient: newClient(s.url, 3), impatient: newClient(s.url, 1)}
	for _, run := range []func(context.Context){c.operations, c.modelledError, c.throttle, c.expiredSignature} {
		s.reset()
		run(context.Background())
		equal("faults that nobody asked for", []any{}, s.unused())
	}
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == service {
			fmt.Printf("aws-sdk-go-v2 service/gamelift %s: ok, %s\n", module.Version, expect.Protocol)
		}
	}
}

func newClient(url string, attempts int) *gamelift.Client {
	return gamelift.New(gamelift.Options{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
		RetryMaxAttempts: attempts,
	})
}

type checks struct {
	Expect
	stub               stub
	patient, impatient *gamelift.Client
}

func (c *checks) upload(ctx context.Context, client *gamelift.Client) error {
	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(buildID)})
	return err
}

func (c *checks) operations(ctx context.Context) {
	token, err := c.patient.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: aws.String(fleetID), ComputeName: aws.String(compute)})
	must(err)
	matches("token", `^[a-zA-Z0-9-]{1,64}$`, aws.ToString(token.AuthToken))
	served := c.stub.requests()[0].Time
	equal("token's end", served.Add(3*time.Hour).UnixMilli(), aws.ToTime(token.ExpirationTimestamp).UnixMilli())
	arns := []string{arnPrefix + "containerfleet/" + fleetID, fleetID, arnPrefix + "compute/" + compute, compute}
	equal("token's compute", arns, values(token.FleetArn, token.FleetId, token.ComputeArn, token.ComputeName))

	access, err := c.patient.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{FleetId: aws.String(fleetID), ComputeName: aws.String(compute)})
	must(err)
	checkKeys("access", access.Credentials)
	equal("access's compute", arns, values(access.FleetArn, access.FleetId, access.ComputeArn, access.ComputeName))
	equal("access's target", "i-0fedcba9876543210", aws.ToString(access.Target))
	equal("number of containers", 1, len(access.ContainerIdentifiers))
	equal("container", []string{"game-server", "0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890"},
		values(access.ContainerIdentifiers[0].ContainerName, access.ContainerIdentifiers[0].ContainerRuntimeId))

	upload, err := c.patient.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(buildID)})
	must(err)
	checkKeys("upload", upload.UploadCredentials)
	equal("where to upload", []string{"prod-gamescale-builds-us-west-2", "111122223333/" + buildID},
		values(upload.StorageLocation.Bucket, upload.StorageLocation.Key))

	c.responded("GetComputeAuthToken 200 ", "GetComputeAccess 200 ", "RequestUploadCredentials 200 ")
}

func (c *checks) modelledError(ctx context.Context) {
	_, err := c.patient.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String("build-none")})
	var notFound *types.NotFoundException
	found(err, &notFound)
	equal("message", "Build build-none was not found in us-west-2.", notFound.ErrorMessage())
	var response *smithyhttp.ResponseError
	found(err, &response)
	equal("status", 400, response.HTTPStatusCode())
	var named interface{ ServiceRequestID() string }
	found(err, &named)
	equal("request ID", c.stub.requests()[0].ID, named.ServiceRequestID())
	c.responded("RequestUploadCredentials 400 NotFoundException")
}

func (c *checks) throttle(ctx context.Context) {
	const throttled = "RequestUploadCredentials 400 ThrottlingException"
	c.stub.inject("ThrottlingException")
	err := c.upload(ctx, c.impatient)
	c.isError(err, "com.amazon.coral.availability", "ThrottlingException", "^Rate exceeded$")
	c.responded(throttled)

	c.stub.reset()
	c.stub.inject("ThrottlingException")
	err = c.upload(ctx, c.patient)
	if c.KeepsNamespace {
		c.isError(err, "com.amazon.coral.availability", "ThrottlingException", "^Rate exceeded$")
		c.responded(throttled)
		return
	}
	must(err)
	c.responded(throttled, "RequestUploadCredentials 200 ")
}

func (c *checks) expiredSignature(ctx context.Context) {
	const (
		expired = `^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$`
		refused = "RequestUploadCredentials 400 InvalidSignatureException"
	)
	c.stub.setClock(time.Hour)
	c.isError(c.upload(ctx, c.impatient), "com.amazon.coral.service", "InvalidSignatureException", expired)
	c.responded(refused)

	c.isError(c.upload(ctx, c.patient), "com.amazon.coral.service", "InvalidSignatureException", expired)
	err := c.upload(ctx, c.patient)
	if !c.CorrectsClock {
		c.isError(err, "com.amazon.coral.service", "InvalidSignatureException", expired)
		c.responded(refused, refused, refused)
		return
	}
	must(err)
	c.responded(refused, refused, "RequestUploadCredentials 200 ")
}

// responded compares the responses since the reset with the expected ones.
func (c *checks) responded(want ...string) {
	for i := range want {
		want[i] = c.Protocol + " " + want[i]
	}
	equal("responses", want, c.stub.responses())
}

func (c *checks) isError(err error, namespace, code, message string) {
	if c.KeepsNamespace {
		code = namespace + "#" + code
	}
	var apiErr smithy.APIError
	found(err, &apiErr)
	equal("error code", code, apiErr.ErrorCode())
	matches("error message", message, apiErr.ErrorMessage())
}

func checkKeys(what string, keys *types.AwsCredentials) {
	if keys == nil {
		panic(checkFailed(what + " has no credentials"))
	}
	matches(what+"'s access key", `^ASIA[2-7A-Z]{16}$`, aws.ToString(keys.AccessKeyId))
	matches(what+"'s secret key", `^[0-9A-Za-z/+]{40}$`, aws.ToString(keys.SecretAccessKey))
	matches(what+"'s session token", `^[0-9A-Za-z/+]{698}==$`, aws.ToString(keys.SessionToken))
}

func values(pointers ...*string) (values []string) {
	for _, p := range pointers {
		values = append(values, aws.ToString(p))
	}
	return values
}

// checkFailed is the panic of a failed check. Main reports it.
type checkFailed string

func must(err error) {
	if err != nil {
		panic(checkFailed("unexpected error: " + err.Error()))
	}
}

func equal[T any](what string, want, got T) {
	if !reflect.DeepEqual(want, got) {
		panic(checkFailed(fmt.Sprintf("%s:\n  want %v\n  got  %v", what, want, got)))
	}
}

func matches(what, pattern, got string) {
	if !regexp.MustCompile(pattern).MatchString(got) {
		panic(checkFailed(fmt.Sprintf("%s:\n  want %s\n  got  %s", what, pattern, got)))
	}
}

// found returns the first error of type T in the chain.
func found[T any](err error, layer *T) {
	if !errors.As(err, layer) {
		panic(checkFailed(fmt.Sprintf("error:\n  want a %T\n  got  %v", *layer, err)))
	}
}
