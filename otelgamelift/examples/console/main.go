// Command console calls an embedded stub of the service and prints the spans of
// the call as JSON, one object for each span. The first two attempts are
// throttled, so that the trace shows the retries.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/otelgamelift"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "console:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	server := gamelifttest.NewUnstartedServer() // a real program calls the service: see awsconfig.Load
	server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Message: "Rate exceeded", Count: 2})

	exporter, err := stdouttrace.New(stdouttrace.WithWriter(out))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	defer func() { err = errors.Join(err, provider.Shutdown(ctx)) }() // sends what is still held back

	client := gamelift.New(server.ClientOptions(), func(o *gamelift.Options) {
		o.TracerProvider = otelgamelift.TracerProvider(provider)
	})
	build := gamelifttest.BuildID
	_, err = client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	return err
}
