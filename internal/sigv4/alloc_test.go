// Under the race detector sync.Pool drops at random what it is given.
//go:build !race

package sigv4

import "testing"

// TestSigner_Sign_allocations counts the values of the headers, the date and the authorization.
func TestSigner_Sign_allocations(t *testing.T) {
	var s Signer
	in := typicalInput(t)
	if got := testing.AllocsPerRun(100, func() { s.Sign(in) }); got > 3 {
		t.Errorf("Sign allocates %v times, want at most 3", got)
	}
}
