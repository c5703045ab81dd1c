package sigv4

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestDerive(t *testing.T) {
	t.Parallel()
	// Both published by AWS: "Examples of how to derive a signing key for Signature Version 4", in
	// the editions of the General Reference of 2012 and 2015.
	tests := []struct{ day, want string }{
		{"20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"},
		{"20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"},
	}
	for _, tt := range tests {
		got := derive(suiteKeys.SecretAccessKey, scope{day: tt.day, region: "us-east-1", service: "iam"})
		if diff := cmp.Diff(tt.want, hex.EncodeToString(got)); diff != "" {
			t.Errorf("key of %s (-want +got):\n%s", tt.day, diff)
		}
	}
}

// TestSigner_cachedKeys changes one thing at a time and back again.
func TestSigner_cachedKeys(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	steps := []struct {
		name   string
		change func(*Input)
	}{
		{"first", func(*Input) {}},
		{"the last second of the day", func(in *Input) { in.Time = midnight.Add(-time.Second) }},
		{"midnight", func(in *Input) { in.Time = midnight }},
		{"a request signed late", func(in *Input) { in.Time = midnight.Add(-time.Nanosecond) }},
		{"the same day of another month", func(in *Input) { in.Time = midnight.AddDate(0, 1, 0) }},
		{"midnight elsewhere", func(in *Input) { in.Time = midnight.In(time.FixedZone("west", -3600)) }},
		{"another secret under the same ID", func(in *Input) { in.Keys.SecretAccessKey = "changed" }},
		{"another session token", func(in *Input) { in.Keys.SessionToken = "token" }},
		{"another ID with the same secret", func(in *Input) { in.Keys.AccessKeyID = "AKIDOTHER" }},
		{"another region", func(in *Input) { in.Region = "eu-west-1" }},
		{"another service", func(in *Input) { in.Service = "gamelift" }},
		{"region and service that join to the same text", func(in *Input) { in.Region, in.Service = "us-east-", "1service" }},
		{"back to the first", func(*Input) {}},
	}
	var s Signer
	for range 2 {
		for _, step := range steps {
			in := suiteInput(http.MethodPost, "https://example.amazonaws.com/")
			step.change(&in)
			want := authorization(in)
			s.Sign(in)
			if diff := cmp.Diff(want, in.Request.Header.Get("Authorization")); diff != "" {
				t.Errorf("%s: Authorization (-of a new signer, +got):\n%s", step.name, diff)
			}
		}
	}
}

func TestSigner_keepsKeys(t *testing.T) {
	t.Parallel()
	var s Signer
	at := func(i int) scope { return scope{day: fmt.Sprintf("%08d", i), region: "us-east-1", service: "gamelift"} }
	first := s.signingKey("secret", at(0))
	for i := range maxSigningKeys {
		require.Same(t, first, s.signingKey("secret", at(0)), "with %d others", i)
		s.signingKey("secret", at(i+1))
	}
	require.NotSame(t, first, s.signingKey("secret", at(0)), "the oldest is dropped")
	for i := range 100 {
		s.signingKey("secret", at(i))
		require.LessOrEqual(t, len(*s.recent.Load()), maxSigningKeys)
	}
}

func TestSigner_concurrentUse(t *testing.T) {
	t.Parallel()
	inputs := func() []Input {
		var all []Input
		for key := range 3 {
			for _, region := range []string{"us-east-1", "eu-central-1"} {
				for day := range 3 {
					in := suiteInput(http.MethodPost, "https://example.amazonaws.com/?b=1&a=2")
					in.Request.ContentLength = int64(key)
					in.Keys = Keys{AccessKeyID: "AKID", SecretAccessKey: fmt.Sprint("secret", key)}
					in.Region = region
					in.Time = suiteTime.AddDate(0, 0, day)
					if day > 0 {
						in.Request.Header.Set("X-Day", fmt.Sprint(day))
					}
					all = append(all, in)
				}
			}
		}
		return all
	}
	require.Greater(t, len(inputs()), maxSigningKeys)
	want := inputs()
	for _, in := range want {
		new(Signer).Sign(in)
	}
	var s Signer
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for i, in := range inputs() {
					s.Sign(in)
					if diff := cmp.Diff(want[i].Request.Header, in.Request.Header); diff != "" {
						t.Errorf("headers (-of a new signer, +got):\n%s", diff)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
