package gamelift

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// scope is the name of the module for tracers and meters.
const scope = "github.com/gamelift-compute/gamelift"

// instruments measure calls, under the names that AWS SDKs share.
type instruments struct {
	durations        [stepCount]metrics.Float64Histogram
	attempts, errors metrics.Int64Counter
}

// step is a call, or a part of it that is measured on its own.
type step int

const (
	stepCall step = iota
	stepAttempt
	stepSerialize
	stepResolveEndpoint
	stepResolveIdentity
	stepSign
	stepTransmit
	stepDeserialize
	stepCount
)

var stepNames = [stepCount]struct{ span, histogram, description string }{
	stepCall:            {"", "client.call.duration", "time of a call with all its attempts"}, // the span has the operation's name
	stepAttempt:         {"Attempt", "client.call.attempt_duration", "time of one attempt"},
	stepSerialize:       {"OperationSerializer", "client.call.serialization_duration", "time to encode the input"},
	stepResolveEndpoint: {"ResolveEndpoint", "client.call.resolve_endpoint_duration", "time to resolve the endpoint, not its DNS name"},
	stepResolveIdentity: {"GetIdentity", "client.call.auth.resolve_identity_duration", "time to retrieve the credentials"},
	stepSign:            {"SignRequest", "client.call.auth.signing_duration", "time to sign the request"},
	stepTransmit:        {"DoHTTPRequest", "client.http.do_request_duration", "time from sending the request to the response's headers"},
	stepDeserialize:     {"OperationDeserializer", "client.call.deserialization_duration", "time to decode the response's body"},
}

// newInstruments returns nil if the provider has no meter.
func newInstruments(provider metrics.MeterProvider) (*instruments, error) {
	meter := provider.Meter(scope)
	if meter == nil {
		return nil, nil
	}
	i := new(instruments)
	var errs [stepCount + 2]error
	for s, names := range stepNames {
		i.durations[s], errs[s] = meter.Float64Histogram(names.histogram, instrument("s", names.description))
	}
	i.attempts, errs[stepCount] = meter.Int64Counter("client.call.attempts", instrument("{attempt}", "attempts made"))
	i.errors, errs[stepCount+1] = meter.Int64Counter("client.call.errors", instrument("{error}", "attempts failed"))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("Options.MeterProvider: %w", err)
	}
	return i, nil
}

// sameMeter reports whether a and b are the same provider and can share
// instruments.
func sameMeter(a, b metrics.MeterProvider) bool {
	return a != nil && b != nil && reflect.ValueOf(a).Comparable() && a == b
}

func instrument(unit, description string) metrics.InstrumentOption {
	return func(o *metrics.InstrumentOptions) { o.UnitLabel, o.Description = unit, description }
}

// observer makes the spans, measurements and log records of one call. If the
// options have no TracerProvider, MeterProvider and Logger, its methods do
// nothing.
type observer struct {
	call *call

	tracer                tracing.Tracer
	callSpan, attemptSpan tracing.Span // attemptSpan is the last attempt's
}

// start starts the span of a call and returns the function that ends it.
func (o *observer) start(ctx context.Context) (context.Context, func(error)) {
	if o.call.settings.intercepted || o.call.settings.options.TracerProvider != nil {
		ctx = middleware.WithOperationName(middleware.WithServiceID(ctx, ServiceID), o.call.operation)
	}
	o.tracer = noTracer
	if o.call.settings.options.TracerProvider == nil && o.call.settings.instruments == nil {
		return ctx, func(error) {}
	}
	start := time.Now()
	if o.call.settings.options.TracerProvider != nil {
		if tracer := o.call.settings.options.TracerProvider.Tracer(scope); tracer != nil {
			o.tracer = tracer
		}
		ctx = tracing.WithOperationTracer(ctx, o.tracer)
	}
	ctx, o.callSpan = o.tracer.StartSpan(ctx, ServiceID+"."+o.call.operation, func(s *tracing.SpanOptions) {
		s.Kind = tracing.SpanKindClient
		s.Properties.Set("rpc.system", "aws-api")
		s.Properties.Set("rpc.service", ServiceID)
		s.Properties.Set("rpc.method", o.call.operation)
		o.setServerAddress(s)
	})
	return ctx, func(err error) {
		o.record(ctx, stepCall, time.Since(start))
		endSpan(o.callSpan, err)
	}
}

// attempt starts the span of an attempt and returns the function that ends it.
func (o *observer) attempt(ctx context.Context, number int) (context.Context, func(error)) {
	logs := o.logs(ctx, slog.LevelDebug)
	if o.call.settings.options.TracerProvider == nil && o.call.settings.instruments == nil && !logs {
		return ctx, func(error) {}
	}
	start := time.Now()
	spanCtx, span := o.tracer.StartSpan(ctx, stepNames[stepAttempt].span, func(s *tracing.SpanOptions) {
		s.Properties.Set("operation.attempt", number)
		o.setServerAddress(s)
	})
	o.attemptSpan = span
	return spanCtx, func(err error) {
		elapsed := time.Since(start)
		o.record(ctx, stepAttempt, elapsed)
		if i := o.call.settings.instruments; i != nil {
			i.attempts.Add(ctx, 1, o.properties)
			if err != nil {
				i.errors.Add(ctx, 1, o.properties, func(r *metrics.RecordMetricOptions) {
					r.Properties.Set("exception.type", exceptionType(err))
				})
			}
		}
		endSpan(span, err)
		if logs {
			o.log(ctx, slog.LevelDebug, "attempt", number, err, slog.Duration("duration", elapsed))
		}
	}
}

// step starts the span of a step and returns the function that ends it.
func (o *observer) step(ctx context.Context, s step) (context.Context, func()) {
	if o.call.settings.options.TracerProvider == nil && o.call.settings.instruments == nil {
		return ctx, func() {}
	}
	start := time.Now()
	spanCtx, span := o.tracer.StartSpan(ctx, stepNames[s].span)
	return spanCtx, func() {
		o.record(ctx, s, time.Since(start))
		span.End()
	}
}

// record records how long a step took.
func (o *observer) record(ctx context.Context, s step, elapsed time.Duration) {
	if i := o.call.settings.instruments; i != nil {
		i.durations[s].Record(ctx, elapsed.Seconds(), o.properties)
	}
}

// response adds the request ID and the status of a response to the spans of the
// attempt and of the call.
func (o *observer) response(requestID string, status int) {
	if o.call.settings.options.TracerProvider == nil {
		return
	}
	for _, span := range []tracing.Span{o.callSpan, o.attemptSpan} {
		if requestID != "" {
			span.SetProperty("aws.request_id", redact.Cut(requestID))
		}
		span.SetProperty("http.response.status_code", status)
	}
}

func (o *observer) setServerAddress(s *tracing.SpanOptions) {
	if o.call.settings.endpoint != nil {
		s.Properties.Set("server.address", o.call.settings.endpoint.Hostname())
	}
}

func (o *observer) properties(r *metrics.RecordMetricOptions) {
	r.Properties.Set("rpc.service", ServiceID)
	r.Properties.Set("rpc.method", o.call.operation)
}

func (o *observer) logs(ctx context.Context, level slog.Level) bool {
	return o.call.settings.options.Logger != nil && o.call.settings.options.Logger.Enabled(ctx, level)
}

// log records what happened after an attempt. err is the attempt's error, or nil.
func (o *observer) log(ctx context.Context, level slog.Level, message string, attempt int, err error, details ...slog.Attr) {
	if !o.logs(ctx, level) {
		return
	}
	attrs := append([]slog.Attr{slog.Int("attempt", attempt)}, details...)
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	o.call.settings.options.Logger.LogAttrs(ctx, level, message, append(attrs, slog.String("operation", o.call.operation))...)
}

// noTracer makes spans that do nothing.
var noTracer = tracing.NopTracerProvider{}.Tracer(scope)

func endSpan(span tracing.Span, err error) {
	defer span.End()
	span.SetProperty("error", err != nil)
	if err == nil {
		span.SetStatus(tracing.SpanStatusOK)
		return
	}
	span.SetStatus(tracing.SpanStatusError)
	span.SetProperty("error.type", errorType(err))
	span.SetProperty("exception.type", exceptionType(err))
	span.SetProperty("exception.message", err.Error())
	if apiErr, ok := errors.AsType[smithy.APIError](err); ok {
		span.SetProperty("api.error_code", redact.Cut(apiErr.ErrorCode()))
		span.SetProperty("api.error_message", redact.Cut(apiErr.ErrorMessage()))
		span.SetProperty("api.error_fault", apiErr.ErrorFault().String())
	}
}

// errorType returns the service's error code, or else the Go type of the last
// attempt's error.
func errorType(err error) string {
	if apiErr, ok := errors.AsType[smithy.APIError](err); ok {
		return redact.Cut(apiErr.ErrorCode())
	}
	if exhausted, ok := errors.AsType[*apierrors.MaxAttemptsError](err); ok {
		err = exhausted.Err
	}
	return exceptionType(err)
}

// exceptionType returns the Go type of the service's exception, or else of the
// outermost error inside the *smithy.OperationError. If errors are joined, it
// takes the first, which is the attempt's. Errors of the Retryer and of
// interceptors follow it.
func exceptionType(err error) string {
	if apiErr, ok := errors.AsType[smithy.APIError](err); ok {
		return fmt.Sprintf("%T", apiErr)
	}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		err = operation.Err
	}
	for {
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok || len(joined.Unwrap()) == 0 {
			return fmt.Sprintf("%T", err)
		}
		err = joined.Unwrap()[0]
	}
}
