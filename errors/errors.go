// Package errors defines the errors of a call to Amazon GameLift Servers that
// smithy-go does not define.
//
// # The chain
//
// A failed call returns one chain of errors, outermost first. [errors.As] of
// the standard library finds each layer:
//
//	*smithy.OperationError        the service and the operation
//	*MaxAttemptsError             if the attempts ran out
//	*ResponseError                if there was a response: HTTP status, request ID;
//	                              errors.As finds *smithyhttp.ResponseError in it, too
//	*smithyhttp.RequestSendError  if there was no response, or it broke off
//	*NotFoundException, ...       the exception that the API model names, or
//	*smithy.GenericAPIError       for a code that the model does not name
//
// A chain can also end in [smithy.InvalidParamsError] (bad input; nothing was
// sent), *[smithy.DeserializationError] (a 2xx response that does not follow the
// protocol) or *[smithy.CanceledError] (the caller's context is done).
//
// The text of an error is cut to a few KiB, whatever a peer sends. ErrorMessage
// of an exception is complete.
//
// Import this package as apierrors, so that the standard library's errors keeps
// its name.
package errors

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
	"github.com/gamelift-compute/gamelift/internal/keyerror"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// ResponseError is the layer of a failed call that has the HTTP response. The
// response's body has been read and closed. The zero value has no response and
// no error inside.
type ResponseError struct {
	// ResponseError has the response and the error inside.
	*smithyhttp.ResponseError

	// RequestID is the ID that the service gave to the request. AWS Support asks
	// for it. It is "" if the response has none.
	RequestID string
}

// Error returns the status, the request ID and the error inside, cut to a few
// KiB. If the response is a redirect, the text has its target.
func (e *ResponseError) Error() string {
	status, inside := "unknown", "<nil>"
	code := e.HTTPStatusCode()
	if code != 0 {
		status = strconv.Itoa(code)
	}
	if code/100 == 3 {
		if target := e.Response.Header.Get("Location"); target != "" {
			status += fmt.Sprintf(" (a redirect to %q, which is not followed)", target)
		}
	}
	if err := e.Unwrap(); err != nil {
		inside = err.Error()
	}
	return redact.Cut("HTTP status " + status + ", request ID " + cmp.Or(redact.Cut(e.RequestID), "none") + ", " + inside)
}

// Unwrap returns the error inside.
func (e *ResponseError) Unwrap() error {
	if e.ResponseError == nil {
		return nil
	}
	return e.Err
}

// HTTPResponse returns the response, or nil if there is none.
func (e *ResponseError) HTTPResponse() *smithyhttp.Response {
	if e.ResponseError == nil {
		return nil
	}
	return e.Response
}

// HTTPStatusCode returns the status of the response, or 0 if there is none.
func (e *ResponseError) HTTPStatusCode() int {
	if response := e.HTTPResponse(); response != nil && response.Response != nil {
		return response.StatusCode
	}
	return 0
}

// ServiceRequestID returns RequestID.
func (e *ResponseError) ServiceRequestID() string { return e.RequestID }

// As lets errors.As find the embedded *smithyhttp.ResponseError, which Unwrap
// does not return.
func (e *ResponseError) As(target any) bool {
	if t, ok := target.(**smithyhttp.ResponseError); ok && e.ResponseError != nil {
		*t = e.ResponseError
		return true
	}
	return false
}

// MaxAttemptsError reports that all attempts failed; the last error was
// retryable.
type MaxAttemptsError struct {
	// Attempt is the number of attempts that were made.
	Attempt int

	// Err is the error of the last attempt.
	Err error
}

// Error returns the number of attempts and the last error.
func (e *MaxAttemptsError) Error() string {
	return fmt.Sprintf("gave up after %d attempts, %v", e.Attempt, e.Err)
}

// Unwrap returns the error of the last attempt.
func (e *MaxAttemptsError) Unwrap() error { return e.Err }

// IsThrottling reports whether err, or an error that it wraps, has HTTP status
// 429 or an error code that AWS services use to ask callers to slow down. It is
// false for nil.
func IsThrottling(err error) bool { return retry.IsThrottling(err) }

// IsCredentials reports whether err, or an error that it wraps, says that the
// caller's AWS keys are missing, malformed, unknown or expired, or that they do
// not fit the signature. Both the client and the service report such errors. It
// is false for nil, and for keys that are valid but not allowed to make the call
// ([UnauthorizedException], AccessDeniedException).
func IsCredentials(err error) bool {
	_, ok := errors.AsType[*keyerror.Error](err)
	return ok || errorcode.Credentials.Matches(err)
}
