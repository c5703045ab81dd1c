package benchmarks

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	sdktypes "github.com/aws/aws-sdk-go-v2/service/gamelift/types"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

// An operation is called with both clients. Each function is what a caller writes for one call.
type operation struct {
	name string
	ours func(context.Context, *gamelift.Client) error
	sdk  func(context.Context, *sdk.Client) error
}

var operations = []operation{
	{
		name: "GetComputeAuthToken",
		ours: func(ctx context.Context, client *gamelift.Client) error {
			out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
				FleetId: aws.String(gamelifttest.AnywhereFleetID), ComputeName: aws.String(gamelifttest.AnywhereCompute),
			})
			return expect(err, out != nil && out.AuthToken != nil)
		},
		sdk: func(ctx context.Context, client *sdk.Client) error {
			out, err := client.GetComputeAuthToken(ctx, &sdk.GetComputeAuthTokenInput{
				FleetId: aws.String(gamelifttest.AnywhereFleetID), ComputeName: aws.String(gamelifttest.AnywhereCompute),
			})
			return expect(err, out != nil && out.AuthToken != nil)
		},
	},
	{
		name: "GetComputeAccess",
		ours: func(ctx context.Context, client *gamelift.Client) error {
			out, err := client.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{
				FleetId: aws.String(gamelifttest.ContainerFleetID), ComputeName: aws.String(gamelifttest.ContainerCompute),
			})
			return expect(err, out != nil && out.Credentials != nil && len(out.ContainerIdentifiers) == 1)
		},
		sdk: func(ctx context.Context, client *sdk.Client) error {
			out, err := client.GetComputeAccess(ctx, &sdk.GetComputeAccessInput{
				FleetId: aws.String(gamelifttest.ContainerFleetID), ComputeName: aws.String(gamelifttest.ContainerCompute),
			})
			return expect(err, out != nil && out.Credentials != nil && len(out.ContainerIdentifiers) == 1)
		},
	},
	{
		name: "RequestUploadCredentials",
		ours: func(ctx context.Context, client *gamelift.Client) error {
			out, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
			return expect(err, out != nil && out.UploadCredentials != nil && out.StorageLocation != nil)
		},
		sdk: func(ctx context.Context, client *sdk.Client) error {
			out, err := client.RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
			return expect(err, out != nil && out.UploadCredentials != nil && out.StorageLocation != nil)
		},
	},
}

// notFound is a call that the service refuses.
var notFound = operation{
	name: "RequestUploadCredentials",
	ours: func(ctx context.Context, client *gamelift.Client) error {
		_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String("build-none")})
		var notFound *types.NotFoundException
		return expect(nil, errors.As(err, &notFound))
	},
	sdk: func(ctx context.Context, client *sdk.Client) error {
		_, err := client.RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: aws.String("build-none")})
		var notFound *sdktypes.NotFoundException
		return expect(nil, errors.As(err, &notFound))
	},
}

var errUnexpected = errors.New("the answer is not what was canned")

func expect(err error, ok bool) error {
	if err == nil && !ok {
		return errUnexpected
	}
	return err
}

// run measures one operation with both clients. Each gets the stub's answer, in its own protocol, from memory.
func (op operation) run(b *testing.B, measure func(b *testing.B, call func(context.Context) error)) {
	op.runTuned(b, measure, func(*gamelift.Options) {}, func(*sdk.Options) {})
}

func (op operation) runTuned(
	b *testing.B, measure func(b *testing.B, call func(context.Context) error), ours func(*gamelift.Options), theirs func(*sdk.Options),
) {
	b.Run("op="+op.name+"/client=gamelift", func(b *testing.B) {
		answers := capture(b, func(c gamelift.HTTPClient) error { return op.ours(b.Context(), newClient(c)) })
		client := newClient(answers, ours)
		measure(b, func(ctx context.Context) error { return op.ours(ctx, client) })
	})
	b.Run("op="+op.name+"/client=awssdk", func(b *testing.B) {
		answers := capture(b, func(c gamelift.HTTPClient) error { return op.sdk(b.Context(), newSDKClient(c)) })
		client := newSDKClient(answers, theirs)
		measure(b, func(ctx context.Context) error { return op.sdk(ctx, client) })
	})
}

// sequential makes one call after the other.
func sequential(b *testing.B, call func(context.Context) error) {
	b.ReportAllocs()
	ctx := b.Context()
	for b.Loop() {
		if err := call(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// parallel makes calls from GOMAXPROCS goroutines.
func parallel(b *testing.B, call func(context.Context) error) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(b.Context()); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkInProcess measures a call without a network: from the public method to the typed output.
func BenchmarkInProcess(b *testing.B) {
	for _, op := range operations {
		op.run(b, sequential)
	}
}

// BenchmarkParallel is BenchmarkInProcess with one client shared by goroutines.
func BenchmarkParallel(b *testing.B) {
	for _, op := range operations {
		op.run(b, parallel)
	}
}

// BenchmarkError measures a call that ends with a NotFoundException, errors.As included.
func BenchmarkError(b *testing.B) { notFound.run(b, sequential) }

// BenchmarkRetriesOff is BenchmarkInProcess with retries switched off, in the way that each client has for that.
func BenchmarkRetriesOff(b *testing.B) {
	operations[0].runTuned(b, sequential,
		func(o *gamelift.Options) { o.RetryMaxAttempts = 1 },
		func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} })
}

// BenchmarkLoopback measures a call over HTTP against the stub, with the HTTP client that each has by default. The stub
// runs in the same process: time and allocations are its own as well, in the protocol that the client speaks.
func BenchmarkLoopback(b *testing.B) {
	server := gamelifttest.NewServer(func(o *gamelifttest.Options) { o.MaxRequests = -1 })
	defer server.Close()
	url := server.URL()
	ours := newClient(nil, func(o *gamelift.Options) { o.BaseEndpoint = &url })
	theirs := newSDKClient(nil, func(o *sdk.Options) { o.BaseEndpoint = &url })
	for _, op := range operations {
		b.Run("op="+op.name+"/client=gamelift", func(b *testing.B) {
			sequential(b, func(ctx context.Context) error { return op.ours(ctx, ours) })
		})
		b.Run("op="+op.name+"/client=awssdk", func(b *testing.B) {
			sequential(b, func(ctx context.Context) error { return op.sdk(ctx, theirs) })
		})
	}
}

var answered *http.Response // keeps the compiler from leaving out what nobody uses

// TestCanned holds the answers against what they should be: in each client's own protocol, and of equal effort.
func TestCanned(t *testing.T) {
	for _, op := range append(operations, notFound) {
		ours := capture(t, func(c gamelift.HTTPClient) error { return op.ours(t.Context(), newClient(c)) })
		theirs := capture(t, func(c gamelift.HTTPClient) error { return op.sdk(t.Context(), newSDKClient(c)) })
		require.Equal(t, "application/x-amz-json-1.1", ours.response.Header.Get("Content-Type"))
		require.Equal(t, "application/cbor", theirs.response.Header.Get("Content-Type"))
		require.Equal(t, ours.response.StatusCode, theirs.response.StatusCode)
		require.NoError(t, op.ours(t.Context(), newClient(ours)))
		require.NoError(t, op.sdk(t.Context(), newSDKClient(theirs)))
		for _, c := range []*canned{ours, theirs} {
			allocs := testing.AllocsPerRun(100, func() { answered, _ = c.Do(nil) })
			require.Equal(t, 2.0, allocs)
		}
	}
}
