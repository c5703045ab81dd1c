package awsconfig_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireNoSecrets prints a value in every way and looks for the secrets.
func requireNoSecrets(t *testing.T, value any, secrets ...string) {
	t.Helper()
	var printed strings.Builder
	holder := struct{ held any }{value}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&printed, verb+verb, value, holder)
	}
	slog.New(slog.NewTextHandler(&printed, nil)).Info("value", "value", value)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("value", "value", value)
	if encoded, err := json.Marshal(value); err == nil {
		printed.Write(encoded)
	}
	for _, secret := range secrets {
		require.NotEmpty(t, secret)
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			require.NotContains(t, printed.String(), form)
		}
	}
}
