package gamelift_test

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"GetComputeAuthToken":      `{"ComputeName":"compute-1","FleetId":"fleet-1"}`,
		"GetComputeAccess":         `{"ComputeName":"compute-1","FleetId":"fleet-1"}`,
		"RequestUploadCredentials": `{"BuildId":"build-1"}`,
	}
	for _, path := range []string{"", "/", "/a%2Fb/c"} {
		for _, op := range operations {
			t.Run(op.name+path, func(t *testing.T) {
				t.Parallel()
				type arrived struct {
					Method, Path, ContentType, Target, Body string
					Length                                  int64
					Encoding                                []string
				}
				var got arrived
				var header http.Header
				options := serve(t, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					got = arrived{r.Method, r.URL.EscapedPath(), r.Header.Get("Content-Type"), r.Header.Get("X-Amz-Target"), string(body), r.ContentLength, r.TransferEncoding}
					header = r.Header
				})
				*options.BaseEndpoint += path
				_, _, err := op.call(t, gamelift.New(options, func(o *gamelift.Options) { o.AppID = "lobby service/2" }))
				require.NoError(t, err)

				wantPath := path
				if path == "" {
					wantPath = "/"
				}
				diff(t, arrived{
					Method: "POST", Path: wantPath, ContentType: "application/x-amz-json-1.1", Target: "GameLift." + op.name,
					Body: bodies[op.name], Length: int64(len(bodies[op.name])),
				}, got)
				require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, header.Get("Amz-Sdk-Invocation-Id"))
				require.Equal(t, "attempt=1; max=3", header.Get("Amz-Sdk-Request"))
				require.Regexp(t, `^gamelift-go/\S+ os/\w+ lang/go#\S+ md/GOARCH#\w+ app/lobby-service-2$`, header.Get("User-Agent"))
				require.Equal(t, testSessionToken, header.Get("X-Amz-Security-Token"))
				require.Regexp(t, regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-west-2/gamelift/aws4_request, `+
					`SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target, `+
					`Signature=[0-9a-f]{64}$`), header.Get("Authorization"))
			})
		}
	}
}

func TestSessionTokenIsLeftOutWhereThereIsNone(t *testing.T) {
	t.Parallel()
	var header http.Header
	options := serve(t, func(_ http.ResponseWriter, r *http.Request) { header = r.Header })
	options.Credentials = gamelift.StaticCredentials(testAccessKeyID, testSecretKey, "")
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
	require.NotContains(t, header, "X-Amz-Security-Token")
	require.NotContains(t, header.Get("Authorization"), "x-amz-security-token")
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	outputs := []struct {
		operation, body string
		want            any
	}{
		{"GetComputeAuthToken", `{
			"AuthToken":"token-1","ComputeArn":"arn:c","ComputeName":"c","ExpirationTimestamp":1763632800.1234,
			"FleetArn":"arn:f","FleetId":"f","Unmodelled":[{"a":[1,2.5e3,null,true,"\u00e9"]}]}`,
			&gamelift.GetComputeAuthTokenOutput{
				AuthToken: ptr("token-1"), ComputeArn: ptr("arn:c"), ComputeName: ptr("c"),
				ExpirationTimestamp: ptr(time.UnixMilli(1763632800123).UTC()), FleetArn: ptr("arn:f"), FleetId: ptr("f"),
			}},
		{"GetComputeAuthToken", `{"ExpirationTimestamp":1763632800}`, &gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: ptr(time.Unix(1763632800, 0).UTC())}},
		{"GetComputeAuthToken", `{"ExpirationTimestamp":1.7636328e9,"authtoken":"other case","AuthToken":null}`,
			&gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: ptr(time.Unix(1763632800, 0).UTC())}},
		{"GetComputeAccess", `{
			"ComputeArn":"arn:c","ComputeName":"c","FleetArn":"arn:f","FleetId":"f","Target":"i-1",
			"Credentials":{"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"ST","Expiration":17},
			"ContainerIdentifiers":[{"ContainerName":"game","ContainerRuntimeId":"r-1"},{"ContainerName":"side"}]}`,
			&gamelift.GetComputeAccessOutput{
				ComputeArn: ptr("arn:c"), ComputeName: ptr("c"), FleetArn: ptr("arn:f"), FleetId: ptr("f"), Target: ptr("i-1"),
				Credentials: &types.AwsCredentials{AccessKeyId: ptr("AK"), SecretAccessKey: ptr("SK"), SessionToken: ptr("ST")},
				ContainerIdentifiers: []types.ContainerIdentifier{
					{ContainerName: ptr("game"), ContainerRuntimeId: ptr("r-1")}, {ContainerName: ptr("side")},
				},
			}},
		{"GetComputeAccess", `{"ContainerIdentifiers":[],"Credentials":null}`, &gamelift.GetComputeAccessOutput{ContainerIdentifiers: []types.ContainerIdentifier{}}},
		{"GetComputeAccess", `{"ContainerIdentifiers":[` + strings.Repeat(`{},`, 9) + `{}]}`,
			&gamelift.GetComputeAccessOutput{ContainerIdentifiers: make([]types.ContainerIdentifier, 10)}},
		{"RequestUploadCredentials", `{
			"StorageLocation":{"Bucket":"b","Key":"k","ObjectVersion":"v","RoleArn":"arn:r"},
			"UploadCredentials":{"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"ST"}}`,
			&gamelift.RequestUploadCredentialsOutput{
				StorageLocation:   &types.S3Location{Bucket: ptr("b"), Key: ptr("k"), ObjectVersion: ptr("v"), RoleArn: ptr("arn:r")},
				UploadCredentials: &types.AwsCredentials{AccessKeyId: ptr("AK"), SecretAccessKey: ptr("SK"), SessionToken: ptr("ST")},
			}},
	}
	for _, body := range []string{"", " \r\n\t", "null", "{}"} {
		for operation, empty := range map[string]any{
			"GetComputeAuthToken":      &gamelift.GetComputeAuthTokenOutput{},
			"GetComputeAccess":         &gamelift.GetComputeAccessOutput{},
			"RequestUploadCredentials": &gamelift.RequestUploadCredentialsOutput{},
		} {
			outputs = append(outputs, struct {
				operation, body string
				want            any
			}{operation, body, empty})
		}
	}
	for _, tt := range outputs {
		t.Run(tt.operation, func(t *testing.T) {
			t.Parallel()
			options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Requestid", "request-1")
				w.Header().Set("Date", "Fri, 20 Nov 2026 10:00:00 GMT")
				_, _ = io.WriteString(w, tt.body)
			})
			for _, op := range operations {
				if op.name != tt.operation {
					continue
				}
				got, md, err := op.call(t, gamelift.New(options))
				require.NoError(t, err)
				diff(t, tt.want, got, ignoreMetadata)
				require.Equal(t, "request-1", gamelift.RequestID(md))
				require.Equal(t, 1, gamelift.Attempts(md))
				require.Equal(t, time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), gamelift.ServerTime(md))
			}
		})
	}
}

func TestMetadataOfNoCall(t *testing.T) {
	t.Parallel()
	md := gamelift.GetComputeAuthTokenOutput{}.ResultMetadata
	require.Empty(t, gamelift.RequestID(md))
	require.Zero(t, gamelift.Attempts(md))
	require.True(t, gamelift.ServerTime(md).IsZero())
}

// A 2xx response that is not what the protocol says names the member and never
// its value.
func TestMalformedOutputs(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, member string }{
		{"number for a string", `{"AuthToken":31337}`, "AuthToken"},
		{"object for a string", `{"FleetId":{"x":"31337"}}`, "FleetId"},
		{"string for a time", `{"ExpirationTimestamp":"31337"}`, "ExpirationTimestamp"},
		{"time out of range", `{"ExpirationTimestamp":31337e99}`, "ExpirationTimestamp"},
		{"truncated in a value", `{"FleetId":"f","AuthToken":"31337`, "AuthToken"},
		{"truncated behind a value", `{"AuthToken":"31337"`, ""},
		{"trailing garbage", `{"AuthToken":"31337"} 31337`, ""},
		{"an array", `["31337"]`, ""},
		{"HTML", `<html>31337</html>`, ""},
		{"byte order mark", "\ufeff{\"AuthToken\":\"31337\"}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("X-Amzn-Requestid", "request-1")
				_, _ = io.WriteString(w, tt.body)
			})
			out, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
			require.Nil(t, out)
			var operation *smithy.OperationError
			require.ErrorAs(t, err, &operation)
			var response *apierrors.ResponseError
			require.ErrorAs(t, err, &response)
			require.Equal(t, 200, response.HTTPStatusCode())
			require.Equal(t, "request-1", response.ServiceRequestID())
			var deserialization *smithy.DeserializationError
			require.ErrorAs(t, err, &deserialization)
			require.Empty(t, deserialization.Snapshot)
			require.Contains(t, err.Error(), tt.member)
			require.NotContains(t, err.Error(), "31337")
			require.Equal(t, 1, requests, "a malformed answer is not asked for again")
			var apiErr smithy.APIError
			require.False(t, errors.As(err, &apiErr))
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for appID, want := range map[string]string{"": "", "my app": " app/my-app"} {
		s := answers(status(200, okBody))
		_, err := gamelift.New(s.options(), func(o *gamelift.Options) { o.AppID = appID }).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
		require.Regexp(t, "^gamelift-go/[0-9.]+ os/"+runtime.GOOS+" lang/go#"+regexp.QuoteMeta(strings.TrimPrefix(runtime.Version(), "go"))+" md/GOARCH#"+runtime.GOARCH+want+"$", s.headers[0].Get("User-Agent"))
	}
}
