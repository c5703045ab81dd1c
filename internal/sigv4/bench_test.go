package sigv4

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

// typicalInput is a GetComputeAuthToken call as this client sends it, with short-term credentials.
func typicalInput(tb testing.TB) Input {
	tb.Helper()
	payload := []byte(`{"ComputeName":"i-0123456789abcdef0","FleetId":"fleet-01234567-89ab-cdef-0123-456789abcdef"}`)
	r, err := http.NewRequest(http.MethodPost, "https://gamelift.eu-central-1.amazonaws.com/", bytes.NewReader(payload))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "GameLift.GetComputeAuthToken")
	r.Header.Set("User-Agent", "gamelift-go/1.0")
	r.Header.Set("Amz-Sdk-Invocation-Id", "0d3ef9b5-7f57-4a57-8b0a-2d8c8d1f5a11")
	r.Header.Set("Amz-Sdk-Request", "attempt=1; max=3")
	return Input{
		Request: r,
		Payload: payload,
		Keys:    Keys{"ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", strings.Repeat("IQoJb3JpZ2luX2Vj", 50)},
		Service: "gamelift",
		Region:  "eu-central-1",
		Time:    time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC),
	}
}

// BenchmarkSigner_Sign signs with a key that the signer knows already.
func BenchmarkSigner_Sign(b *testing.B) {
	b.Run("session token", func(b *testing.B) {
		var s Signer
		in := typicalInput(b)
		b.ReportAllocs()
		for b.Loop() {
			s.Sign(in)
		}
	})
	b.Run("no session token", func(b *testing.B) {
		var s Signer
		in := typicalInput(b)
		in.Keys.SessionToken = ""
		b.ReportAllocs()
		for b.Loop() {
			s.Sign(in)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		var s Signer
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			in := typicalInput(b)
			for pb.Next() {
				s.Sign(in)
			}
		})
	})
	b.Run("new key", func(b *testing.B) {
		in := typicalInput(b)
		b.ReportAllocs()
		for b.Loop() {
			var s Signer
			s.Sign(in)
		}
	})
}
