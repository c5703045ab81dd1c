package awssdk

import (
	"context"
	"sync"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
)

// telemetry records the spans and measurements of a client.
type telemetry struct {
	mu          sync.Mutex
	spans       []*span
	instruments map[string]instrument // by name
	records     []record
}

type instrument struct{ Kind, Unit string }

// record is one measurement; its value is not kept.
type record struct {
	instrument string
	properties map[any]any
}

func newTelemetry() *telemetry { return &telemetry{instruments: map[string]instrument{}} }

// root returns the span of a call.
func (t *telemetry) root() *span {
	for _, s := range t.spans {
		if s.parent == nil {
			return s
		}
	}
	return nil
}

// recorded returns how often an instrument measured, and the properties of the last time.
func (t *telemetry) recorded(name string) (count int, properties map[any]any) {
	for _, r := range t.records {
		if r.instrument == name {
			count, properties = count+1, r.properties
		}
	}
	return count, properties
}

// span is a tracing.Span.
type span struct {
	telemetry  *telemetry
	name       string
	parent     *span
	kind       tracing.SpanKind
	status     tracing.SpanStatus
	properties map[any]any
	ended      bool
}

type spanKey struct{}

func (t *telemetry) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return t }

func (t *telemetry) StartSpan(ctx context.Context, name string, optFns ...tracing.SpanOption) (context.Context, tracing.Span) {
	var o tracing.SpanOptions
	for _, fn := range optFns {
		fn(&o)
	}
	parent, _ := ctx.Value(spanKey{}).(*span)
	s := &span{telemetry: t, name: name, parent: parent, kind: o.Kind, properties: map[any]any{}}
	for k, v := range o.Properties.Values() {
		s.properties[k] = v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spans = append(t.spans, s)
	return tracing.WithSpan(context.WithValue(ctx, spanKey{}, s), s), s
}

func (s *span) Name() string                            { return s.name }
func (s *span) Context() tracing.SpanContext            { return tracing.SpanContext{} }
func (s *span) AddEvent(string, ...tracing.EventOption) {}
func (s *span) SetStatus(status tracing.SpanStatus)     { s.status = status }
func (s *span) SetProperty(k, v any)                    { s.properties[k] = v }
func (s *span) End()                                    { s.ended = true }

func (t *telemetry) Meter(string, ...metrics.MeterOption) metrics.Meter { return &meter{telemetry: t} }

// meter makes the instruments of telemetry; of kinds that neither client uses it makes none.
type meter struct {
	metrics.NopMeter
	telemetry *telemetry
}

func (m *meter) add(kind, name string, optFns []metrics.InstrumentOption) *measure {
	var o metrics.InstrumentOptions
	for _, fn := range optFns {
		fn(&o)
	}
	m.telemetry.mu.Lock()
	defer m.telemetry.mu.Unlock()
	m.telemetry.instruments[name] = instrument{Kind: kind, Unit: o.UnitLabel}
	return &measure{m.telemetry, name}
}

func (m *meter) Int64Counter(name string, optFns ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	return counter{m.add("counter", name, optFns)}, nil
}

func (m *meter) Int64UpDownCounter(name string, optFns ...metrics.InstrumentOption) (metrics.Int64UpDownCounter, error) {
	return counter{m.add("up-down counter", name, optFns)}, nil
}

func (m *meter) Float64Histogram(name string, optFns ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	return histogram{m.add("histogram", name, optFns)}, nil
}

type measure struct {
	telemetry *telemetry
	name      string
}

func (m *measure) record(optFns []metrics.RecordMetricOption) {
	var o metrics.RecordMetricOptions
	for _, fn := range optFns {
		fn(&o)
	}
	m.telemetry.mu.Lock()
	defer m.telemetry.mu.Unlock()
	m.telemetry.records = append(m.telemetry.records, record{m.name, o.Properties.Values()})
}

type counter struct{ *measure }

func (c counter) Add(_ context.Context, _ int64, optFns ...metrics.RecordMetricOption) {
	c.record(optFns)
}

type histogram struct{ *measure }

func (h histogram) Record(_ context.Context, _ float64, optFns ...metrics.RecordMetricOption) {
	h.record(optFns)
}
