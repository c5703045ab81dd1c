package retry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// responded returns the error of a call that the service answered. header has names and values in turn.
func responded(status int, err error, header ...string) error {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &smithy.OperationError{ServiceID: "GameLift", OperationName: "Op", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: h}},
		Err:      err,
	}}
}

func coded(code string) error { return &smithy.GenericAPIError{Code: code, Message: "m"} }

func sendError(err error) error { return &smithyhttp.RequestSendError{Err: err} }

// customNetError is a net.Error of a transport that is not the standard library's.
type customNetError struct{ error }

func (customNetError) Timeout() bool   { return false }
func (customNetError) Temporary() bool { return false }

// saidTimeout has Timeout alone of net.Error's methods, as *fs.PathError does.
type saidTimeout bool

func (saidTimeout) Error() string   { return "said" }
func (s saidTimeout) Timeout() bool { return bool(s) }

func TestStandard_IsErrorRetryable(t *testing.T) {
	t.Parallel()
	_, openErr := os.Open(t.TempDir() + "/missing")
	require.Error(t, openErr)
	badJSON := json.Unmarshal([]byte(`{`), new(any))
	require.Error(t, badJSON)

	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"any other error", errors.New("other"), false},

		// connection errors and time-outs
		{"send error", sendError(errors.New("connection refused")), true},
		{"send error, wrapped", fmt.Errorf("wrapped: %w", sendError(io.EOF)), true},
		{"send error without a cause", sendError(nil), true},
		{"an attempt's deadline while sending", sendError(&url.Error{Op: "Post", URL: "u", Err: context.DeadlineExceeded}), true},
		{"an attempt's deadline while reading", responded(200, context.DeadlineExceeded), true},
		{"a connection's deadline", os.ErrDeadlineExceeded, true},
		{"an error that says it timed out", fmt.Errorf("wrapped: %w", saidTimeout(true)), true},
		{"an error that says it did not time out", fmt.Errorf("wrapped: %w", saidTimeout(false)), false},
		{"unexpected end of the body", responded(200, fmt.Errorf("read: %w", io.ErrUnexpectedEOF)), true},
		{"end of the body", responded(200, io.EOF), false},
		{"net.OpError", responded(200, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("broke")}), true},
		{"net.OpError in url.Error", &url.Error{Op: "Get", URL: "u", Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}, true},
		{"net.OpError joined to a missing file", errors.Join(openErr, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route")}), true},
		{"net.DNSError", &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}, true},
		{"any net.Error", fmt.Errorf("wrapped: %w", customNetError{errors.New("lost")}), true},
		{"any net.Error in url.Error", &url.Error{Op: "Get", URL: "u", Err: customNetError{errors.New("lost")}}, true},
		{"ECONNRESET", fmt.Errorf("wrapped: %w", syscall.ECONNRESET), true},
		{"EPIPE", fmt.Errorf("wrapped: %w", os.NewSyscallError("write", syscall.EPIPE)), true},
		{"ETIMEDOUT", fmt.Errorf("wrapped: %w", syscall.ETIMEDOUT), true},
		{"missing file", openErr, false},
		{"errno", &fs.PathError{Op: "open", Path: "p", Err: syscall.EACCES}, false},
		{"bad URL", &url.Error{Op: "parse", URL: "u", Err: url.EscapeError("%zz")}, false},

		// a done context
		{"context.Canceled", context.Canceled, false},
		{"context.Canceled while sending", sendError(&url.Error{Op: "Post", URL: "u", Err: context.Canceled}), false},
		{"context.Canceled while reading", responded(503, context.Canceled), false},
		{"CanceledError", &smithy.CanceledError{Err: context.DeadlineExceeded}, false},
		{"CanceledError around a send error", &smithy.CanceledError{Err: sendError(context.DeadlineExceeded)}, false},
		{"CanceledError in a send error", sendError(&smithy.CanceledError{Err: context.DeadlineExceeded}), false},
		{"CanceledError in a retryable response", responded(503, &smithy.CanceledError{Err: context.DeadlineExceeded}), false},

		// statuses
		{"200", responded(200, errors.New("e")), false},
		{"301", responded(301, coded("UnknownError")), false},
		{"400", responded(400, coded("InvalidRequestException")), false},
		{"403", responded(403, coded("AccessDeniedException")), false},
		{"404", responded(404, coded("NotFoundException")), false},
		{"408", responded(408, coded("UnknownError")), false},
		{"428", responded(428, coded("UnknownError")), false},
		{"429", responded(429, coded("UnknownError")), true},
		{"499", responded(499, coded("UnknownError")), false},
		{"500", responded(500, coded("InternalServiceException")), true},
		{"501", responded(501, coded("UnknownError")), false},
		{"502", responded(502, coded("UnknownError")), true},
		{"503", responded(503, coded("UnknownError")), true},
		{"504", responded(504, coded("UnknownError")), true},
		{"505", responded(505, coded("UnknownError")), false},
		{"status with an undecodable body", responded(500, &smithy.DeserializationError{Err: badJSON}), true},
		{"response error without a response", &smithyhttp.ResponseError{Err: coded("UnknownError")}, false},
		{"response error around no response", &smithyhttp.ResponseError{Response: &smithyhttp.Response{}, Err: coded("UnknownError")}, false},
		{"response error without a response, throttled", &smithyhttp.ResponseError{Err: coded("SlowDown")}, true},

		// codes
		{"RequestTimeout", responded(400, coded("RequestTimeout")), true},
		{"RequestTimeoutException", responded(400, coded("RequestTimeoutException")), true},
		{"requesttimeout", responded(400, coded("requesttimeout")), true},
		{"RequestTimeoutX", responded(400, coded("RequestTimeoutX")), false},
		{"throttled", responded(400, coded("ThrottlingException")), true},
		{"throttled without a response", coded("throttlingexception"), true},
		{"InternalServiceException by its code alone", coded("InternalServiceException"), false},
		{"ExpiredTokenException", responded(400, coded("ExpiredTokenException")), false},
		{"no code", responded(400, coded("")), false},

		// the caller's and the service's mistakes
		{"InvalidParamsError", smithy.InvalidParamsError{Context: "In"}, false},
		{"SerializationError", &smithy.SerializationError{Err: errors.New("e")}, false},
		{"DeserializationError", responded(200, &smithy.DeserializationError{Err: badJSON}), false},
		{"DeserializationError of a body that broke", responded(200, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff).IsErrorRetryable(tt.err); got != tt.want {
				t.Errorf("got %v, want %v for %v", got, tt.want, tt.err)
			}
		})
	}
}

func TestIsThrottling(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{
		"Throttling":                             true,
		"ThrottlingException":                    true,
		"ThrottledException":                     true,
		"RequestThrottledException":              true,
		"RequestThrottled":                       true,
		"TooManyRequestsException":               true,
		"ProvisionedThroughputExceededException": true,
		"TransactionInProgressException":         true,
		"RequestLimitExceeded":                   true,
		"BandwidthLimitExceeded":                 true,
		"LimitExceededException":                 true,
		"SlowDown":                               true,
		"PriorRequestNotComplete":                true,
		"EC2ThrottledException":                  true,

		"":                         false,
		"Throttl":                  false,
		"ThrottlingExceptions":     false,
		" SlowDown":                false,
		"RequestTimeout":           false,
		"InternalServiceException": false,
	}
	for code, want := range codes {
		for _, code := range []string{code, strings.ToLower(code), strings.ToUpper(code)} {
			if got := IsThrottling(responded(400, coded(code))); got != want {
				t.Errorf("IsThrottling(%q in a chain) = %v, want %v", code, got, want)
			}
		}
	}
	if !IsThrottling(responded(429, coded("UnknownError"))) {
		t.Error("429 is not throttling")
	}
	if !IsThrottling(errors.Join(responded(500, coded("UnknownError")), responded(429, coded("UnknownError")))) {
		t.Error("429 after another response is not throttling")
	}
	if IsThrottling(nil) {
		t.Error("nil is throttling")
	}
	if IsThrottling(sendError(errors.New("Throttling"))) {
		t.Error("an error without a code is throttling")
	}
}
