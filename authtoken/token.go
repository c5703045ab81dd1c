package authtoken

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/shape"
)

// Token is the auth token of a compute. When it is printed, logged or marshaled
// to JSON, its Value is redacted.
type Token struct {
	// Value is the secret itself.
	Value string

	// Expires is the ExpirationTimestamp that the service returned. It is a time
	// of the service's clock, and the local clock may differ. To find out
	// whether the token is still valid, call the Source or Pool again.
	Expires time.Time

	// FleetID and ComputeName are plain IDs, even if ARNs were given: the server
	// SDK takes no ARNs.
	FleetID, ComputeName string
}

// ServerProcess has the settings of a game server that are not part of its
// token. Empty fields are left out of its environment.
type ServerProcess struct {
	// WebSocketURL is the compute's GameLiftServiceSdkEndpoint, as
	// RegisterCompute returned it.
	WebSocketURL string

	// ProcessID identifies the process. It must be different for each process
	// that is launched.
	ProcessID string
}

// Env returns the environment variables that InitSDK() of a game server reads,
// as name=value: GAMELIFT_SDK_AUTH_TOKEN, _FLEET_ID, _HOST_ID (the compute's
// name), _WEBSOCKET_URL and _PROCESS_ID. Append them to the environment of a
// child process: if a variable is in it twice, the last value counts. Variables
// without a value are left out, so that they do not override values in the game
// server's code. The first variable has the secret: do not log the slice.
func (t Token) Env(p ServerProcess) []string {
	var env []string
	for _, v := range []struct{ name, value string }{
		{"GAMELIFT_SDK_AUTH_TOKEN", t.Value},
		{"GAMELIFT_SDK_FLEET_ID", t.FleetID},
		{"GAMELIFT_SDK_HOST_ID", t.ComputeName},
		{"GAMELIFT_SDK_WEBSOCKET_URL", p.WebSocketURL},
		{"GAMELIFT_SDK_PROCESS_ID", p.ProcessID},
	} {
		if v.value != "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	return env
}

// Format prints the token with its Value redacted, at every verb.
func (t Token) Format(f fmt.State, _ rune) { redact.Format(f, "Token", t.LogValue()) }

// LogValue returns the token with its Value redacted.
func (t Token) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("FleetID", t.FleetID), slog.String("ComputeName", t.ComputeName)}
	if t.Value != "" {
		attrs = append(attrs, slog.String("Value", redact.Mark), slog.Time("Expires", t.Expires))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the token with its Value redacted.
func (t Token) MarshalJSON() ([]byte, error) {
	type plain Token
	if t.Value != "" {
		t.Value = redact.Mark
	}
	return json.Marshal(plain(t))
}

// computeID names a compute, by IDs or ARNs.
type computeID struct{ fleet, name string }

// input returns the input of a request.
func (id computeID) input() *gamelift.GetComputeAuthTokenInput {
	return &gamelift.GetComputeAuthTokenInput{FleetId: &id.fleet, ComputeName: &id.name}
}

// check returns the smithy.InvalidParamsError of every request, or nil.
func (id computeID) check() error {
	return new(shape.Visitor).Validate("GetComputeAuthToken", id.input())
}

// plain returns the IDs that the ARNs end in. The name of a compute may contain a
// slash.
func (id computeID) plain() computeID {
	return computeID{fleet: cutARN(id.fleet, "fleet/"), name: cutARN(id.name, ":compute/")}
}

func cutARN(s, kind string) string {
	if strings.HasPrefix(s, "arn:") {
		if _, id, ok := strings.Cut(s, kind); ok {
			return id
		}
	}
	return s
}
