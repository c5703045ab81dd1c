package authtoken

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const canary = "canary-auth-token"

func TestToken_Env(t *testing.T) {
	t.Parallel()
	token := Token{Value: canary, FleetID: "fleet-1", ComputeName: "compute-1"}
	for _, test := range []struct {
		name string
		p    ServerProcess
		want []string
	}{
		{"all", ServerProcess{WebSocketURL: "wss://us-west-2.api.amazongamelift.com", ProcessID: "process-1"}, []string{
			"GAMELIFT_SDK_AUTH_TOKEN=" + canary,
			"GAMELIFT_SDK_FLEET_ID=fleet-1",
			"GAMELIFT_SDK_HOST_ID=compute-1",
			"GAMELIFT_SDK_WEBSOCKET_URL=wss://us-west-2.api.amazongamelift.com",
			"GAMELIFT_SDK_PROCESS_ID=process-1",
		}},
		{"empty fields are left out", ServerProcess{}, []string{
			"GAMELIFT_SDK_AUTH_TOKEN=" + canary,
			"GAMELIFT_SDK_FLEET_ID=fleet-1",
			"GAMELIFT_SDK_HOST_ID=compute-1",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, token.Env(test.p)); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestToken_NeverPrintsItsValue(t *testing.T) {
	t.Parallel()
	token := Token{Value: canary, Expires: time.Unix(1e9, 0).UTC(), FleetID: "fleet-1", ComputeName: "compute-1"}
	type nested struct {
		Token   Token
		Pointer *Token
		Slice   []Token
		Map     map[string]Token
	}
	values := []any{token, &token, nested{token, &token, []Token{token}, map[string]Token{"k": token}}, []any{token}}
	for _, value := range values {
		var printed []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} { // fmt calls no method for %p, which go vet refuses
			printed = append(printed, fmt.Sprintf(verb, value))
		}
		text, err := json.Marshal(value)
		require.NoError(t, err)
		printed = append(printed, string(text))
		for _, handler := range []func(*strings.Builder) slog.Handler{
			func(b *strings.Builder) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *strings.Builder) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b strings.Builder
			slog.New(handler(&b)).Info("m", "value", value)
			printed = append(printed, b.String())
		}
		for _, p := range printed {
			assert.NotContains(t, p, canary)
			assert.NotContains(t, strings.ToLower(p), fmt.Sprintf("%x", canary))
		}
	}
	assert.Equal(t, `Token{FleetID:"fleet-1" ComputeName:"compute-1" Value:"REDACTED" Expires:2001-09-09 01:46:40 +0000 UTC}`, fmt.Sprint(token))
	assert.Equal(t, `Token{FleetID:"" ComputeName:""}`, fmt.Sprint(Token{}))
	text, err := json.Marshal(token)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Value":"REDACTED","Expires":"2001-09-09T01:46:40Z","FleetID":"fleet-1","ComputeName":"compute-1"}`, string(text))
}

func TestComputeID_plain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, want computeID }{
		{computeID{"fleet-1", "compute-1"}, computeID{"fleet-1", "compute-1"}},
		{
			computeID{"arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-1", "arn:aws:gamelift:us-west-2:111122223333:compute/compute-1"},
			computeID{"fleet-1", "compute-1"},
		},
		{
			computeID{"arn:aws-cn:gamelift:cn-north-1:111122223333:containerfleet/containerfleet-1", "arn:aws-cn:gamelift:cn-north-1:111122223333:compute/cluster/task"},
			computeID{"containerfleet-1", "cluster/task"},
		},
		{computeID{"containerfleet-1", "cluster/task"}, computeID{"containerfleet-1", "cluster/task"}},
		{computeID{"", ""}, computeID{"", ""}},
		{computeID{"arn:aws:nonsense", "arn:"}, computeID{"arn:aws:nonsense", "arn:"}},
	} {
		if got := test.given.plain(); got != test.want {
			t.Errorf("plain(%q) = %q, want %q", test.given, got, test.want)
		}
	}
}
