package sigv4

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	in := typicalInput(t)
	in.Keys.SecretAccessKey = "SecretSecret"
	in.Keys.SessionToken = "TokenToken"
	s := new(Signer)
	s.Sign(in)
	derived := string(derive(in.Keys.SecretAccessKey, (*s.recent.Load())[0].scope))
	noRequest := in
	noRequest.Request = nil // encoding/json refuses an *http.Request and prints nothing of the rest

	type client struct { // as a caller may hold them
		Keys   Keys
		signer *Signer
	}
	values := map[string]any{
		"Keys":                    in.Keys,
		"*Keys":                   &in.Keys,
		"[]Keys":                  []Keys{in.Keys},
		"map":                     map[string]Keys{"k": in.Keys},
		"Input":                   in,
		"*Input":                  &in,
		"Input without a request": noRequest,
		"*Signer":                 s,
		"client":                  client{Keys: in.Keys, signer: s},
		"*client":                 &client{Keys: in.Keys, signer: s},
		"embedded":                struct{ Keys }{in.Keys},
	}
	var secrets []string
	for _, secret := range []string{in.Keys.SecretAccessKey, in.Keys.SessionToken, derived} {
		secrets = append(secrets, secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
			strings.Trim(fmt.Sprint([]byte(secret)), "[]"), strings.Trim(fmt.Sprintf("%q", secret), `"`))
	}
	for name, value := range values {
		printed := map[string]string{}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%e", "%t", "%10.3s"} {
			printed[verb] = fmt.Sprintf(verb, value)
		}
		var text, jsonText bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "value", value, slog.Group("g", "value", value))
		slog.New(slog.NewJSONHandler(&jsonText, nil)).Info("m", "value", value, slog.Group("g", "value", value))
		printed["slog text"], printed["slog JSON"] = text.String(), jsonText.String()
		marshaled, err := json.Marshal(value)
		printed["json.Marshal"] = fmt.Sprint(string(marshaled), err)
		for how, text := range printed {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s by %s shows %q", name, how, secret)
				}
			}
		}
	}
}

func TestRedactedForms(t *testing.T) {
	t.Parallel()
	in := typicalInput(t)
	for want, value := range map[string]any{
		"{AccessKeyID:ASIAIOSFODNN7EXAMPLE (secrets redacted)}":                                                                   in.Keys,
		"{Keys:{AccessKeyID:ASIAIOSFODNN7EXAMPLE (secrets redacted)} Service:gamelift Region:eu-central-1 Time:20260314T150926Z}": in,
	} {
		require.Equal(t, want, fmt.Sprintf("%v", value))
		require.Equal(t, want, fmt.Sprintf("%#v", value))
		require.Equal(t, slog.StringValue(want), slog.AnyValue(value).Resolve())
	}
}
