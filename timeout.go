package gamelift

import (
	"context"
	"errors"
	"fmt"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// defaultAttemptTimeout bounds the attempts of a call whose context has no
// deadline.
const defaultAttemptTimeout = 30 * time.Second

// attemptTimeoutFor returns the bound on each attempt of a call with the given
// Options.AttemptTimeout. Zero means none.
func attemptTimeoutFor(ctx context.Context, option time.Duration) time.Duration {
	if option != 0 {
		return max(option, 0)
	}
	if _, ok := ctx.Deadline(); ok {
		return 0
	}
	return defaultAttemptTimeout
}

// withAttemptTimeout bounds ctx by the timeout of an attempt.
func withAttemptTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, timeout, &attemptTimeout{timeout})
}

// attemptTimeout is the cause of the context of an attempt that timed out. It
// implements net.Error, and errors.Is finds context.DeadlineExceeded in it.
type attemptTimeout struct{ limit time.Duration }

func (e *attemptTimeout) Error() string {
	return fmt.Sprintf("attempt exceeded the AttemptTimeout of %v", e.limit)
}
func (*attemptTimeout) Timeout() bool        { return true }
func (*attemptTimeout) Temporary() bool      { return true }
func (*attemptTimeout) Is(target error) bool { return target == context.DeadlineExceeded }

// timedOut returns the error of an attempt whose timeout ended ctx, or nil.
func timedOut(ctx context.Context) *attemptTimeout {
	timeout, _ := errors.AsType[*attemptTimeout](context.Cause(ctx))
	return timeout
}

// interrupted returns err, unless the context ended the step that failed with
// it. If the attempt timed out, it returns a send error, which is retried. If
// the context of the call is done, it returns a *smithy.CanceledError.
func interrupted(ctx context.Context, err error) error {
	switch timeout := timedOut(ctx); {
	case timeout != nil:
		return &smithyhttp.RequestSendError{Err: timeout}
	case ctx.Err() != nil:
		return canceled(ctx, nil)
	}
	return err
}
