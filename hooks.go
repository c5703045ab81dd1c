package gamelift

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// hooks runs the interceptors of one call. Its methods are in the order of a
// call; the package documentation says what runs between them. Each returns the
// error of the first interceptor that fails, without the secrets of the request.
type hooks struct {
	attempt *attempt                      // the last one, or the first before it begins; errors may quote its secrets
	state   smithyhttp.InterceptorContext // what the interceptors see
}

func (h *hooks) registry() *smithyhttp.InterceptorRegistry {
	return &h.attempt.call.settings.options.Interceptors
}

func (h *hooks) beforeExecution(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeExecution, smithyhttp.BeforeExecutionInterceptor.BeforeExecution)
}

func (h *hooks) beforeSerialization(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeSerialization, smithyhttp.BeforeSerializationInterceptor.BeforeSerialization)
}

func (h *hooks) afterSerialization(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterSerialization, smithyhttp.AfterSerializationInterceptor.AfterSerialization)
}

func (h *hooks) beforeRetryLoop(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeRetryLoop, smithyhttp.BeforeRetryLoopInterceptor.BeforeRetryLoop)
}

func (h *hooks) beforeAttempt(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeAttempt, smithyhttp.BeforeAttemptInterceptor.BeforeAttempt)
}

func (h *hooks) beforeSigning(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeSigning, smithyhttp.BeforeSigningInterceptor.BeforeSigning)
}

func (h *hooks) afterSigning(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterSigning, smithyhttp.AfterSigningInterceptor.AfterSigning)
}

func (h *hooks) beforeTransmit(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeTransmit, smithyhttp.BeforeTransmitInterceptor.BeforeTransmit)
}

func (h *hooks) afterTransmit(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterTransmit, smithyhttp.AfterTransmitInterceptor.AfterTransmit)
}

func (h *hooks) beforeDeserialization(ctx context.Context) error {
	return intercept(ctx, h, h.registry().BeforeDeserialization, smithyhttp.BeforeDeserializationInterceptor.BeforeDeserialization)
}

func (h *hooks) afterDeserialization(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterDeserialization, smithyhttp.AfterDeserializationInterceptor.AfterDeserialization)
}

func (h *hooks) afterAttempt(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterAttempt, smithyhttp.AfterAttemptInterceptor.AfterAttempt)
}

func (h *hooks) afterExecution(ctx context.Context) error {
	return intercept(ctx, h, h.registry().AfterExecution, smithyhttp.AfterExecutionInterceptor.AfterExecution)
}

func intercept[I any](
	ctx context.Context, h *hooks, interceptors []I, method func(I, context.Context, *smithyhttp.InterceptorContext) error,
) error {
	for _, interceptor := range interceptors {
		if err := method(interceptor, ctx, &h.state); err != nil {
			return h.attempt.secrets().redactError(err)
		}
	}
	return nil
}

// inspect reports whether a registry has interceptors. The error names every
// field with a nil interceptor.
func inspect(r *smithyhttp.InterceptorRegistry) (registered bool, err error) {
	n := len(r.BeforeExecution) + len(r.BeforeSerialization) + len(r.AfterSerialization) + len(r.BeforeRetryLoop) +
		len(r.BeforeAttempt) + len(r.BeforeSigning) + len(r.AfterSigning) + len(r.BeforeTransmit) + len(r.AfterTransmit) +
		len(r.BeforeDeserialization) + len(r.AfterDeserialization) + len(r.AfterAttempt) + len(r.AfterExecution)
	if n == 0 {
		return false, nil
	}
	var errs []error
	for field, list := range reflect.ValueOf(r).Elem().Fields() {
		for i := range list.Len() {
			if list.Index(i).IsNil() {
				errs = append(errs, fmt.Errorf("Options.Interceptors.%s[%d] is a nil interceptor", field.Name, i))
			}
		}
	}
	return true, errors.Join(errs...)
}
