package clienttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
)

// Spans is a TracerProvider that keeps the spans.
type Spans struct {
	All []*Span // the spans, in the order of their start

	mu sync.Mutex
}

// Span is a span that Spans keeps.
type Span struct {
	Parent     string             // the name of the span that it is in
	Kind       tracing.SpanKind   // as the span was started
	Status     tracing.SpanStatus // as it was set last
	Properties map[any]any        // those of the start and those set later
	Ended      bool               // End was called

	name string
}

// Tracer implements tracing.TracerProvider.
func (s *Spans) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return s }

// StartSpan implements tracing.Tracer.
func (s *Spans) StartSpan(ctx context.Context, name string, opts ...tracing.SpanOption) (context.Context, tracing.Span) {
	var o tracing.SpanOptions
	for _, opt := range opts {
		opt(&o)
	}
	parent, _ := tracing.GetSpan(ctx)
	span := &Span{name: name, Parent: parent.Name(), Kind: o.Kind, Properties: o.Properties.Values()}
	if span.Properties == nil {
		span.Properties = map[any]any{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.All = append(s.All, span)
	return tracing.WithSpan(ctx, span), span
}

// Tree returns the name of each span after its parent's, as parent/name.
func (s *Spans) Tree() []string {
	var names []string
	for _, span := range s.All {
		names = append(names, strings.TrimPrefix(span.Parent+"/"+span.name, "/"))
	}
	return names
}

// Name implements tracing.Span.
func (s *Span) Name() string { return s.name }

// Context implements tracing.Span.
func (s *Span) Context() tracing.SpanContext { return tracing.SpanContext{} }

// AddEvent implements tracing.Span.
func (s *Span) AddEvent(string, ...tracing.EventOption) {}

// SetStatus implements tracing.Span.
func (s *Span) SetStatus(status tracing.SpanStatus) { s.Status = status }

// SetProperty implements tracing.Span.
func (s *Span) SetProperty(k, v any) { s.Properties[k] = v }

// End implements tracing.Span.
func (s *Span) End() { s.Ended = true }

// Meter is a MeterProvider that counts the records of each instrument.
type Meter struct {
	Units   map[string]string // by the name of the instrument
	Records map[string]int    // by the name of the instrument and the properties
	Fails   bool              // no instrument can be made

	metrics.NopMeter // makes the instruments that the client does not use

	mu sync.Mutex
}

// NewMeter returns a Meter without instruments.
func NewMeter() *Meter { return &Meter{Units: map[string]string{}, Records: map[string]int{}} }

// Meter implements metrics.MeterProvider.
func (m *Meter) Meter(string, ...metrics.MeterOption) metrics.Meter { return m }

// Int64Counter implements metrics.Meter.
func (m *Meter) Int64Counter(name string, opts ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	i, err := m.add(name, opts)
	return counter{i}, err
}

// Float64Histogram implements metrics.Meter.
func (m *Meter) Float64Histogram(name string, opts ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	i, err := m.add(name, opts)
	return histogram{i}, err
}

type instrument struct {
	*Meter
	name string
}

func (m *Meter) add(name string, opts []metrics.InstrumentOption) (instrument, error) {
	var o metrics.InstrumentOptions
	for _, opt := range opts {
		opt(&o)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Units[name] = o.UnitLabel
	if m.Fails {
		return instrument{}, errors.New("no instruments today")
	}
	return instrument{m, name}, nil
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
	i.Records[i.name+strings.Join(properties, "")] += n
}

type (
	counter   struct{ instrument }
	histogram struct{ instrument }
)

func (c counter) Add(_ context.Context, n int64, opts ...metrics.RecordMetricOption) {
	c.record(int(n), opts)
}

// Record counts a time that no call of a test takes as 1,000.
func (h histogram) Record(_ context.Context, v float64, opts ...metrics.RecordMetricOption) {
	if v < 0 || v > 60 {
		h.record(1000, opts)
	}
	h.record(1, opts)
}
