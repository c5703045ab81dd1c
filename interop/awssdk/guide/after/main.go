// Command after prints the auth token of a compute, with package gamelift.
// docs/migration.md shows it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	client, err := awsconfig.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}

	out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     aws.String(os.Args[1]),
		ComputeName: aws.String(os.Args[2]),
	})
	var (
		notFound *types.NotFoundException
		gaveUp   *apierrors.MaxAttemptsError
		response *apierrors.ResponseError
	)
	switch {
	case errors.As(err, &notFound):
		log.Fatal("register the compute first: ", notFound.ErrorMessage())
	case errors.As(err, &gaveUp):
		log.Fatal("try again later, attempts: ", gaveUp.Attempt)
	case errors.As(err, &response):
		log.Fatal("tell AWS Support the request ID: ", response.ServiceRequestID())
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println(gamelift.RequestID(out.ResultMetadata), aws.ToString(out.AuthToken))
}
