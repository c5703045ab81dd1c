package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A test in another language does this: it starts the program, reads the line that
// it prints, calls the endpoint, uses the control API and stops the program.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	stdout, w := io.Pipe()
	stopped := make(chan error)
	go func() { stopped <- run(ctx, []string{"-addr", "127.0.0.1:0"}, w, io.Discard) }()

	line, _ := bufio.NewReader(stdout).ReadString('\n')
	env := map[string]string{}
	for _, word := range strings.Fields(line)[1:] {
		name, value, _ := strings.Cut(word, "=")
		env[name] = value
	}
	endpoint := env["AWS_ENDPOINT_URL_GAMELIFT"]
	client := gamelift.New(gamelift.Options{
		BaseEndpoint: &endpoint,
		Region:       env["AWS_REGION"],
		Credentials:  gamelift.StaticCredentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], ""),
	})
	build := gamelifttest.BuildID
	upload := func() {
		out, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build})
		if err != nil {
			fmt.Println("refused:", strings.Contains(err.Error(), "UnauthorizedException"))
			return
		}
		fmt.Println("upload to", *out.StorageLocation.Bucket)
	}

	upload()
	response, err := http.Post(endpoint+"/_stub/faults", "application/json", strings.NewReader(`{"Code": "UnauthorizedException"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = response.Body.Close()
	upload()

	stop()
	fmt.Println("stopped:", <-stopped)
	// Output:
	// upload to prod-gamescale-builds-us-west-2
	// refused: true
	// stopped: <nil>
}
