package clienttest

import (
	"fmt"
	"strings"
	"testing"
)

// AuthToken is a token that RequireNoSecret looks for.
const AuthToken = "canary-auth-token"

// RequireNoSecret fails the test if the text has SecretAccessKey, SessionToken
// or AuthToken in any form that fmt gives a string.
func RequireNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{SecretAccessKey, SessionToken, AuthToken} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprint([]byte(secret))} {
			if i := strings.Index(text, form); i >= 0 {
				t.Fatalf("a secret is printed: …%s", text[max(0, i-200):min(len(text), i+40)])
			}
		}
	}
}
