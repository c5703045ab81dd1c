package gamelift_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

// advice returns what to do about the outcome of a call. An error can match several cases,
// so that their order matters.
func advice(err error) string {
	var (
		canceled *smithy.CanceledError
		invalid  smithy.InvalidParamsError
		notFound *types.NotFoundException
		response *apierrors.ResponseError
	)
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &canceled): // the context of the call ended
		return "allow the call more time"
	case errors.As(err, &invalid): // nothing was sent
		return "correct the input"
	case apierrors.IsCredentials(err): // missing, unknown or expired keys
		return "check the keys"
	case errors.As(err, &notFound): // and so for the other exceptions
		return "check the ID: " + notFound.ErrorMessage()
	case apierrors.IsThrottling(err):
		return "slow down"
	case errors.Is(err, context.DeadlineExceeded): // AttemptTimeout, in the last attempt
		return "the service or the network is slow"
	case errors.As(err, &response):
		return fmt.Sprint("refused with status ", response.HTTPStatusCode())
	default: // no response, or invalid options
		return "check the options and the network"
	}
}

// What to do about the error of a call: the cases are in the order that they need.
func Example_errors() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions())
	build := gamelifttest.BuildID
	request := func(ctx context.Context, optFns ...func(*gamelift.Options)) {
		_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build}, optFns...)
		fmt.Println(advice(err))
	}
	oneAttempt := func(o *gamelift.Options) { o.RetryMaxAttempts = 1 }
	ctx := context.Background()

	request(ctx)

	stub.Inject(gamelifttest.Fault{Code: "NotFoundException", Message: "no such build"})
	request(ctx)
	stub.Inject(gamelifttest.Fault{Code: "ThrottlingException"})
	request(ctx, oneAttempt)
	stub.Inject(gamelifttest.Fault{Code: "ExpiredTokenException"})
	request(ctx, oneAttempt)
	stub.Inject(gamelifttest.Fault{Code: "AccessDeniedException"})
	request(ctx)
	// Twice, because net/http itself sends a request once more if a connection
	// that it kept turns out to be closed.
	stub.Inject(gamelifttest.Fault{Break: gamelifttest.Reset, Count: 2})
	request(ctx, oneAttempt)

	stub.Inject(gamelifttest.Fault{Delay: time.Hour})
	request(ctx, oneAttempt, func(o *gamelift.Options) { o.AttemptTimeout = 10 * time.Millisecond })

	// The context ends while the client waits before a retry. The error of the
	// first attempt, which was throttled, is in the chain as well.
	stub.Inject(gamelifttest.Fault{Code: "ThrottlingException", RetryAfter: time.Hour})
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	request(ctx)

	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{})
	fmt.Println(advice(err))
	// Output:
	// done
	// check the ID: no such build
	// slow down
	// check the keys
	// refused with status 400
	// check the options and the network
	// the service or the network is slow
	// allow the call more time
	// correct the input
}
