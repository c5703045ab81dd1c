package otelgamelift

import (
	"context"
	"reflect"

	"github.com/aws/smithy-go/tracing"
	"github.com/aws/smithy-go/tracing/smithyoteltracing"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// TracerProvider adapts an OpenTelemetry TracerProvider for gamelift.Options.
// If tp is nil or holds a nil pointer, it uses the global one, even if
// otel.SetTracerProvider is called later. The span of a call is a child of the
// span that the call's context holds. The result is safe for concurrent use.
func TracerProvider(tp trace.TracerProvider) tracing.TracerProvider {
	if isNil(tp) {
		tp = otel.GetTracerProvider()
	}
	return tracerProvider{smithyoteltracing.Adapt(tp)}
}

// isNil reports whether an interface is nil or has a nil pointer.
func isNil(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}

type tracerProvider struct{ tracing.TracerProvider }

func (p tracerProvider) Tracer(scope string, optFns ...tracing.TracerOption) tracing.Tracer {
	return tracer{p.TracerProvider.Tracer(scope, optFns...)}
}

type tracer struct{ tracing.Tracer }

// StartSpan starts a child of the OpenTelemetry span that ctx holds.
// smithyoteltracing looks for a smithy-go span first. That is the wrong parent
// if a newer OpenTelemetry span lies between, and it panics if the span is
// another adapter's: both happen if the client is called within the call of
// another client, for its credentials.
func (t tracer) StartSpan(ctx context.Context, name string, optFns ...tracing.SpanOption) (context.Context, tracing.Span) {
	for _, found := tracing.GetSpan(ctx); found; _, found = tracing.GetSpan(ctx) {
		ctx, _ = tracing.PopSpan(ctx)
	}
	return t.Tracer.StartSpan(ctx, name, optFns...)
}
