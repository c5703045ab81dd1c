package otelgamelift

import (
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/metrics/smithyotelmetrics"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// MeterProvider adapts an OpenTelemetry MeterProvider for gamelift.Options. If
// mp is nil or holds a nil pointer, it uses the global one, even if
// otel.SetMeterProvider is called later. The result is safe for concurrent use.
func MeterProvider(mp metric.MeterProvider) metrics.MeterProvider {
	if isNil(mp) {
		mp = otel.GetMeterProvider()
	}
	return smithyotelmetrics.Adapt(meterProvider{mp})
}

// seconds are the bucket boundaries of OpenTelemetry's conventions for the
// durations of HTTP requests. The SDK's default boundaries are meant for
// milliseconds.
//
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
var seconds = metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10)

// meterProvider advises the SDK to use buckets that suit seconds.
type meterProvider struct{ metric.MeterProvider }

func (p meterProvider) Meter(name string, options ...metric.MeterOption) metric.Meter {
	return meter{p.MeterProvider.Meter(name, options...)}
}

type meter struct{ metric.Meter }

func (m meter) Float64Histogram(name string, options ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	if metric.NewFloat64HistogramConfig(options...).Unit() == "s" {
		options = append([]metric.Float64HistogramOption{seconds}, options...)
	}
	return m.Meter.Float64Histogram(name, options...)
}
