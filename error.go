package gamelift

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/errorcode"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// operationError adds the outermost layer of every failed call.
func operationError(operation string, err error) error {
	return &smithy.OperationError{ServiceID: ServiceID, OperationName: operation, Err: err}
}

// canceled returns the error of a call whose context is done. last is the error
// of the attempt that would have been made again, or nil.
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

// responseError adds the layer that has the HTTP response. The response and its
// request lose their secrets, so that nobody who walks the error finds them.
func (a *attempt) responseError(resp *http.Response, err error) error {
	resp.Status = a.redact(resp.Status)
	resp.Header, resp.Trailer = a.redactHeader(resp.Header), a.redactHeader(resp.Trailer)
	if resp.Request != nil {
		request := *resp.Request
		request.Header = a.redactHeader(request.Header)
		resp.Request = &request
	}
	return &apierrors.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: err},
		RequestID:     a.call.metadata.requestID,
	}
}

// exception returns the error of a response whose status is not 2xx.
func (a *attempt) exception(resp *http.Response, content []byte, readErr error) error {
	code, message := awsjson.DecodeError(resp.Header.Get("X-Amzn-Errortype"), content)
	if code != "" {
		readErr = nil // the code says more than a body that broke off
	}
	err := apierrors.FromCode(code, a.redact(message))
	if generic, ok := errors.AsType[*smithy.GenericAPIError](err); ok {
		if code == "" || !errorcode.Known(code) && a.repeatsSecret(code) {
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
		return fmt.Errorf("%w(%w)", err, a.bodyError(readErr))
	}
	return err
}

// sendError reports that there was no response. Such an error can quote bytes of
// the peer.
func (a *attempt) sendError(err error) error {
	return &smithyhttp.RequestSendError{Err: a.scrubError(err)}
}

// bodyError reports that a response's body could not be read. If the connection
// broke, that is the same as no response.
func (a *attempt) bodyError(err error) error {
	if errors.Is(err, errBodyTooLarge) {
		return &smithy.DeserializationError{Err: err}
	}
	return a.sendError(fmt.Errorf("read response body: %w", err))
}

// requestID returns the request ID of a response. A value that repeats a secret
// is no request ID.
func (a *attempt) requestID(header http.Header) string {
	id := header.Get("X-Amzn-Requestid")
	if a.repeatsSecret(id) {
		return ""
	}
	return id
}

func (a *attempt) redact(text string) string {
	if !a.repeatsSecret(text) {
		return text
	}
	return redact.Text(text, append([]string{a.keys.SecretAccessKey, a.keys.SessionToken}, a.call.secrets...)...)
}

// repeatsSecret reports whether text has a key of this attempt or of one before
// it.
func (a *attempt) repeatsSecret(text string) bool {
	return redact.Contains(text, a.keys.SecretAccessKey, a.keys.SessionToken) || redact.Contains(text, a.call.secrets...)
}

// redactHeader returns the header, or a redacted copy if it has secrets.
func (a *attempt) redactHeader(header http.Header) http.Header {
	var redacted http.Header
	for name, values := range header {
		switch {
		case name == "Authorization", name == "X-Amz-Security-Token":
			values = []string{redact.Mark}
		case slices.ContainsFunc(values, a.repeatsSecret):
			values = slices.Clone(values)
			for i := range values {
				values[i] = a.redact(values[i])
			}
		default:
			continue
		}
		if redacted == nil {
			redacted = maps.Clone(header)
		}
		redacted[name] = values
	}
	if redacted == nil {
		return header
	}
	return redacted
}

// scrubError returns an error whose text has no secret and is bounded. If the
// text of err repeats a secret, so may every error in its chain, and only the
// redacted text remains.
func (a *attempt) scrubError(err error) error {
	text := err.Error()
	if redacted := a.redact(text); redacted != text {
		return errors.New(redact.Cut(redacted))
	}
	if cut := redact.Cut(text); cut != text {
		return &cutError{cut, err}
	}
	return err
}

// cutError is an error with a shorter text.
type cutError struct {
	text string
	err  error
}

func (e *cutError) Error() string { return e.text }
func (e *cutError) Unwrap() error { return e.err }
