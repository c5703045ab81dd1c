package gamelift

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

const unknownErrorCode = "UnknownError"

// operationError is the outermost layer of every failed call.
func operationError(operation string, err error) error {
	return &smithy.OperationError{ServiceID: ServiceID, OperationName: operation, Err: err}
}

// responseError adds the layer that knows the HTTP response. The request that
// the response points at loses its session token, so that nothing that walks
// the error finds it.
func responseError(resp *http.Response, requestID string, err error) error {
	if resp.Request != nil {
		shown := resp.Request.Clone(context.Background())
		for _, name := range []string{"Authorization", "X-Amz-Security-Token"} {
			if shown.Header.Get(name) != "" {
				shown.Header.Set(name, redact.Mark)
			}
		}
		resp.Request = shown
	}
	return &apierrors.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: err},
		RequestID:     requestID,
	}
}

// exception makes the error that a response outside 2xx stands for. What it
// repeats of the keys that signed the request is redacted.
func (a *attempt) exception(resp *http.Response, body []byte, readErr error) error {
	code, message := awsjson.DecodeError(resp.Header.Get("X-Amzn-Errortype"), body)
	if code == "" {
		code = unknownErrorCode
	} else {
		readErr = nil // the code tells more than a body that broke off
	}
	err := apierrors.FromCode(a.scrub(code), a.scrub(message))
	if generic := (*smithy.GenericAPIError)(nil); errors.As(err, &generic) {
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

// sendError says that there was no response. Such an error can quote bytes of
// the peer; where those repeat a secret, the text replaces the error.
func (a *attempt) sendError(err error) error {
	return &smithyhttp.RequestSendError{Err: a.scrubError(err)}
}

// bodyError says that a response's body could not be read: where the connection
// broke, that is as if there had been no response.
func (a *attempt) bodyError(err error) error {
	if errors.Is(err, errBodyTooLarge) {
		return &smithy.DeserializationError{Err: err}
	}
	return a.sendError(fmt.Errorf("read response body: %w", err))
}

// interrupted replaces the error of a step that its context ended: by a
// *smithy.CanceledError where that was the call's context, and by a send error,
// which is retried, where it was AttemptTimeout.
func interrupted(ctx context.Context, err error) error {
	switch timeout := timedOut(ctx); {
	case timeout != nil:
		return &smithyhttp.RequestSendError{Err: timeout}
	case ctx.Err() != nil:
		return canceled(ctx, nil)
	}
	return err
}

// timedOut returns the error of an attempt that AttemptTimeout ended, else nil.
func timedOut(ctx context.Context) *attemptTimeout {
	timeout, _ := errors.AsType[*attemptTimeout](context.Cause(ctx))
	return timeout
}

// canceled says that the call's context is done; last is the error of the
// attempt that would have been made again, if any.
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

// attemptTimeout is the cause with which AttemptTimeout ends an attempt's
// context. It satisfies net.Error.
type attemptTimeout struct{ limit time.Duration }

func (e *attemptTimeout) Error() string {
	return fmt.Sprintf("attempt exceeded the AttemptTimeout of %v", e.limit)
}
func (*attemptTimeout) Timeout() bool   { return true }
func (*attemptTimeout) Temporary() bool { return true }

// hasCode reports whether err is a service error with one of the codes,
// compared without case.
func hasCode(err error, codes []string) bool {
	var apiErr smithy.APIError
	return errors.As(err, &apiErr) && slices.ContainsFunc(codes, func(code string) bool {
		return strings.EqualFold(code, apiErr.ErrorCode())
	})
}

// scrub redacts the keys of this attempt and of those before.
func (a *attempt) scrub(text string) string {
	return redact.Text(text, append([]string{a.keys.SecretAccessKey, a.keys.SessionToken}, a.secrets...)...)
}

func (a *attempt) scrubError(err error) error {
	text := err.Error()
	if scrubbed := a.scrub(text); scrubbed != text {
		return errors.New(scrubbed)
	}
	return err
}
