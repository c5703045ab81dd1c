// Command before prints the auth token of a compute, with service/gamelift of
// aws-sdk-go-v2. docs/migration.md shows it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/aws-sdk-go-v2/service/gamelift/types"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := gamelift.NewFromConfig(cfg)

	out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
		FleetId:     aws.String(os.Args[1]),
		ComputeName: aws.String(os.Args[2]),
	})
	var (
		notFound *types.NotFoundException
		gaveUp   *retry.MaxAttemptsError
		response *awshttp.ResponseError
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
	requestID, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	fmt.Println(requestID, aws.ToString(out.AuthToken))
}
