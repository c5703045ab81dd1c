package awssdk

import (
	"maps"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go/tracing"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// sharedInstruments are those that dashboards of the SDK's metrics look for.
var sharedInstruments = []string{
	"client.call.duration", "client.call.attempts", "client.call.errors", "client.call.attempt_duration",
	"client.call.serialization_duration", "client.call.deserialization_duration", "client.call.auth.signing_duration",
	"client.call.auth.resolve_identity_duration", "client.call.resolve_endpoint_duration",
}

// observe makes the same call with the SDK and with ours and returns what each of them records.
func observe(t *testing.T, buildID string, faults ...gamelifttest.Fault) (theirs, ours *telemetry) {
	theirs, ours = newTelemetry(), newTelemetry()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(faults...)
		options := sdkOptions(server)
		options.TracerProvider, options.MeterProvider = theirs, theirs
		_, theirErr := sdk.New(options).RequestUploadCredentials(t.Context(), &sdk.RequestUploadCredentialsInput{BuildId: aws.String(buildID)})

		server.Reset()
		server.Inject(faults...)
		our := server.ClientOptions()
		our.TracerProvider, our.MeterProvider = ours, ours
		_, ourErr := gamelift.New(our).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(buildID)})
		require.Equal(t, theirErr == nil, ourErr == nil)
	})
	return theirs, ours
}

func TestObservability(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		buildID string
		fault   []gamelifttest.Fault
		status  tracing.SpanStatus
		failed  int // attempts
	}{
		{name: "success", buildID: gamelifttest.BuildID, status: tracing.SpanStatusOK},
		{name: "success after a retry", buildID: gamelifttest.BuildID, fault: []gamelifttest.Fault{{Status: http.StatusServiceUnavailable}}, status: tracing.SpanStatusOK, failed: 1},
		{name: "modelled error", buildID: "build-none", status: tracing.SpanStatusError, failed: 1},
		{name: "attempts used up", buildID: gamelifttest.BuildID, fault: []gamelifttest.Fault{{Code: "InternalServiceException", Message: "oops", Count: -1}}, status: tracing.SpanStatusError, failed: 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := observe(t, test.buildID, test.fault...)

			for _, name := range sharedInstruments {
				require.Contains(t, ours.instruments, name)
			}
			for name, got := range ours.instruments {
				require.Contains(t, theirs.instruments, name, "the SDK has no such instrument")
				require.Equal(t, theirs.instruments[name], got, name)
				wantCount, wantProperties := theirs.recorded(name)
				if name == "client.call.resolve_endpoint_duration" {
					wantCount = 1 // we resolve the endpoint once for all attempts
				}
				gotCount, gotProperties := ours.recorded(name)
				require.Equal(t, wantCount, gotCount, "measurements of %s", name)
				// What a dashboard selects by is there. We leave out auth.scheme_id, since there is but one, and have
				// the rpc properties on measurements of the transport as well, where the SDK has none.
				want := withoutTypes(wantProperties)
				delete(want, "auth.scheme_id")
				want["rpc.service"], want["rpc.method"] = "GameLift", "RequestUploadCredentials"
				if gotCount == 0 {
					continue
				}
				if diff := cmp.Diff(want, withoutTypes(gotProperties)); diff != "" {
					t.Errorf("properties of %s (-SDK +ours):\n%s", name, diff)
				}
			}
			failed, _ := ours.recorded("client.call.errors")
			require.Equal(t, test.failed, failed)

			root := ours.root()
			require.Equal(t, "GameLift.RequestUploadCredentials", root.name)
			require.Equal(t, theirs.root().name, root.name)
			require.Equal(t, theirs.root().kind, root.kind)
			require.Equal(t, test.status, root.status)
			require.Equal(t, theirs.root().status, root.status)
			require.Equal(t, "RequestUploadCredentials", root.properties["rpc.method"])
			ourProperties := withoutTypes(root.properties)
			for _, name := range []string{"aws.request_id", "http.response.status_code", "server.address", "error.type"} {
				delete(ourProperties, name) // OpenTelemetry's conventions have it, the SDK's call does not
			}
			if diff := cmp.Diff(withoutTypes(theirs.root().properties), ourProperties); diff != "" {
				t.Errorf("properties of the call's span (-SDK +ours):\n%s", diff)
			}
			names := map[string]bool{}
			for _, s := range theirs.spans {
				names[s.name] = true
			}
			for _, s := range ours.spans {
				require.True(t, names[s.name], "the SDK has no span %s", s.name)
				require.True(t, s.ended, "span %s is left open", s.name)
			}
		})
	}
}

// withoutTypes blanks the values that name Go types, or are an error's text: those differ.
func withoutTypes(properties map[any]any) map[any]any {
	blanked := map[any]any{}
	maps.Copy(blanked, properties)
	for _, name := range []string{"exception.type", "exception.message"} {
		if _, ok := blanked[name]; ok {
			blanked[name] = "set"
		}
	}
	return blanked
}
