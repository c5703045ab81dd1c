package gamelift_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// requestUpload makes the call of these examples.
func requestUpload(client *gamelift.Client, optFns ...func(*gamelift.Options)) error {
	build := gamelifttest.BuildID
	_, err := client.RequestUploadCredentials(context.Background(), &gamelift.RequestUploadCredentialsInput{BuildId: &build}, optFns...)
	return err
}

// A client that makes each call once, and one call that is retried all the same.
func ExampleOptions_retriesOff() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.RetryMaxAttempts = 1
	})

	stub.Inject(gamelifttest.Fault{Status: http.StatusServiceUnavailable, Count: 2})
	var gaveUp *apierrors.MaxAttemptsError
	if errors.As(requestUpload(client), &gaveUp) {
		fmt.Println("attempts:", gaveUp.Attempt)
	}

	err := requestUpload(client, func(o *gamelift.Options) { o.RetryMaxAttempts = 5 })
	fmt.Println(err, "after", len(stub.Requests())-1, "attempts")
	// Output:
	// attempts: 1
	// <nil> after 2 attempts
}

// A client with a transport of its own, here for TLS 1.3 and a proxy. Redirects
// are not followed, whatever CheckRedirect says.
func ExampleOptions_httpClient() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()

	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS13}
	transport.Proxy = http.ProxyFromEnvironment
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.HTTPClient = &http.Client{Transport: transport}
		o.AttemptTimeout = 5 * time.Second // in place of http.Client.Timeout
	})
	fmt.Println(requestUpload(client))
	// Output: <nil>
}

// Keys that come from a file, which another program replaces from time to time.
// The file is read once in five minutes, and when the service refuses the keys.
func ExampleOptions_credentials() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	file := writeKeys(gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey)
	defer os.Remove(file)

	provider := gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return gamelift.Credentials{}, err
		}
		id, secret, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
		return gamelift.Credentials{
			AccessKeyID:     id,
			SecretAccessKey: secret,
			Source:          "key file",
			CanExpire:       true,
			Expires:         time.Now().Add(5 * time.Minute),
		}, nil
	})
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.Credentials = gamelift.CacheCredentials(provider)
	})
	fmt.Println(requestUpload(client))
	// Output: <nil>
}

func writeKeys(id, secret string) (name string) {
	file, err := os.CreateTemp("", "keys")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "%s:%s\n", id, secret); err != nil {
		log.Fatal(err)
	}
	return file.Name()
}

// tenant is an interceptor that names the caller's tenant in a header. Before
// signing, so that the header is part of the signature.
type tenant string

func (t tenant) BeforeSigning(_ context.Context, in *smithyhttp.InterceptorContext) error {
	in.Request.Header.Set("X-Tenant", string(t))
	return nil
}

// A header on every request.
func ExampleOptions_interceptor() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.Interceptors.AddBeforeSigning(tenant("studio-7"))
	})
	fmt.Println(requestUpload(client), stub.Requests()[0].Header.Get("X-Tenant"))
	// Output: <nil> studio-7
}

// printer is a TracerProvider that prints the names of spans as they start.
type printer struct{ tracing.NopTracerProvider }

func (p printer) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return p }

func (p printer) StartSpan(ctx context.Context, name string, optFns ...tracing.SpanOption) (context.Context, tracing.Span) {
	fmt.Println(name)
	return p.NopTracerProvider.Tracer("").StartSpan(ctx, name, optFns...)
}

// The spans of a call. Module otelgamelift has TracerProvider and MeterProvider
// for OpenTelemetry.
func ExampleOptions_tracing() {
	stub := gamelifttest.NewServer() // takes the place of the service
	defer stub.Close()
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) {
		o.TracerProvider = printer{}
	})
	if err := requestUpload(client); err != nil {
		log.Fatal(err)
	}
	// Output:
	// GameLift.RequestUploadCredentials
	// ResolveEndpoint
	// OperationSerializer
	// Attempt
	// GetIdentity
	// SignRequest
	// DoHTTPRequest
	// OperationDeserializer
}
