// Command upload puts a zip file where Amazon GameLift Servers expects the
// files of a build. Package buildupload does the same for whole directories and
// in parts; this shows the credentials at work.
//
//	upload -build-id build-1234 game.zip
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/gamelift-compute/gamelift/awsconfig"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "upload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("upload", flag.ContinueOnError)
	buildID := flags.String("build-id", "", "the build's ID or ARN")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("want one zip file")
	}
	file, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer file.Close()

	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	client, err := awsconfig.NewFromConfig(cfg)
	if err != nil {
		return err
	}

	// The provider asks for credentials once, the cache keeps them for all
	// requests to S3, and the place to upload to comes with them.
	upload := awsconfig.NewUploadCredentials(client, *buildID)
	credentials := aws.NewCredentialsCache(upload)
	if _, err := credentials.Retrieve(ctx); err != nil {
		return err
	}
	to := upload.Output().StorageLocation

	bucket := s3.NewFromConfig(cfg, func(o *s3.Options) { o.Credentials = credentials })
	if _, err := bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: to.Bucket, Key: to.Key, Body: file}); err != nil {
		return err
	}
	fmt.Fprintf(out, "uploaded to s3://%s/%s\n", aws.ToString(to.Bucket), aws.ToString(to.Key))
	return nil
}
