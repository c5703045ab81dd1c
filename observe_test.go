package gamelift_test

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		tracer := &clienttest.Spans{}
		s := answers(
			status(500, `{"__type":"InternalServiceException","message":"oh"}`, "X-Amzn-Requestid", "request-1"),
			status(200, "{}", "X-Amzn-Requestid", "request-2"),
		)
		_, _, err := op.Call(t, gamelift.New(s.Options()), immediately, func(o *gamelift.Options) { o.TracerProvider = tracer })
		require.NoError(t, err)
		root := "GameLift." + op.Name
		attempt := []string{root + "/Attempt", "Attempt/GetIdentity", "Attempt/SignRequest", "Attempt/DoHTTPRequest", "Attempt/OperationDeserializer"}
		diff(t, slices.Concat([]string{root, root + "/ResolveEndpoint", root + "/OperationSerializer"}, attempt, attempt), tracer.Tree())
		for _, sp := range tracer.All {
			require.True(t, sp.Ended, sp.Name())
		}
		require.Equal(t, tracing.SpanKindClient, tracer.All[0].Kind)
		require.Equal(t, tracing.SpanStatusOK, tracer.All[0].Status)
		diff(t, map[any]any{
			"rpc.system": "aws-api", "rpc.service": "GameLift", "rpc.method": op.Name, "error": false,
			"server.address": "gamelift.us-west-2.amazonaws.com", "http.response.status_code": 200, "aws.request_id": "request-2",
		}, tracer.All[0].Properties)
		diff(t, map[any]any{
			"operation.attempt": 1, "error": true, "error.type": "InternalServiceException", "exception.type": "*errors.InternalServiceException",
			"exception.message": "HTTP status 500, request ID request-1, InternalServiceException: oh",
			"api.error_code":    "InternalServiceException", "api.error_message": "oh", "api.error_fault": "server",
			"server.address": "gamelift.us-west-2.amazonaws.com", "http.response.status_code": 500, "aws.request_id": "request-1",
		}, tracer.All[3].Properties)
		diff(t, map[any]any{
			"operation.attempt": 2, "error": false,
			"server.address": "gamelift.us-west-2.amazonaws.com", "http.response.status_code": 200, "aws.request_id": "request-2",
		}, tracer.All[8].Properties)
	}
}

func TestSpansHaveTheErrorsType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer func() (*http.Response, error)
		input  *gamelift.GetComputeAuthTokenInput
		want   string
	}{
		{"service's code", status(400, `{"__type":"NotFoundException"}`), authTokenInput(), "NotFoundException"},
		{"code that the model does not name", status(400, `{"__type":"AccessDeniedException"}`), authTokenInput(), "AccessDeniedException"},
		{"no code", status(502, "<html>"), authTokenInput(), "UnknownError"},
		{"no response", fails(errors.New("no route")), authTokenInput(), "*http.RequestSendError"},
		{"bad input", status(200, "{}"), nil, "smithy.InvalidParamsError"},
	} {
		tracer := &clienttest.Spans{}
		_, err := gamelift.New(answers(test.answer).Options(), oneAttempt).
			GetComputeAuthToken(t.Context(), test.input, func(o *gamelift.Options) { o.TracerProvider = tracer })
		require.Error(t, err)
		for _, sp := range tracer.All {
			if sp.Properties["error"] == true {
				require.Equal(t, test.want, sp.Properties["error.type"], "%s: %s", test.name, sp.Name())
			}
		}
		require.Equal(t, true, tracer.All[0].Properties["error"])
	}
}

// An error of the Retryer or of an interceptor does not hide that of the attempt.
func TestSpansHaveTheTypeOfTheAttemptsOwnError(t *testing.T) {
	t.Parallel()
	fail := func(*smithyhttp.InterceptorContext) error { return errors.New("interceptor failed") }
	for name, test := range map[string]struct {
		option    func(*gamelift.Options)
		exception string // type of the call's error
	}{
		"retry refused": {func(o *gamelift.Options) {
			o.Retryer, o.RetryMaxAttempts = poorRetryer{gamelift.NewRetryer(), errors.New("no quota")}, 0
		}, "*http.RequestSendError"},
		"interceptor of the attempt": {at("AfterAttempt", fail), "*errors.MaxAttemptsError"},
		"interceptor of the call":    {at("AfterExecution", fail), "*errors.MaxAttemptsError"},
	} {
		tracer := &clienttest.Spans{}
		_, err := gamelift.New(answers(fails(errors.New("no route"))).Options(), oneAttempt, test.option).
			GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.TracerProvider = tracer })
		require.Error(t, err)
		want := map[string]string{"GameLift.GetComputeAuthToken": test.exception, "Attempt": "*http.RequestSendError"}
		for _, sp := range tracer.All {
			if exception, ok := want[sp.Name()]; ok {
				require.Equal(t, exception, sp.Properties["exception.type"], "%s: %s", name, sp.Name())
				require.Equal(t, "*http.RequestSendError", sp.Properties["error.type"], "%s: %s", name, sp.Name())
			}
		}
	}
}

// A client that is called within the call of a traced client, for credentials,
// and is not traced itself.
func TestSpansAreNotMadeWithAnotherClientsTracer(t *testing.T) {
	t.Parallel()
	tracer := &clienttest.Spans{}
	ctx := tracing.WithOperationTracer(t.Context(), tracer)
	_, err := gamelift.New(answers(status(200, "{}")).Options()).GetComputeAuthToken(ctx, authTokenInput(), func(o *gamelift.Options) {
		o.MeterProvider = clienttest.NewMeter()
	})
	require.NoError(t, err)
	require.Empty(t, tracer.All)
}

func TestSpanOfAFailedCall(t *testing.T) {
	t.Parallel()
	tracer := &clienttest.Spans{}
	s := answers(fails(errors.New("no route")))
	_, err := gamelift.New(s.Options(), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.TracerProvider = tracer })
	require.Error(t, err)
	require.Equal(t, tracing.SpanStatusError, tracer.All[0].Status)
	diff(t, map[any]any{
		"rpc.system": "aws-api", "rpc.service": "GameLift", "rpc.method": "GetComputeAuthToken", "error": true,
		"error.type": "*http.RequestSendError", "exception.type": "*errors.MaxAttemptsError", "exception.message": err.Error(),
		"server.address": "gamelift.us-west-2.amazonaws.com",
	}, tracer.All[0].Properties)
}

// A caller who recovers a panic finds no span that never ended, and none that
// succeeded.
func TestSpansOfAPanic(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"BeforeExecution", "BeforeAttempt", "HTTPClient", "AfterAttempt", "AfterExecution"} {
		tracer := &clienttest.Spans{}
		var log bytes.Buffer
		options := answering(func(*http.Request) (*http.Response, error) {
			if point == "HTTPClient" {
				panic(point)
			}
			return response(200, okBody), nil
		})
		options.TracerProvider = tracer
		options.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		require.PanicsWithValue(t, point, func() {
			_, _ = gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at(point, func(*smithyhttp.InterceptorContext) error { panic(point) }))
		})
		inAttempt := point != "BeforeExecution" && point != "AfterExecution"
		for _, span := range tracer.All {
			require.True(t, span.Ended, "%s: %s", point, span.Name())
			if span.Name() == "GameLift.GetComputeAuthToken" || span.Name() == "Attempt" && inAttempt {
				require.Equal(t, tracing.SpanStatusError, span.Status, "%s: %s", point, span.Name())
			}
		}
		require.Equal(t, inAttempt, strings.Contains(log.String(), "error=panicked"), point)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, ofTheCall := range []bool{false, true} {
		m := clienttest.NewMeter()
		set := func(o *gamelift.Options) { o.MeterProvider = m }
		s := answers(status(500, `{"__type":"InternalServiceException"}`), status(200, "{}"))
		client := gamelift.New(s.Options(), immediately)
		var err error
		if ofTheCall {
			_, err = client.GetComputeAuthToken(t.Context(), authTokenInput(), set)
		} else {
			client = gamelift.New(s.Options(), immediately, set)
			_, err = client.GetComputeAuthToken(t.Context(), authTokenInput())
		}
		require.NoError(t, err)
		const by = " rpc.method=GetComputeAuthToken rpc.service=GameLift"
		diff(t, map[string]int{
			"client.call.duration" + by:                                               1,
			"client.call.serialization_duration" + by:                                 1,
			"client.call.resolve_endpoint_duration" + by:                              1,
			"client.call.attempts" + by:                                               2,
			"client.call.attempt_duration" + by:                                       2,
			"client.call.auth.resolve_identity_duration" + by:                         2,
			"client.call.auth.signing_duration" + by:                                  2,
			"client.http.do_request_duration" + by:                                    2,
			"client.call.deserialization_duration" + by:                               2,
			"client.call.errors exception.type=*errors.InternalServiceException" + by: 1,
		}, m.Records)
		for name, unit := range m.Units {
			switch name {
			case "client.call.attempts":
				require.Equal(t, "{attempt}", unit)
			case "client.call.errors":
				require.Equal(t, "{error}", unit)
			default:
				require.Equal(t, "s", unit, name)
			}
		}
	}
}

func TestMeterProviderThatFails(t *testing.T) {
	t.Parallel()
	m := clienttest.NewMeter()
	m.Fails = true
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.MeterProvider = m }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorContains(t, err, "MeterProvider")
	require.ErrorContains(t, err, "no instruments today")
	require.Empty(t, s.At)
}

func TestNopProviders(t *testing.T) {
	t.Parallel()
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
		o.TracerProvider, o.MeterProvider = &tracing.NopTracerProvider{}, metrics.NopMeterProvider{}
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

// logged returns the records that a call leaves, without their times.
func logged(t *testing.T, level slog.Level, s *clienttest.Script, optFns ...func(*gamelift.Options)) string {
	t.Helper()
	var b bytes.Buffer
	handler := slog.NewTextHandler(&b, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "delay" {
			return slog.Attr{}
		}
		if a.Key == "offset" {
			a.Value = slog.DurationValue(a.Value.Duration().Round(time.Minute))
		}
		return a
	}})
	_, _ = gamelift.New(s.Options(), append(optFns, func(o *gamelift.Options) { o.Logger = slog.New(handler) })...).GetComputeAuthToken(t.Context(), authTokenInput())
	return b.String()
}

func TestLogRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		diff(t, `level=DEBUG msg=attempt attempt=1 duration=0s error="HTTP status 503, request ID r-1, api error UnknownError: " operation=GetComputeAuthToken
level=DEBUG msg=retry attempt=1 error="HTTP status 503, request ID r-1, api error UnknownError: " operation=GetComputeAuthToken
level=DEBUG msg=attempt attempt=2 duration=0s operation=GetComputeAuthToken
`, logged(t, slog.LevelDebug, answers(status(503, "", "X-Amzn-Requestid", "r-1"), status(200, okBody))))
		diff(t, "", logged(t, slog.LevelInfo, answers(status(503, ""), status(200, okBody))))
		diff(t, `level=INFO msg="clock corrected" attempt=1 offset=1h0m0s error="HTTP status 403, request ID r-1, api error AccessDeniedException: " operation=GetComputeAuthToken
`, logged(t, slog.LevelInfo, answers(status(403, `{"__type":"AccessDeniedException"}`,
			"Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"), status(200, okBody))))
		diff(t, `level=INFO msg="credentials renewed" attempt=1 error="HTTP status 403, request ID none, api error ExpiredToken: " operation=GetComputeAuthToken
`, logged(t, slog.LevelInfo, answers(status(403, `{"__type":"ExpiredToken"}`), status(200, okBody)), func(o *gamelift.Options) {
			o.Credentials = gamelift.CacheCredentials(&source{life: time.Hour})
		}))
		refused := logged(t, slog.LevelDebug, answers(status(500, "")), func(o *gamelift.Options) { o.RetryMaxAttempts = 100 })
		require.Contains(t, refused, `msg="retry refused" attempt=36 reason=`)
		require.Equal(t, 1, strings.Count(refused, "refused"))
	})
}

func TestStepsHaveDistinctNames(t *testing.T) {
	t.Parallel()
	m := clienttest.NewMeter()
	gamelift.New(gamelift.Options{}, func(o *gamelift.Options) { o.MeterProvider = m })
	require.Len(t, slices.Collect(maps.Keys(m.Units)), 10)
}

// The context of the request has the span of the step that sends it, so that
// otelhttp's spans are its children.
func TestSpanOfTheRequest(t *testing.T) {
	t.Parallel()
	for _, guarded := range []bool{false, true} {
		var seen []string
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			span, _ := tracing.GetSpan(r.Context())
			seen = append(seen, span.Name())
			return response(200, okBody), nil
		})
		options := answering(transport)
		if !guarded {
			options.HTTPClient = &http.Client{Transport: transport}
		}
		options.TracerProvider = &clienttest.Spans{}
		_, err := call(t, gamelift.New(options))
		require.NoError(t, err)
		require.Equal(t, []string{"DoHTTPRequest"}, seen)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// noTracers is a TracerProvider without tracers.
type noTracers struct{}

func (noTracers) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return nil }

func TestProvidersWithoutATracerOrAMeter(t *testing.T) {
	t.Parallel()
	_, err := gamelift.New(answers(status(200, okBody)).Options(), func(o *gamelift.Options) {
		o.TracerProvider, o.MeterProvider = noTracers{}, noMeters{}
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

type noMeters struct{}

func (noMeters) Meter(string, ...metrics.MeterOption) metrics.Meter { return nil }
