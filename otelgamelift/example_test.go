package otelgamelift_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/otelgamelift"
)

func ExampleTracerProvider() {
	server := gamelifttest.NewServer() // a stub of the service
	defer server.Close()
	ctx := context.Background()

	exporter := tracetest.NewInMemoryExporter() // a program has one for its collector here
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	client := gamelift.New(server.ClientOptions(), func(o *gamelift.Options) {
		o.TracerProvider = otelgamelift.TracerProvider(provider)
	})

	ctx, span := provider.Tracer("game-backend").Start(ctx, "start game server")
	if err := startGameServer(ctx, client); err != nil {
		fmt.Println(err)
	}
	span.End()

	for _, s := range exporter.GetSpans() {
		if s.Parent.SpanID() == span.SpanContext().SpanID() {
			fmt.Println(s.Name, s.Status.Code)
		}
	}
	// Output:
	// GameLift.GetComputeAuthToken Ok
}

func ExampleMeterProvider() {
	server := gamelifttest.NewServer() // a stub of the service
	defer server.Close()
	ctx := context.Background()

	reader := metric.NewManualReader() // a program has one for its collector here
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	client := gamelift.New(server.ClientOptions(), func(o *gamelift.Options) {
		o.MeterProvider = otelgamelift.MeterProvider(provider)
	})
	if err := startGameServer(ctx, client); err != nil {
		fmt.Println(err)
	}

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &collected); err != nil {
		fmt.Println(err)
	}
	for _, m := range collected.ScopeMetrics[0].Metrics {
		if attempts, ok := m.Data.(metricdata.Sum[int64]); ok {
			fmt.Println(m.Name, attempts.DataPoints[0].Value)
		}
	}
	// Output:
	// client.call.attempts 1
}

func startGameServer(ctx context.Context, client *gamelift.Client) error {
	fleet, compute := gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute
	_, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: &fleet, ComputeName: &compute})
	return err
}
