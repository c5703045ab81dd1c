package types_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/shape"
	"github.com/gamelift-compute/gamelift/types"
)

var structures = []struct {
	value shape.Structure
	wire  string
}{
	{&types.AwsCredentials{}, `{}`},
	{&types.AwsCredentials{AccessKeyId: new("a"), SecretAccessKey: new("b"), SessionToken: new("c")},
		`{"AccessKeyId":"a","SecretAccessKey":"b","SessionToken":"c"}`},
	{&types.S3Location{}, `{}`},
	{&types.S3Location{Bucket: new("a"), Key: new("b"), ObjectVersion: new("c"), RoleArn: new("d")},
		`{"Bucket":"a","Key":"b","ObjectVersion":"c","RoleArn":"d"}`},
	{&types.ContainerIdentifier{}, `{}`},
	{&types.ContainerIdentifier{ContainerName: new("a"), ContainerRuntimeId: new("b")},
		`{"ContainerName":"a","ContainerRuntimeId":"b"}`},
}

// encoding/json and the client read and write the same, so that no member is
// missing from VisitMembers.
func TestWireForm(t *testing.T) {
	t.Parallel()
	for _, tt := range structures {
		fresh := func() any { return reflect.New(reflect.TypeOf(tt.value).Elem()).Interface() }
		for name, marshal := range map[string]func() ([]byte, error){
			"json":  func() ([]byte, error) { return json.Marshal(tt.value) },
			"shape": func() ([]byte, error) { return shape.MarshalJSON(tt.value) },
		} {
			got, err := marshal()
			require.NoError(t, err)
			require.Equal(t, tt.wire, string(got), name)
		}
		for name, unmarshal := range map[string]func(any) error{
			"json":  func(v any) error { return json.Unmarshal([]byte(tt.wire), v) },
			"shape": func(v any) error { return shape.UnmarshalJSON([]byte(tt.wire), v.(shape.Structure)) },
		} {
			got := fresh()
			require.NoError(t, unmarshal(got))
			if diff := cmp.Diff(any(tt.value), got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", name, diff)
			}
		}
	}
}

func TestAwsCredentials_Format(t *testing.T) {
	t.Parallel()
	credentials := types.AwsCredentials{AccessKeyId: new("AKID"), SecretAccessKey: new("canary"), SessionToken: new("canary")}
	const want = `AwsCredentials{AccessKeyId:"AKID" SecretAccessKey:"REDACTED" SessionToken:"REDACTED"}`
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, want, fmt.Sprintf(verb, credentials))
		require.Equal(t, want, fmt.Sprintf(verb, &credentials))
	}
	require.Equal(t, `AwsCredentials{}`, fmt.Sprint(types.AwsCredentials{}), "absent members are not shown")

	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "c", credentials, "p", &credentials)
	require.NotContains(t, log.String(), "canary")
	require.Contains(t, log.String(), "c.AccessKeyId=AKID c.SecretAccessKey=REDACTED")
}

// An exception of package errors is found under its name in this package.
func TestExceptions(t *testing.T) {
	t.Parallel()
	find := func(err error) string {
		var (
			internal     *types.InternalServiceException
			invalid      *types.InvalidRequestException
			notFound     *types.NotFoundException
			unauthorized *types.UnauthorizedException
			region       *types.UnsupportedRegionException
		)
		switch {
		case errors.As(err, &internal):
			return "InternalServiceException"
		case errors.As(err, &invalid):
			return "InvalidRequestException"
		case errors.As(err, &notFound):
			return "NotFoundException"
		case errors.As(err, &unauthorized):
			return "UnauthorizedException"
		case errors.As(err, &region):
			return "UnsupportedRegionException"
		}
		return ""
	}
	for _, code := range []string{
		"InternalServiceException", "InvalidRequestException", "NotFoundException", "UnauthorizedException", "UnsupportedRegionException",
	} {
		err := apierrors.FromCode(code, "message")
		require.Equal(t, code, find(err))
		var apiErr smithy.APIError
		require.ErrorAs(t, err, &apiErr)
		require.Equal(t, code, apiErr.ErrorCode())
		require.Equal(t, "message", apiErr.ErrorMessage())
	}
	require.Empty(t, find(apierrors.FromCode("AccessDeniedException", "")))
	require.Equal(t, "no such fleet", (&types.NotFoundException{Message: new("no such fleet")}).ErrorMessage())
}
