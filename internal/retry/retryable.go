package retry

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var (
	retryableStatuses = []int{
		http.StatusTooManyRequests,
		http.StatusInternalServerError,
		http.StatusBadGateway,
		http.StatusServiceUnavailable,
		http.StatusGatewayTimeout,
	}
	timeoutCodes = []string{
		"RequestTimeout",
		"RequestTimeoutException",
	}
	throttlingCodes = []string{
		"Throttling",
		"ThrottlingException",
		"ThrottledException",
		"RequestThrottledException",
		"RequestThrottled",
		"TooManyRequestsException",
		"ProvisionedThroughputExceededException",
		"TransactionInProgressException",
		"RequestLimitExceeded",
		"BandwidthLimitExceeded",
		"LimitExceededException",
		"SlowDown",
		"PriorRequestNotComplete",
		"EC2ThrottledException",
	}
)

// IsErrorRetryable reports whether another attempt may help: after a connection error or a time-out, and by the
// response's status and error code. It never does when the caller's context is done, which is a
// *smithy.CanceledError or context.Canceled anywhere in the chain: the deadline of one attempt must come without
// the first. It is false for nil.
func (s *Standard) IsErrorRetryable(err error) bool {
	if _, ok := errors.AsType[*smithy.CanceledError](err); ok || errors.Is(err, context.Canceled) {
		return false
	}
	if isConnectionError(err) {
		return true
	}
	if resp := response(err); resp != nil && slices.Contains(retryableStatuses, resp.StatusCode) {
		return true
	}
	code := errorCode(err)
	return containsFold(timeoutCodes, code) || IsThrottlingCode(code)
}

// IsThrottling reports whether the error code in err's chain is a throttling code. It is false for nil.
func IsThrottling(err error) bool { return IsThrottlingCode(errorCode(err)) }

// IsThrottlingCode reports whether a service says with this error code, in whatever case, that it gets too many
// requests.
func IsThrottlingCode(code string) bool { return containsFold(throttlingCodes, code) }

// isConnectionError reports whether the request or the response broke on the way, or took too long.
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
	case syscall.Errno: // has the methods of a net.Error, whatever it is about: a missing credentials file too
		return false
	case *url.Error: // likewise, and url.Parse returns it
		return isConnectionError(netErr.Err)
	default:
		return true
	}
}

// response returns the HTTP response in err's chain, nil where there is none.
func response(err error) *http.Response {
	respErr, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || respErr.Response == nil {
		return nil
	}
	return respErr.Response.Response
}

// errorCode returns the service's error code in err's chain, "" where there is none.
func errorCode(err error) string {
	apiErr, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return ""
	}
	return apiErr.ErrorCode()
}

func containsFold(codes []string, code string) bool {
	return slices.ContainsFunc(codes, func(c string) bool { return strings.EqualFold(c, code) })
}
