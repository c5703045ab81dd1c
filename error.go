package gamelift

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/errorcode"
)

// errPanicked is the error in spans, metrics and log records if an HTTPClient, a
// credentials provider or an interceptor panics.
var errPanicked = errors.New("panicked")

// operationError adds the outermost layer of every failed call.
func operationError(operation string, err error) error {
	return &smithy.OperationError{ServiceID: ServiceID, OperationName: operation, Err: err}
}

// canceled returns the error of a call whose context is done. last is the error
// of the previous attempt, or nil.
func canceled(ctx context.Context, last error) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != err {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	if last != nil {
		err = fmt.Errorf("%w, after %w", err, last)
	}
	return &smithy.CanceledError{Err: err}
}

// responseError adds the layer that has the HTTP response. It removes the
// secrets from the response and from its request, because callers can reach both
// through the error. It also removes the body, which still has its content if
// there are interceptors.
func responseError(resp *http.Response, requestID string, known secrets, err error) error {
	resp.Status = known.redact(resp.Status)
	resp.Header, resp.Trailer = known.redactHeader(resp.Header), known.redactHeader(resp.Trailer)
	resp.Body = http.NoBody
	if resp.Request != nil {
		request := *resp.Request
		request.Header = known.redactHeader(request.Header)
		resp.Request = &request
	}
	return &apierrors.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: err},
		RequestID:     requestID,
	}
}

// exception returns the error of a response whose status is not 2xx. readErr is
// the error of reading its content.
func exception(resp *http.Response, content []byte, readErr error, known secrets) error {
	code, message := awsjson.DecodeError(headerValue(resp.Header, "X-Amzn-Errortype"), content)
	if code != "" {
		readErr = nil // the code says more than a body that broke off
	}
	err := apierrors.FromCode(code, known.redact(message))
	if generic, ok := errors.AsType[*smithy.GenericAPIError](err); ok {
		if code == "" || !errorcode.Known(code) && known.in(code) {
			generic.Code = errorcode.Unknown
		}
		switch resp.StatusCode / 100 {
		case 4:
			generic.Fault = smithy.FaultClient
		case 5:
			generic.Fault = smithy.FaultServer
		}
	}
	if readErr != nil {
		return fmt.Errorf("%w(%w)", err, bodyError(readErr, known))
	}
	return err
}

// sendError returns the error of a request without a response. It redacts err,
// which can quote bytes of the peer.
func sendError(err error, known secrets) error {
	return &smithyhttp.RequestSendError{Err: known.redactError(err)}
}

// bodyError returns the error of a response whose body could not be read. If the
// connection broke, it is the error of a request without a response.
func bodyError(err error, known secrets) error {
	if errors.Is(err, errBodyTooLarge) {
		return &smithy.DeserializationError{Err: err}
	}
	return sendError(fmt.Errorf("read response body: %w", err), known)
}
