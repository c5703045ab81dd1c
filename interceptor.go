package gamelift

import (
	"context"
	"reflect"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// intercept runs the hooks of one point of a call up to the first that fails.
func intercept[I any](
	ctx context.Context, hooks []I, method func(I, context.Context, *smithyhttp.InterceptorContext) error, in *smithyhttp.InterceptorContext,
) error {
	for _, hook := range hooks {
		if err := method(hook, ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// inspect reports whether a registry has interceptors, and whether one of them
// is nil.
func inspect(r *smithyhttp.InterceptorRegistry) (registered, hasNil bool) {
	for _, list := range reflect.ValueOf(r).Elem().Fields() {
		for i := range list.Len() {
			registered = true
			hasNil = hasNil || list.Index(i).IsNil()
		}
	}
	return registered, hasNil
}
