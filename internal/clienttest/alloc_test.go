//go:build !race

package clienttest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

type roundTripper struct{ gamelift.HTTPClient }

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r.Do(request) }

// TestAllocations holds a call, an error and New to the number of allocations
// that they have today, those of the canned response included. A change that
// needs more must say why.
func TestAllocations(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	succeeding := Canned(FullTokenBody)
	failing := Answers(Status(400, `{"__type":"NotFoundException","Message":"no such fleet"}`)).Options()
	keys := gamelift.StaticCredentials("AKIDEXAMPLE", "a-secret-key-of-an-example", "")
	in := AuthTokenInput()
	*in.FleetId, *in.ComputeName = "fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa", "1111aaaa-22bb-33cc-44dd-5555eeee66ff"
	for _, tt := range []struct {
		name   string
		client gamelift.HTTPClient
		fails  bool
		limit  float64
	}{
		{"call through an HTTPClient", succeeding.HTTPClient, false, 17},
		{"call through an *http.Client", &http.Client{Transport: roundTripper{succeeding.HTTPClient}}, false, 18},
		{"typed error", &http.Client{Transport: roundTripper{failing.HTTPClient}}, true, 27},
	} {
		client := gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: keys, HTTPClient: tt.client})
		allocs := testing.AllocsPerRun(200, func() {
			if _, err := client.GetComputeAuthToken(ctx, in); (err != nil) != tt.fails {
				t.Error(tt.name, err)
			}
		})
		require.LessOrEqual(t, allocs, tt.limit, tt.name)
	}
	allocs := testing.AllocsPerRun(200, func() { _ = gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: keys}) })
	require.LessOrEqual(t, allocs, 12.0, "New")
}
