package gamelift_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// spans is a TracerProvider that keeps what it is told.
type spans struct {
	mu  sync.Mutex
	all []*span
}

type span struct {
	name, parent string
	kind         tracing.SpanKind
	status       tracing.SpanStatus
	properties   map[any]any
	ended        bool
}

func (s *spans) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return s }

func (s *spans) StartSpan(ctx context.Context, name string, opts ...tracing.SpanOption) (context.Context, tracing.Span) {
	var o tracing.SpanOptions
	for _, opt := range opts {
		opt(&o)
	}
	parent, _ := tracing.GetSpan(ctx)
	sp := &span{name: name, parent: parent.Name(), kind: o.Kind, properties: o.Properties.Values()}
	if sp.properties == nil {
		sp.properties = map[any]any{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, sp)
	return tracing.WithSpan(ctx, sp), sp
}

func (s *span) Name() string                            { return s.name }
func (s *span) Context() tracing.SpanContext            { return tracing.SpanContext{} }
func (s *span) AddEvent(string, ...tracing.EventOption) {}
func (s *span) SetStatus(status tracing.SpanStatus)     { s.status = status }
func (s *span) SetProperty(k, v any)                    { s.properties[k] = v }
func (s *span) End()                                    { s.ended = true }

func (s *spans) tree() []string {
	var names []string
	for _, sp := range s.all {
		names = append(names, strings.TrimPrefix(sp.parent+"/"+sp.name, "/"))
	}
	return names
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		tracer := &spans{}
		s := answers(status(500, `{"__type":"InternalServiceException","message":"oh"}`), status(200, "{}"))
		_, _, err := op.call(t, gamelift.New(s.options()), immediately, func(o *gamelift.Options) { o.TracerProvider = tracer })
		require.NoError(t, err)
		root := "GameLift." + op.name
		attempt := []string{root + "/Attempt", "Attempt/GetIdentity", "Attempt/SignRequest", "Attempt/DoHTTPRequest", "Attempt/OperationDeserializer"}
		diff(t, slices.Concat([]string{root, root + "/ResolveEndpoint", root + "/OperationSerializer"}, attempt, attempt), tracer.tree())
		for _, sp := range tracer.all {
			require.True(t, sp.ended, sp.name)
		}
		require.Equal(t, tracing.SpanKindClient, tracer.all[0].kind)
		require.Equal(t, tracing.SpanStatusOK, tracer.all[0].status)
		diff(t, map[any]any{"rpc.system": "aws-api", "rpc.service": "GameLift", "rpc.method": op.name, "error": false}, tracer.all[0].properties)
		diff(t, map[any]any{
			"operation.attempt": 1, "error": true, "exception.type": "*errors.InternalServiceException",
			"exception.message": "HTTP status 500, request ID none, InternalServiceException: oh",
			"api.error_code":    "InternalServiceException", "api.error_message": "oh", "api.error_fault": "server",
		}, tracer.all[3].properties)
	}
}

func TestSpanOfAFailedCall(t *testing.T) {
	t.Parallel()
	tracer := &spans{}
	s := answers(fails(errors.New("no route")))
	_, err := gamelift.New(s.options(), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.TracerProvider = tracer })
	require.Error(t, err)
	require.Equal(t, tracing.SpanStatusError, tracer.all[0].status)
	diff(t, map[any]any{
		"rpc.system": "aws-api", "rpc.service": "GameLift", "rpc.method": "GetComputeAuthToken", "error": true,
		"exception.type": "*errors.MaxAttemptsError", "exception.message": err.Error(),
	}, tracer.all[0].properties)
}

// meter is a MeterProvider that counts what is recorded, by instrument and
// properties.
type meter struct {
	metrics.NopMeter
	mu      sync.Mutex
	units   map[string]string
	records map[string]int
	fails   bool
}

func (m *meter) Meter(string, ...metrics.MeterOption) metrics.Meter { return m }

type instrument struct {
	*meter
	name string
}

func (m *meter) add(name string, opts []metrics.InstrumentOption) (instrument, error) {
	var o metrics.InstrumentOptions
	for _, opt := range opts {
		opt(&o)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units[name] = o.UnitLabel
	if m.fails {
		return instrument{}, errors.New("no instruments today")
	}
	return instrument{m, name}, nil
}

func (m *meter) Int64Counter(name string, opts ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	i, err := m.add(name, opts)
	return counter{i}, err
}

func (m *meter) Float64Histogram(name string, opts ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	i, err := m.add(name, opts)
	return histogram{i}, err
}

type (
	counter   struct{ instrument }
	histogram struct{ instrument }
)

func (c counter) Add(_ context.Context, n int64, opts ...metrics.RecordMetricOption) {
	c.record(int(n), opts)
}
func (h histogram) Record(_ context.Context, v float64, opts ...metrics.RecordMetricOption) {
	if v < 0 || v > 60 {
		h.record(1000, opts)
	}
	h.record(1, opts)
}

func (i instrument) record(n int, opts []metrics.RecordMetricOption) {
	var o metrics.RecordMetricOptions
	for _, opt := range opts {
		opt(&o)
	}
	properties := []string{}
	for k, v := range o.Properties.Values() {
		properties = append(properties, fmt.Sprintf(" %v=%v", k, v))
	}
	slices.Sort(properties)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.records[i.name+strings.Join(properties, "")] += n
}

func newMeter() *meter { return &meter{units: map[string]string{}, records: map[string]int{}} }

func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, ofTheCall := range []bool{false, true} {
		m := newMeter()
		set := func(o *gamelift.Options) { o.MeterProvider = m }
		s := answers(status(500, `{"__type":"InternalServiceException"}`), status(200, "{}"))
		client := gamelift.New(s.options(), immediately)
		var err error
		if ofTheCall {
			_, err = client.GetComputeAuthToken(t.Context(), authTokenInput(), set)
		} else {
			client = gamelift.New(s.options(), immediately, set)
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
		}, m.records)
		for name, unit := range m.units {
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
	m := newMeter()
	m.fails = true
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.options(), func(o *gamelift.Options) { o.MeterProvider = m }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorContains(t, err, "MeterProvider")
	require.ErrorContains(t, err, "no instruments today")
	require.Empty(t, s.at)
}

func TestNopProviders(t *testing.T) {
	t.Parallel()
	s := answers(status(200, okBody))
	_, err := gamelift.New(s.options(), func(o *gamelift.Options) {
		o.TracerProvider, o.MeterProvider = &tracing.NopTracerProvider{}, metrics.NopMeterProvider{}
	}).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err)
}

// logged returns the records that a call leaves, without their times.
func logged(t *testing.T, level slog.Level, s *script, optFns ...func(*gamelift.Options)) string {
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
	_, _ = gamelift.New(s.options(), append(optFns, func(o *gamelift.Options) { o.Logger = slog.New(handler) })...).GetComputeAuthToken(t.Context(), authTokenInput())
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
	m := newMeter()
	gamelift.New(gamelift.Options{}, func(o *gamelift.Options) { o.MeterProvider = m })
	require.Len(t, slices.Collect(maps.Keys(m.units)), 10)
}
