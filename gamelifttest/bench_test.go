package gamelifttest_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// BenchmarkServer_ServeHTTP measures the server alone, on all CPUs. The requests
// are signed beforehand, and the server verifies their signatures.
func BenchmarkServer_ServeHTTP(b *testing.B) {
	for _, protocol := range bothProtocols {
		b.Run(string(protocol), func(b *testing.B) {
			server := gamelifttest.NewUnstartedServer(at(noon))
			r := askToken(protocol).request(b, server.URL())
			r.Host = r.URL.Host
			body, err := io.ReadAll(r.Body)
			require.NoError(b, err)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				r, body, w := *r, bytes.NewReader(body), discard{header: http.Header{}}
				for pb.Next() {
					body.Seek(0, io.SeekStart)
					r.Body = io.NopCloser(body)
					clear(w.header)
					server.ServeHTTP(&w, &r)
					if w.status != http.StatusOK {
						b.Errorf("status %d", w.status)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkServer_client measures calls of package gamelift, in-process and on all
// CPUs. This is what a call costs a test suite.
func BenchmarkServer_client(b *testing.B) {
	server := gamelifttest.NewUnstartedServer()
	client := gamelift.New(server.ClientOptions())
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := client.GetComputeAuthToken(b.Context(), &gamelift.GetComputeAuthTokenInput{
				FleetId: ptr(gamelifttest.EC2FleetID), ComputeName: ptr(gamelifttest.EC2Compute),
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
