// Package errors holds the errors that a call to Amazon GameLift Servers fails
// with, as far as smithy-go does not define them already.
//
// # The chain
//
// A failed call returns one chain, outermost first. [errors.As] of the standard
// library finds each layer of it:
//
//	*smithy.OperationError        which service and operation
//	*MaxAttemptsError             where the attempts ran out
//	*ResponseError                where there was a response: HTTP status, request ID;
//	                              *smithyhttp.ResponseError is found in it as well
//	*smithyhttp.RequestSendError  where there was none, or where it broke off
//	*NotFoundException, ...       the exception that the API model names, or
//	*smithy.GenericAPIError       for a code that it does not name
//
// The other ends of the chain are [smithy.InvalidParamsError] (bad input,
// nothing was sent), *[smithy.DeserializationError] (a 2xx response that is not
// what the protocol says) and *[smithy.CanceledError] (the caller's context is
// done).
//
// Import this package as apierrors, beside the standard library's errors.
package errors

import (
	"cmp"
	"fmt"
	"strconv"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/retry"
)

// ResponseError is the layer of a failed call that knows the HTTP response.
// The response's body has been read and closed.
type ResponseError struct {
	*smithyhttp.ResponseError

	// RequestID is the service's name for the request, to quote to AWS
	// Support; "" where the response has none.
	RequestID string
}

// Error names status, request ID and the error inside.
func (e *ResponseError) Error() string {
	status := "unknown"
	if e.ResponseError != nil && e.Response != nil && e.Response.Response != nil {
		status = strconv.Itoa(e.HTTPStatusCode())
	}
	return fmt.Sprintf("HTTP status %s, request ID %s, %v", status, cmp.Or(e.RequestID, "none"), e.Unwrap())
}

// Unwrap returns the error inside.
func (e *ResponseError) Unwrap() error {
	if e.ResponseError == nil {
		return nil
	}
	return e.Err
}

// ServiceRequestID returns RequestID.
func (e *ResponseError) ServiceRequestID() string { return e.RequestID }

// As lets errors.As find the embedded *smithyhttp.ResponseError, which Unwrap
// steps over.
func (e *ResponseError) As(target any) bool {
	if t, ok := target.(**smithyhttp.ResponseError); ok && e.ResponseError != nil {
		*t = e.ResponseError
		return true
	}
	return false
}

// MaxAttemptsError says that the last attempt that a call had failed as well,
// with an error that would have been retried.
type MaxAttemptsError struct {
	Attempt int   // how many attempts were made
	Err     error // the last one's error
}

// Error names the number of attempts and the last error.
func (e *MaxAttemptsError) Error() string {
	return fmt.Sprintf("gave up after %d attempts, %v", e.Attempt, e.Err)
}

// Unwrap returns the last attempt's error.
func (e *MaxAttemptsError) Unwrap() error { return e.Err }

// IsThrottling reports whether err, or an error that it wraps, carries one of
// the error codes with which AWS services ask callers to slow down. It is false
// for nil.
func IsThrottling(err error) bool { return retry.IsThrottling(err) }
