package gamelift_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

func TestInvalidInputs(t *testing.T) {
	t.Parallel()
	requests := 0
	client := gamelift.New(serve(t, func(http.ResponseWriter, *http.Request) { requests++ }))
	tests := []struct {
		name string
		call func() error
		want []string
	}{
		{"auth token, nil", func() error { _, err := client.GetComputeAuthToken(t.Context(), nil); return err },
			[]string{"GetComputeAuthTokenInput.ComputeName", "GetComputeAuthTokenInput.FleetId"}},
		{"auth token, empty member", func() error {
			_, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{ComputeName: new("c"), FleetId: new("")})
			return err
		}, []string{"GetComputeAuthTokenInput.FleetId"}},
		{"access, nil", func() error { _, err := client.GetComputeAccess(t.Context(), nil); return err },
			[]string{"GetComputeAccessInput.ComputeName", "GetComputeAccessInput.FleetId"}},
		{"access, absent member", func() error {
			_, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{FleetId: new("f")})
			return err
		}, []string{"GetComputeAccessInput.ComputeName"}},
		{"upload, nil", func() error { _, err := client.RequestUploadCredentials(t.Context(), nil); return err },
			[]string{"RequestUploadCredentialsInput.BuildId"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var invalid smithy.InvalidParamsError
			require.ErrorAs(t, tt.call(), &invalid)
			var got []string
			for _, err := range invalid.Errs() {
				var param smithy.InvalidParamError
				require.ErrorAs(t, err, &param)
				got = append(got, param.Field())
			}
			diff(t, tt.want, got)
		})
	}
	require.Zero(t, requests)

	// Lengths and patterns are the service's business.
	_, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: new("not a build \x00")})
	require.NoError(t, err)
	require.Equal(t, 1, requests)
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
				AuthToken: new("token-1"), ComputeArn: new("arn:c"), ComputeName: new("c"),
				ExpirationTimestamp: new(time.UnixMilli(1763632800123).UTC()), FleetArn: new("arn:f"), FleetId: new("f"),
			}},
		{"GetComputeAuthToken", `{"ExpirationTimestamp":1763632800}`, &gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: new(time.Unix(1763632800, 0).UTC())}},
		{"GetComputeAuthToken", `{"ExpirationTimestamp":1.7636328e9,"authtoken":"other case","AuthToken":null}`,
			&gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: new(time.Unix(1763632800, 0).UTC())}},
		{"GetComputeAccess", `{
			"ComputeArn":"arn:c","ComputeName":"c","FleetArn":"arn:f","FleetId":"f","Target":"i-1",
			"Credentials":{"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"ST","Expiration":17},
			"ContainerIdentifiers":[{"ContainerName":"game","ContainerRuntimeId":"r-1"},{"ContainerName":"side"}]}`,
			&gamelift.GetComputeAccessOutput{
				ComputeArn: new("arn:c"), ComputeName: new("c"), FleetArn: new("arn:f"), FleetId: new("f"), Target: new("i-1"),
				Credentials: &types.AwsCredentials{AccessKeyId: new("AK"), SecretAccessKey: new("SK"), SessionToken: new("ST")},
				ContainerIdentifiers: []types.ContainerIdentifier{
					{ContainerName: new("game"), ContainerRuntimeId: new("r-1")}, {ContainerName: new("side")},
				},
			}},
		{"GetComputeAccess", `{"ContainerIdentifiers":[],"Credentials":null}`, &gamelift.GetComputeAccessOutput{ContainerIdentifiers: []types.ContainerIdentifier{}}},
		{"GetComputeAccess", `{"ContainerIdentifiers":[` + strings.Repeat(`{},`, 9) + `{}]}`,
			&gamelift.GetComputeAccessOutput{ContainerIdentifiers: make([]types.ContainerIdentifier, 10)}},
		{"RequestUploadCredentials", `{
			"StorageLocation":{"Bucket":"b","Key":"k","ObjectVersion":"v","RoleArn":"arn:r"},
			"UploadCredentials":{"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"ST"}}`,
			&gamelift.RequestUploadCredentialsOutput{
				StorageLocation:   &types.S3Location{Bucket: new("b"), Key: new("k"), ObjectVersion: new("v"), RoleArn: new("arn:r")},
				UploadCredentials: &types.AwsCredentials{AccessKeyId: new("AK"), SecretAccessKey: new("SK"), SessionToken: new("ST")},
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
				if op.Name != tt.operation {
					continue
				}
				got, md, err := op.Call(t, gamelift.New(options))
				require.NoError(t, err)
				diff(t, tt.want, got, ignoreMetadata)
				require.Equal(t, "request-1", gamelift.RequestID(md))
				require.Equal(t, 1, gamelift.Attempts(md))
				require.Equal(t, time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), gamelift.ServerTime(md))
			}
		})
	}
}

// The error of a 2xx response that does not follow the protocol names the member
// and never has its value.
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

// The outputs marshal to their wire form, with their secrets, and can be read
// back.
func TestOutputsMarshalToTheirWireForm(t *testing.T) {
	t.Parallel()
	aws := &types.AwsCredentials{AccessKeyId: new("a"), SecretAccessKey: new("s")}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{gamelift.GetComputeAuthTokenOutput{}, `{}`},
		{gamelift.GetComputeAuthTokenOutput{
			AuthToken: new("t"), ComputeArn: new("ca"), ComputeName: new("c"), FleetArn: new("fa"), FleetId: new("f"),
			ExpirationTimestamp: new(time.UnixMilli(1763632800123).UTC()),
		}, `{"AuthToken":"t","ComputeArn":"ca","ComputeName":"c","FleetArn":"fa","FleetId":"f","ExpirationTimestamp":1763632800.123}`},
		{gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: new(time.Unix(1763632800, 0).UTC())}, `{"ExpirationTimestamp":1763632800}`},
		{gamelift.GetComputeAccessOutput{
			ComputeArn: new("ca"), Credentials: aws, ContainerIdentifiers: []types.ContainerIdentifier{{ContainerName: new("n")}}, Target: new("i-1"),
		}, `{"ComputeArn":"ca","Credentials":{"AccessKeyId":"a","SecretAccessKey":"s"},"ContainerIdentifiers":[{"ContainerName":"n"}],"Target":"i-1"}`},
		{gamelift.RequestUploadCredentialsOutput{StorageLocation: &types.S3Location{Bucket: new("b"), Key: new("k")}, UploadCredentials: aws},
			`{"StorageLocation":{"Bucket":"b","Key":"k"},"UploadCredentials":{"AccessKeyId":"a","SecretAccessKey":"s"}}`},
		{*authTokenInput(), `{"ComputeName":"compute-1","FleetId":"fleet-1"}`},
		{gamelift.GetComputeAccessInput{}, `{}`},
		{gamelift.RequestUploadCredentialsInput{BuildId: new("b")}, `{"BuildId":"b"}`},
	} {
		got, err := json.Marshal(tt.value)
		require.NoError(t, err)
		require.JSONEq(t, tt.want, string(got))
		back := reflect.New(reflect.TypeOf(tt.value))
		require.NoError(t, json.Unmarshal(got, back.Interface()))
		diff(t, tt.value, back.Elem().Interface(), ignoreMetadata)
	}
	var out gamelift.GetComputeAuthTokenOutput
	require.ErrorContains(t, json.Unmarshal([]byte(`{"AuthToken":1}`), &out), "AuthToken")
}

func TestPrintedOutput(t *testing.T) {
	t.Parallel()
	require.Equal(t, `GetComputeAccessOutput{ComputeName:"c" Credentials:{AccessKeyId:"a" SecretAccessKey:"REDACTED"}}`,
		fmt.Sprint(gamelift.GetComputeAccessOutput{ComputeName: new("c"), Credentials: &types.AwsCredentials{AccessKeyId: new("a"), SecretAccessKey: new("s")}}))
}

func TestWireFormOfEveryMember(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  string
	}{
		{types.AwsCredentials{AccessKeyId: new("a"), SecretAccessKey: new("s"), SessionToken: new("t")}, `{"AccessKeyId":"a","SecretAccessKey":"s","SessionToken":"t"}`},
		{types.S3Location{Bucket: new("b"), Key: new("k"), ObjectVersion: new("v"), RoleArn: new("r")}, `{"Bucket":"b","Key":"k","ObjectVersion":"v","RoleArn":"r"}`},
		{types.ContainerIdentifier{ContainerName: new("n"), ContainerRuntimeId: new("i")}, `{"ContainerName":"n","ContainerRuntimeId":"i"}`},
		{gamelift.GetComputeAccessOutput{FleetArn: new("fa"), FleetId: new("f"), ComputeName: new("c")}, `{"FleetArn":"fa","FleetId":"f","ComputeName":"c"}`},
	} {
		got, err := json.Marshal(tt.value)
		require.NoError(t, err)
		require.JSONEq(t, tt.want, string(got))
	}
}
