package gamelift

import (
	"slices"
	"testing"
)

// However many attempts a call has, it searches responses for each key once.
func TestCall_rememberSecrets(t *testing.T) {
	t.Parallel()
	var c call
	for range 1000 {
		for _, token := range []string{"token-1", "token-2"} {
			c.rememberSecrets(Credentials{AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: token})
		}
	}
	if want := []string{"secret", "token-1", "token-2"}; !slices.Equal(c.earlierSecrets, want) {
		t.Errorf("got %d secrets, want %d", len(c.earlierSecrets), len(want))
	}
}
