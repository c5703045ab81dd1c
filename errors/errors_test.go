package errors_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/keyerror"
	"github.com/gamelift-compute/gamelift/types"
)

func ptr(s string) *string { return &s }

func TestFromCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code  string
		want  error
		text  string
		fault smithy.ErrorFault
	}{
		{"InternalServiceException", &types.InternalServiceException{Message: ptr("m")}, "InternalServiceException: m", smithy.FaultServer},
		{"InvalidRequestException", &types.InvalidRequestException{Message: ptr("m")}, "InvalidRequestException: m", smithy.FaultClient},
		{"NotFoundException", &types.NotFoundException{Message: ptr("m")}, "NotFoundException: m", smithy.FaultClient},
		{"UnauthorizedException", &types.UnauthorizedException{Message: ptr("m")}, "UnauthorizedException: m", smithy.FaultClient},
		{"UnsupportedRegionException", &types.UnsupportedRegionException{Message: ptr("m")}, "UnsupportedRegionException: m", smithy.FaultClient},
		{"notFOUNDexception", &types.NotFoundException{Message: ptr("m")}, "NotFoundException: m", smithy.FaultClient},
		{"ThrottlingException", &smithy.GenericAPIError{Code: "ThrottlingException", Message: "m"}, "api error ThrottlingException: m", smithy.FaultUnknown},
		{"", &smithy.GenericAPIError{Message: "m"}, "api error : m", smithy.FaultUnknown},
	}
	for _, tt := range tests {
		got := apierrors.FromCode(tt.code, "m")
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.code, d)
		}
		if got.Error() != tt.text {
			t.Errorf("%s: text %q, want %q", tt.code, got, tt.text)
		}
		var apiErr smithy.APIError
		if !errors.As(got, &apiErr) || apiErr.ErrorFault() != tt.fault || apiErr.ErrorMessage() != "m" {
			t.Errorf("%s: fault %v, message %q", tt.code, apiErr.ErrorFault(), apiErr.ErrorMessage())
		}
	}
}

func TestExceptionsWithoutMembers(t *testing.T) {
	t.Parallel()
	for _, exception := range []smithy.APIError{
		&types.InternalServiceException{ErrorCodeOverride: ptr("Other")}, &types.InvalidRequestException{ErrorCodeOverride: ptr("Other")},
		&types.NotFoundException{ErrorCodeOverride: ptr("Other")}, &types.UnauthorizedException{ErrorCodeOverride: ptr("Other")},
		&types.UnsupportedRegionException{ErrorCodeOverride: ptr("Other")},
	} {
		if got := exception.Error(); got != "Other: " || exception.ErrorCode() != "Other" || exception.ErrorMessage() != "" {
			t.Errorf("%T: %q", exception, got)
		}
	}
}

func TestIsThrottling(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"Throttling": true, "ThrottlingException": true, "ThrottledException": true, "RequestThrottledException": true, "RequestThrottled": true,
		"TooManyRequestsException": true, "ProvisionedThroughputExceededException": true, "TransactionInProgressException": true,
		"RequestLimitExceeded": true, "BandwidthLimitExceeded": true, "LimitExceededException": true, "SlowDown": true,
		"PriorRequestNotComplete": true, "EC2ThrottledException": true, "throttlingexception": true,
		"NotFoundException": false, "": false,
	} {
		err := fmt.Errorf("wrapped: %w", apierrors.FromCode(code, ""))
		if got := apierrors.IsThrottling(err); got != want {
			t.Errorf("%q: %t", code, got)
		}
	}
	if apierrors.IsThrottling(nil) || apierrors.IsThrottling(errors.New("ThrottlingException")) {
		t.Error("an error without a code")
	}
}

// Mocks make such values.
func TestResponseErrorWithoutAResponse(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&apierrors.ResponseError{},
		&apierrors.ResponseError{ResponseError: &smithyhttp.ResponseError{}},
		&apierrors.ResponseError{ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{}}},
	} {
		if want := "HTTP status unknown, request ID none, <nil>"; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
		var notFound *types.NotFoundException
		if apierrors.IsThrottling(err) || errors.As(err, &notFound) {
			t.Error("there is nothing inside")
		}
	}
}

// No method of an error without members panics.
func TestZeroErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&apierrors.ResponseError{}, &apierrors.ResponseError{ResponseError: &smithyhttp.ResponseError{}}, &apierrors.MaxAttemptsError{},
		&types.InternalServiceException{}, &types.InvalidRequestException{}, &types.NotFoundException{}, &types.UnauthorizedException{},
		&types.UnsupportedRegionException{},
	} {
		value := reflect.ValueOf(err)
		called := 0
		for method, m := range value.Methods() {
			arguments := []reflect.Value{}
			if method.Name == "As" {
				arguments = append(arguments, reflect.ValueOf(new(*smithyhttp.ResponseError)))
			}
			m.Call(arguments)
			called++
		}
		if called < 2 {
			t.Errorf("%T has %d methods", err, called)
		}
		for _, target := range []any{new(*smithyhttp.ResponseError), new(*apierrors.ResponseError), new(smithy.APIError), new(*smithy.CanceledError)} {
			_ = errors.As(err, target)
		}
		if errors.Is(err, context.Canceled) || apierrors.IsThrottling(err) || apierrors.IsCredentials(err) || fmt.Sprintf("%v%+v%s", err, err, err) == "" {
			t.Errorf("%T without members is more than that", err)
		}
	}
}

func TestResponseError(t *testing.T) {
	t.Parallel()
	inner := &types.NotFoundException{Message: ptr("no")}
	err := error(&apierrors.MaxAttemptsError{Attempt: 3, Err: &apierrors.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 400}}, Err: inner},
		RequestID:     "r-1",
	}})
	var response *apierrors.ResponseError
	var httpResponse *smithyhttp.ResponseError
	var notFound *types.NotFoundException
	var exhausted *apierrors.MaxAttemptsError
	if !errors.As(err, &response) || !errors.As(err, &httpResponse) || !errors.As(err, &notFound) || !errors.As(err, &exhausted) {
		t.Fatal("a layer is not found")
	}
	if httpResponse != response.ResponseError || notFound != inner || response.ServiceRequestID() != "r-1" {
		t.Error("another one is found")
	}
	if want := "gave up after 3 attempts, HTTP status 400, request ID r-1, NotFoundException: no"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestIsCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("ExpiredToken"), false},
		{apierrors.FromCode("ExpiredTokenException", ""), true},
		{apierrors.FromCode("InvalidClientTokenId", ""), true},
		{fmt.Errorf("call: %w", apierrors.FromCode("signaturedoesnotmatch", "")), true},
		{&keyerror.Error{Err: errors.New("no keys")}, true},
		{fmt.Errorf("call: %w", &keyerror.Error{Err: errors.New("no keys")}), true},
		{apierrors.FromCode("UnauthorizedException", ""), false},
		{apierrors.FromCode("AccessDeniedException", ""), false},
		{apierrors.FromCode("ThrottlingException", ""), false},
	} {
		if got := apierrors.IsCredentials(tt.err); got != tt.want {
			t.Errorf("%v: got %t", tt.err, got)
		}
	}
}
