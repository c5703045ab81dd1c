package otelgamelift_test

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/otelgamelift"
)

// telemetry is OpenTelemetry's own SDK with exporters that keep everything.
type telemetry struct {
	spans   *tracetest.InMemoryExporter
	tracing *sdktrace.TracerProvider
	reader  *metric.ManualReader
	metrics *metric.MeterProvider
}

func newTelemetry() *telemetry {
	spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
	return &telemetry{
		spans: spans, tracing: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
		reader: reader, metrics: metric.NewMeterProvider(metric.WithReader(reader)),
	}
}

// client makes a client of the server whose spans and metrics arrive.
func (tel *telemetry) client(server *gamelifttest.Server, optFns ...func(*gamelift.Options)) *gamelift.Client {
	return gamelift.New(server.ClientOptions(), append(optFns, func(o *gamelift.Options) {
		o.TracerProvider = otelgamelift.TracerProvider(tel.tracing)
		o.MeterProvider = otelgamelift.MeterProvider(tel.metrics)
	})...)
}

// collect returns the metrics of the client's scope.
func (tel *telemetry) collect(t *testing.T) []metricdata.Metrics {
	var rm metricdata.ResourceMetrics
	require.NoError(t, tel.reader.Collect(t.Context(), &rm))
	require.Len(t, rm.ScopeMetrics, 1)
	require.Equal(t, "github.com/gamelift-compute/gamelift", rm.ScopeMetrics[0].Scope.Name)
	return rm.ScopeMetrics[0].Metrics
}

func requestUpload(ctx context.Context, client *gamelift.Client) error {
	build := gamelifttest.BuildID
	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	return err
}

// section returns a chapter of the package documentation.
func section(t *testing.T, heading string) string {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	_, text, found := strings.Cut(file.Doc.Text(), "# "+heading+"\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n# ")
	return text
}

// blocks are the preformatted blocks of a chapter.
func blocks(section string) (blocks []string) {
	inside := false
	for line := range strings.Lines(section) {
		row, preformatted := strings.CutPrefix(line, "\t")
		if preformatted && !inside {
			blocks = append(blocks, "")
		}
		if inside = preformatted; inside {
			blocks[len(blocks)-1] += row
		}
	}
	return blocks
}

// rows are the rows of a table below its heading, with at least two spaces between the cells.
func rows(block string) (rows [][]string) {
	for line := range strings.Lines(block) {
		var cells []string
		for cell := range strings.SplitSeq(strings.TrimSpace(line), "  ") {
			if cell != "" {
				cells = append(cells, strings.TrimSpace(cell))
			}
		}
		rows = append(rows, cells)
	}
	return rows[1:]
}

func attributes(span tracetest.SpanStub) map[string]any {
	m := map[string]any{}
	for _, kv := range span.Attributes {
		m[string(kv.Key)] = kv.Value.AsInterface()
	}
	return m
}

// tree draws spans as the documentation does.
func tree(spans tracetest.SpanStubs) string {
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	children := map[trace.SpanID][]tracetest.SpanStub{}
	for _, s := range spans {
		children[s.Parent.SpanID()] = append(children[s.Parent.SpanID()], s)
	}
	var b strings.Builder
	var draw func(parent trace.SpanID, indent string)
	draw = func(parent trace.SpanID, indent string) {
		for _, s := range children[parent] {
			b.WriteString(indent + s.Name)
			if number, ok := attributes(s)["operation.attempt"]; ok {
				fmt.Fprintf(&b, " %d", number)
			}
			b.WriteString("\n")
			draw(s.SpanContext.SpanID(), indent+"  ")
		}
	}
	draw(trace.SpanID{}, "")
	return b.String()
}

func TestSpansOfACallWithTwoRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Message: "too much", Count: 2})
		tel := newTelemetry()
		require.NoError(t, requestUpload(t.Context(), tel.client(server)))

		spans := tel.spans.GetSpans()
		if diff := cmp.Diff(blocks(section(t, "Spans"))[0], tree(spans)); diff != "" {
			t.Errorf("tree (-documentation +produced):\n%s", diff)
		}
		for _, s := range spans {
			wantKind, wantStatus := trace.SpanKindInternal, codes.Unset
			switch attempt := attributes(s)["operation.attempt"]; {
			case !s.Parent.IsValid():
				wantKind, wantStatus = trace.SpanKindClient, codes.Ok
			case attempt == int64(3):
				wantStatus = codes.Ok
			case attempt != nil:
				wantStatus = codes.Error
			}
			require.Equal(t, wantKind, s.SpanKind, s.Name)
			require.Equal(t, wantStatus, s.Status.Code, s.Name)
			require.Equal(t, "github.com/gamelift-compute/gamelift", s.InstrumentationScope.Name)
		}

		requests := server.Requests()
		want := []map[string]any{}
		for i, r := range requests {
			attempt := map[string]any{
				"operation.attempt": int64(i + 1), "error": false,
				"aws.request_id": r.ID, "http.response.status_code": int64(r.Status), "server.address": "gamelift.gamelifttest.invalid",
			}
			if r.Status != http.StatusOK {
				maps.Copy(attempt, map[string]any{
					"error": true, "error.type": "ThrottlingException", "exception.type": "*smithy.GenericAPIError",
					"api.error_code": "ThrottlingException", "api.error_message": "too much", "api.error_fault": "client",
					"exception.message": "HTTP status 400, request ID " + r.ID + ", api error ThrottlingException: too much",
				})
			}
			want = append(want, attempt)
		}
		want = append(want, map[string]any{
			"rpc.system": "aws-api", "rpc.service": "GameLift", "rpc.method": "RequestUploadCredentials", "error": false,
			"aws.request_id": requests[2].ID, "http.response.status_code": int64(200), "server.address": "gamelift.gamelifttest.invalid",
		})
		var got []map[string]any
		for _, s := range tel.spans.GetSpans() { // in the order of their ends
			if len(s.Attributes) > 0 {
				got = append(got, attributes(s))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
	})
}

// situations cover the ways in which a call can end.
var situations = []struct {
	name   string
	build  string
	faults []gamelifttest.Fault
}{
	{name: "success", build: gamelifttest.BuildID},
	{name: "success at the third attempt", build: gamelifttest.BuildID, faults: []gamelifttest.Fault{{Code: "ThrottlingException", Count: 2}}},
	{name: "exception", build: "build-none"},
	{name: "connection reset for good", build: gamelifttest.BuildID, faults: []gamelifttest.Fault{{Break: gamelifttest.Reset, Count: -1}}},
	{name: "not the service", build: gamelifttest.BuildID, faults: []gamelifttest.Fault{{Status: http.StatusBadGateway, Break: gamelifttest.HTML, Count: -1}}},
	{name: "bad input"},
}

// playAll makes a call in each situation.
func playAll(t *testing.T) *telemetry {
	tel := newTelemetry()
	for _, s := range situations {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(s.faults...)
		_, _ = tel.client(server).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &s.build})
	}
	return tel
}

func TestSpansAndAttributesAreDocumented(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		names, on := map[string]bool{}, map[string]string{}
		for _, s := range playAll(t).spans.GetSpans() {
			name, letter := s.Name, "the steps"
			switch {
			case !s.Parent.IsValid():
				name, letter = "GameLift.<operation>", "C"
			case name == "Attempt":
				letter = "A"
			}
			names[name] = true
			for key := range attributes(s) {
				if !strings.Contains(on[key], letter) {
					on[key] += letter
				}
			}
		}
		for key, letters := range on {
			if letters == "AC" {
				on[key] = "CA"
			}
		}

		documentedNames := map[string]bool{}
		for _, row := range rows(blocks(section(t, "Spans"))[1]) {
			documentedNames[row[0]] = true
		}
		if diff := cmp.Diff(documentedNames, names); diff != "" {
			t.Errorf("spans (-documentation +produced):\n%s", diff)
		}
		documentedOn := map[string]string{}
		for _, row := range rows(blocks(section(t, "Attributes"))[0]) {
			documentedOn[row[0]] = row[1]
		}
		if diff := cmp.Diff(documentedOn, on); diff != "" {
			t.Errorf("attributes and the spans that have them (-documentation +produced):\n%s", diff)
		}
	})
}

// instrument is a row of the documentation.
type instrument struct{ Name, Kind, Unit, Measures string }

func TestInstrumentsAreDocumented(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var want, got []instrument
		for _, row := range rows(blocks(section(t, "Metrics"))[0]) {
			want = append(want, instrument{row[0], row[1], row[2], row[3]})
		}
		for _, m := range playAll(t).collect(t) {
			i := instrument{Name: m.Name, Unit: m.Unit, Measures: m.Description}
			var sets []attribute.Set
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				i.Kind = "histogram"
				for _, point := range data.DataPoints {
					sets = append(sets, point.Attributes)
					require.Equal(t, []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}, point.Bounds, m.Name)
				}
			case metricdata.Sum[int64]:
				i.Kind = "counter"
				require.True(t, data.IsMonotonic)
				for _, point := range data.DataPoints {
					sets = append(sets, point.Attributes)
				}
			}
			got = append(got, i)
			keys := []string{"rpc.method", "rpc.service"}
			if m.Name == "client.call.errors" {
				keys = append([]string{"exception.type"}, keys...)
			}
			require.NotEmpty(t, sets, m.Name)
			for _, set := range sets {
				var gotKeys []string
				for _, kv := range set.ToSlice() {
					gotKeys = append(gotKeys, string(kv.Key))
				}
				require.Equal(t, keys, gotKeys, m.Name)
			}
		}
		byName := func(a, b instrument) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(want, byName)
		slices.SortFunc(got, byName)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("instruments (-documentation +produced):\n%s", diff)
		}
	})
}

func TestMetricsCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Delay: 2 * time.Second, Count: 2})
		tel := newTelemetry()
		start := time.Now()
		require.NoError(t, requestUpload(t.Context(), tel.client(server)))
		elapsed := time.Since(start).Seconds()

		counts, sums := map[string]int64{}, map[string]float64{}
		for _, m := range tel.collect(t) {
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				counts[m.Name], sums[m.Name] = int64(data.DataPoints[0].Count), data.DataPoints[0].Sum
			case metricdata.Sum[int64]:
				counts[m.Name] = data.DataPoints[0].Value
			}
		}
		require.Equal(t, map[string]int64{
			"client.call.duration":                       1,
			"client.call.attempts":                       3,
			"client.call.errors":                         2,
			"client.call.attempt_duration":               3,
			"client.call.serialization_duration":         1,
			"client.call.resolve_endpoint_duration":      1,
			"client.call.auth.resolve_identity_duration": 3,
			"client.call.auth.signing_duration":          3,
			"client.http.do_request_duration":            3,
			"client.call.deserialization_duration":       3,
		}, counts)
		require.InDelta(t, elapsed, sums["client.call.duration"], 1e-9) // fake time: exact up to rounding
		require.InDelta(t, 4, sums["client.http.do_request_duration"], 1e-9)
	})
}

func TestSpansNestInTheCallersSpan(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	server := gamelifttest.NewUnstartedServer()
	ctx, caller := tel.tracing.Tracer("caller").Start(t.Context(), "deploy")
	var below, belowHTTP trace.SpanContext
	client := tel.client(server, func(o *gamelift.Options) {
		transport := o.HTTPClient
		o.HTTPClient = httpClientFunc(func(r *http.Request) (*http.Response, error) {
			belowHTTP = trace.SpanContextFromContext(r.Context()) // what the span of an instrumented transport would be a child of
			return transport.Do(r)
		})
		keys := o.Credentials
		o.Credentials = gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
			below = trace.SpanContextFromContext(ctx) // what a traced STS client would be a child of
			return keys.Retrieve(ctx)
		})
	})
	require.NoError(t, requestUpload(ctx, client))
	caller.End()
	ids := map[string]trace.SpanID{}
	for _, s := range tel.spans.GetSpans() {
		ids[s.Name] = s.SpanContext.SpanID()
		require.Equal(t, caller.SpanContext().TraceID(), s.SpanContext.TraceID(), s.Name)
		if s.Name == "GameLift.RequestUploadCredentials" {
			require.Equal(t, caller.SpanContext().SpanID(), s.Parent.SpanID())
		}
	}
	require.Equal(t, ids["GetIdentity"], below.SpanID())
	require.Equal(t, ids["DoHTTPRequest"], belowHTTP.SpanID())
}

type httpClientFunc func(*http.Request) (*http.Response, error)

func (f httpClientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// renewedKeys are refused until they are invalidated. It remembers the span that each Retrieve is below.
type renewedKeys struct {
	refused, good gamelift.Credentials
	parents       []trace.SpanID
	invalidated   bool
}

func (k *renewedKeys) Retrieve(ctx context.Context) (gamelift.Credentials, error) {
	k.parents = append(k.parents, trace.SpanContextFromContext(ctx).SpanID())
	if k.invalidated {
		return k.good, nil
	}
	return k.refused, nil
}

func (k *renewedKeys) Invalidate() { k.invalidated = true }

func TestKeysAreRenewedBetweenTheSpansOfAttempts(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	server := gamelifttest.NewUnstartedServer()
	good, err := server.ClientOptions().Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	keys := &renewedKeys{refused: gamelift.Credentials{AccessKeyID: "AKIANOBODY", SecretAccessKey: "unknown"}, good: good}
	require.NoError(t, requestUpload(t.Context(), tel.client(server, func(o *gamelift.Options) { o.Credentials = keys })))

	names := map[trace.SpanID]string{}
	for _, s := range tel.spans.GetSpans() {
		names[s.SpanContext.SpanID()] = s.Name
	}
	var got []string
	for _, parent := range keys.parents {
		got = append(got, names[parent])
	}
	require.Equal(t, []string{
		"GetIdentity",                       // of the attempt whose keys are refused
		"GameLift.RequestUploadCredentials", // has the provider other keys already?
		"GameLift.RequestUploadCredentials", // after Invalidate
		"GetIdentity",                       // of the second attempt
	}, got)
}

// TestSpansNestBelowOtherClients makes a call for the credentials of another client's call, which has spans of its own
// kind.
func TestSpansNestBelowOtherClients(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	server := gamelifttest.NewUnstartedServer()
	_, foreign := tracing.NopTracerProvider{}.Tracer("").StartSpan(t.Context(), "")
	for _, smithySpan := range []tracing.Span{foreign, func() tracing.Span {
		_, span := otelgamelift.TracerProvider(tel.tracing).Tracer("other").StartSpan(t.Context(), "outer")
		return span
	}()} {
		ctx, newest := tel.tracing.Tracer("caller").Start(tracing.WithSpan(t.Context(), smithySpan), "newest")
		tel.spans.Reset()
		require.NoError(t, requestUpload(ctx, tel.client(server)))
		spans := tel.spans.GetSpans()
		i := slices.IndexFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == "GameLift.RequestUploadCredentials" })
		require.Equal(t, newest.SpanContext().SpanID(), spans[i].Parent.SpanID())
	}
}

// spanLabeler adds to the span of the attempt.
type spanLabeler struct{}

func (spanLabeler) BeforeAttempt(ctx context.Context, _ *smithyhttp.InterceptorContext) error {
	span, _ := tracing.GetSpan(ctx)
	span.SetProperty("studio.label", "blue")
	return nil
}

func TestCallsWithInvalidOptionsAreNotObserved(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	client := tel.client(gamelifttest.NewUnstartedServer())
	build := gamelifttest.BuildID
	_, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &build},
		func(o *gamelift.Options) { o.Region = "" })
	require.ErrorContains(t, err, "Region")
	require.Empty(t, tel.spans.GetSpans())
	var measured metricdata.ResourceMetrics
	require.NoError(t, tel.reader.Collect(t.Context(), &measured))
	require.Empty(t, measured.ScopeMetrics)
}

func TestInterceptorsFindTheSpan(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	server := gamelifttest.NewUnstartedServer()
	client := tel.client(server, func(o *gamelift.Options) { o.Interceptors.AddBeforeAttempt(spanLabeler{}) })
	require.NoError(t, requestUpload(t.Context(), client))
	for _, s := range tel.spans.GetSpans() {
		_, labeled := attributes(s)["studio.label"]
		require.Equal(t, s.Name == "Attempt", labeled, s.Name)
	}
}

// global sets the global providers once, and returns them.
var global = sync.OnceValue(func() *telemetry {
	tel := newTelemetry()
	otel.SetTracerProvider(tel.tracing)
	otel.SetMeterProvider(tel.metrics)
	return tel
})

func TestNilProvidersAreTheGlobalOnes(t *testing.T) {
	server := gamelifttest.NewUnstartedServer()
	var clients []*gamelift.Client
	for _, optFn := range []func(*gamelift.Options){
		func(o *gamelift.Options) {
			o.TracerProvider, o.MeterProvider = otelgamelift.TracerProvider(nil), otelgamelift.MeterProvider(nil)
		},
		func(o *gamelift.Options) {
			o.TracerProvider = otelgamelift.TracerProvider((*sdktrace.TracerProvider)(nil))
			o.MeterProvider = otelgamelift.MeterProvider((*metric.MeterProvider)(nil))
		},
	} {
		client := gamelift.New(server.ClientOptions(), optFn)
		require.NoError(t, requestUpload(t.Context(), client)) // before they are set
		clients = append(clients, client)
	}
	tel := global()
	var measured uint64
	for _, client := range clients {
		tel.spans.Reset()
		require.NoError(t, requestUpload(t.Context(), client))
		require.Len(t, tel.spans.GetSpans(), 8)
		metrics := tel.collect(t)
		require.Len(t, metrics, 9) // all but client.call.errors
		durations := slices.IndexFunc(metrics, func(m metricdata.Metrics) bool { return m.Name == "client.call.duration" })
		count := metrics[durations].Data.(metricdata.Histogram[float64]).DataPoints[0].Count
		require.Greater(t, count, measured)
		measured = count
	}
}

func TestTelemetryHasNoSecrets(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	keys := gamelift.Credentials{AccessKeyID: "ASIAOPERATOR", SecretAccessKey: "secret-key-of-the-operator", SessionToken: "session-token-of-the-operator"}
	server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) { o.Credentials = []gamelift.Credentials{keys} })
	client := tel.client(server)

	server.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Message: "you are " + keys.SecretAccessKey + " " + keys.SessionToken})
	require.Error(t, requestUpload(t.Context(), client))
	fleet, compute, build := gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, gamelifttest.BuildID
	token, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{FleetId: &fleet, ComputeName: &compute})
	require.NoError(t, err)
	access, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{FleetId: &fleet, ComputeName: &compute})
	require.NoError(t, err)
	upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &build})
	require.NoError(t, err)

	var printed strings.Builder
	for _, s := range tel.spans.GetSpans() {
		fmt.Fprintf(&printed, "%+v %v\n", s, attributes(s))
	}
	fmt.Fprintf(&printed, "%+v\n", tel.collect(t))
	require.Contains(t, printed.String(), "you are REDACTED REDACTED")
	for _, secret := range []string{
		keys.SecretAccessKey, keys.SessionToken, *token.AuthToken, *access.Credentials.SecretAccessKey, *access.Credentials.SessionToken,
		*upload.UploadCredentials.SecretAccessKey, *upload.UploadCredentials.SessionToken,
	} {
		require.NotContains(t, printed.String(), secret)
	}
}
