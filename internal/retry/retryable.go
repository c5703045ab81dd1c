package retry

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
)

var retryableStatuses = []int{
	http.StatusTooManyRequests,
	http.StatusInternalServerError,
	http.StatusBadGateway,
	http.StatusServiceUnavailable,
	http.StatusGatewayTimeout,
}

// IsErrorRetryable is [IsRetryable].
func (s *Standard) IsErrorRetryable(err error) bool { return IsRetryable(err) }

// IsRetryable reports whether another attempt may help: after a connection error
// or a timeout, and for some statuses and error codes. It is false if the chain
// has a *smithy.CanceledError or context.Canceled, since then the caller's
// context is done. It is false for nil.
func IsRetryable(err error) bool {
	if isServiceError(err) {
		return hasRetryableStatus(err) || hasRetryableCode(err)
	}
	if _, ok := errors.AsType[*smithy.CanceledError](err); ok || errors.Is(err, context.Canceled) {
		return false
	}
	if isConnectionError(err) {
		return true
	}
	return hasRetryableStatus(err) || hasRetryableCode(err)
}

// isServiceError reports whether err consists of a response and an error of the
// service, as most errors do. It saves the search for other errors.
func isServiceError(err error) bool {
	resp, ok := err.(interface {
		HTTPStatusCode() int
		Unwrap() error
	})
	if !ok {
		return false
	}
	_, ok = resp.Unwrap().(smithy.APIError)
	return ok
}

func hasRetryableStatus(err error) bool {
	resp := response(err)
	return resp != nil && slices.Contains(retryableStatuses, resp.StatusCode)
}

func hasRetryableCode(err error) bool {
	return errorcode.Timeout.Matches(err) || errorcode.Throttling.Matches(err)
}

// IsThrottling reports whether err's chain has a throttling code or the HTTP
// status 429. It is false for nil.
func IsThrottling(err error) bool {
	return errorcode.Throttling.Matches(err) || errorcode.Any(err, func(e error) bool {
		resp := response(e)
		return resp != nil && resp.StatusCode == http.StatusTooManyRequests
	})
}

// isConnectionError reports whether the request or the response broke on the
// way, or took too long.
func isConnectionError(err error) bool {
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return true
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return true
	}
	type timeouter interface {
		error
		Timeout() bool
	}
	if e, ok := errors.AsType[timeouter](err); ok && e.Timeout() {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	netErr, ok := errors.AsType[net.Error](err)
	if !ok {
		return false
	}
	switch netErr := netErr.(type) {
	case syscall.Errno: // is a net.Error for any cause, such as a missing file
		return false
	case *url.Error: // likewise; url.Parse returns it
		return isConnectionError(netErr.Err)
	default:
		return true
	}
}

// response returns the HTTP response in err's chain, or nil.
func response(err error) *http.Response {
	respErr, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || respErr.Response == nil {
		return nil
	}
	return respErr.Response.Response
}
