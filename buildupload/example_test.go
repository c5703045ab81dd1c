package buildupload_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// Upload a directory with the settings and the profile that the AWS CLI uses. An
// interrupt aborts the upload.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client, err := awsconfig.NewFromConfig(cfg)
	if err != nil {
		log.Fatal(err)
	}
	result, err := buildupload.Upload(ctx, client, "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff", "path/to/build", func(o *buildupload.Options) {
		o.Config = &cfg
		o.Progress = func(done, total int64) { fmt.Printf("\r%d of %d bytes", done, total) }
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\n%d files are at s3://%s/%s\n", result.Files, result.Bucket, result.Key)
}

// A test needs a stub of GameLift and a server that speaks S3.
func ExampleUpload() {
	stub := gamelifttest.NewServer()
	defer stub.Close()
	stub.AddBuild(gamelifttest.Build{ID: gamelifttest.BuildID, Bucket: bucket, Key: key})
	storage := startFakeS3()
	defer storage.Close()

	dir, err := os.MkdirTemp("", "build")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "server"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		log.Fatal(err)
	}

	client := gamelift.New(stub.ClientOptions())
	result, err := buildupload.Upload(context.Background(), client, gamelifttest.BuildID, dir, func(o *buildupload.Options) {
		o.S3Options = []func(*s3.Options){func(o *s3.Options) {
			o.BaseEndpoint, o.UsePathStyle = aws.String(storage.URL), true
		}}
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Files, "file in", result.Bucket)
	// Output: 1 file in builds
}

// A link that leads out of the source is found before anything is sent.
func ExampleUpload_outside() {
	dir, err := os.MkdirTemp("", "build")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "users")); err != nil {
		log.Fatal(err)
	}
	client := gamelift.New(gamelift.Options{Region: "us-west-2"})
	_, err = buildupload.Upload(context.Background(), client, gamelifttest.BuildID, dir)
	fmt.Println(errors.Is(err, buildupload.ErrOutside))
	// Output: true
}
