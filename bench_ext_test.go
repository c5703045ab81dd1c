package gamelift_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
)

const fullTokenBody = `{"FleetId":"fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"FleetArn":"arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"ComputeName":"HardwareAnywhere",` +
	`"ComputeArn":"arn:aws:gamelift:us-west-2:111122223333:compute/HardwareAnywhere",` +
	`"AuthToken":"0c728041-3e84-4aaa-b927-a0fb202684c0","ExpirationTimestamp":1763632800.123}`

// canned answers with the same bytes, and allocates what an HTTP client must: a
// response, its header and its body.
func canned(body string) gamelift.Options {
	header := http.Header{
		"Content-Type":     {"application/x-amz-json-1.1"},
		"Date":             {"Fri, 20 Nov 2026 10:00:00 GMT"},
		"X-Amzn-Requestid": {"0c728041-3e84-4aaa-b927-a0fb202684c0"},
	}
	content := []byte(body)
	return gamelift.Options{
		Region:      "us-west-2",
		Credentials: testCredentials(),
		HTTPClient: smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: 200, Header: header, ContentLength: int64(len(content)), Request: r,
				Body: io.NopCloser(bytes.NewReader(content)),
			}, nil
		}),
	}
}

func BenchmarkGetComputeAuthToken(b *testing.B) {
	client := gamelift.New(canned(fullTokenBody))
	in := authTokenInput()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.GetComputeAuthToken(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetComputeAuthToken_Parallel(b *testing.B) {
	client := gamelift.New(canned(fullTokenBody))
	in := authTokenInput()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.GetComputeAuthToken(b.Context(), in); err != nil {
				b.Error(err)
			}
		}
	})
}
