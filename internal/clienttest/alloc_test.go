//go:build !race

package clienttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// What a call allocates, the 3 of the canned response included. Who needs more
// writes down why.
func TestAllocationsOfACall(t *testing.T) {
	client := gamelift.New(Canned(FullTokenBody))
	in := AuthTokenInput()
	allocs := testing.AllocsPerRun(100, func() {
		_, _ = client.GetComputeAuthToken(t.Context(), in)
	})
	require.LessOrEqual(t, allocs, 51.0)
}
