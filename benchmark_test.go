package gamelift_test

import (
	"testing"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
)

func BenchmarkGetComputeAuthToken(b *testing.B) {
	client := gamelift.New(clienttest.Canned(clienttest.FullTokenBody))
	in := authTokenInput()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.GetComputeAuthToken(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetComputeAuthToken_Parallel(b *testing.B) {
	client := gamelift.New(clienttest.Canned(clienttest.FullTokenBody))
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
