package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPublished holds the tables and the chart in the repository to the
// recorded results.
func TestPublished(t *testing.T) {
	t.Parallel()
	const dir = ".."
	files, err := published(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s differs from %s, run go run ./record -draw (-want +got):\n%s", name, latest, diff)
		}
	}
}

// TestRecordIsComplete checks that no row and no ratio lacks its results: a
// benchmark that has another name now would vanish from the tables.
func TestRecordIsComplete(t *testing.T) {
	t.Parallel()
	raw, err := os.Open(filepath.Join("..", latest))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	r, err := parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	tables := r.tables(false)
	for _, row := range rows {
		if !strings.Contains(tables, "| "+row.title+" |") {
			t.Errorf("no row %q", row.title)
		}
		for peer := range row.targets {
			for _, benchmark := range row.benchmarks {
				if _, ok := r.ratio(benchmark, peer, row.unit); !ok {
					t.Errorf("row %q has a target beside %s, but no result of %s", row.title, peer, benchmark)
				}
			}
		}
	}
	for _, row := range programRows {
		if !strings.Contains(tables, "| "+row.title+" |") {
			t.Errorf("no row %q", row.title)
		}
	}
	for key, values := range r.values {
		if want := len(r.values[series{key.benchmark, "gamelift", key.unit}]); len(values) != want {
			t.Errorf("%v has %d values, gamelift has %d", key, len(values), want)
		}
	}
	for name, value := range map[string]string{"go": r.goVersion, "platform": r.platform, "cpu": r.cpu, "commit": r.commit} {
		if strings.Trim(value, "/") == "" {
			t.Errorf("the results do not name the %s", name)
		}
	}
}

const sample = `go: go1.26.8
goos: linux
goarch: amd64
cpu: A Processor
commit: 1234567
BenchmarkInProcess/op=GetComputeAuthToken/client=bare-2      10  100 ns/op  50 B/op  3 allocs/op
BenchmarkInProcess/op=GetComputeAuthToken/client=gamelift-2  10  150 ns/op  40 B/op  2 allocs/op
BenchmarkInProcess/op=GetComputeAuthToken/client=gamelift-2  10  800 ns/op  40 B/op  2 allocs/op
BenchmarkInProcess/op=GetComputeAuthToken/client=bare-2      10 1000 ns/op  50 B/op  3 allocs/op
BenchmarkInProcess/op=GetComputeAuthToken/client=bare-2      10  100 ns/op  50 B/op  3 allocs/op
BenchmarkInProcess/op=GetComputeAuthToken/client=gamelift-2  10   90 ns/op  40 B/op  2 allocs/op
BenchmarkLoopback/client=gamelift-16                         10  500 ns/op 300 cpu-ns/op
BenchmarkLoopback/client=bare-16                             10  400 ns/op 300 cpu-ns/op
BenchmarkParallel/goroutines=001/client=gamelift             10 2000 ns/op
BenchmarkParallel/goroutines=001/client=sdk-cbor             10 5000 ns/op
BenchmarkFootprint/client=bare 1 1048576 binary-B 0 foreign-packages
BenchmarkFootprint/client=gamelift 1 1572864 binary-B 14 foreign-packages
`

// TestTables checks ratios of paired rounds: in the sample the machine is slow
// in the second one, and the medians alone would give 1.5.
func TestTables(t *testing.T) {
	t.Parallel()
	r, err := parse(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := `Medians of 3 interleaved rounds, go1.26.8, linux/amd64, A Processor, commit 1234567.

| | gamelift | ÷ bare | ÷ bare, our headers | ÷ SDK, CBOR | ÷ SDK, JSON |
|---|--:|--:|--:|--:|--:|
| GetComputeAuthToken, in-process | 0.15 µs | 0.900 (≤ 0.88 ✗) |  |  |  |
| its allocations | 2 (≤ 14 ✓) | 0.667 |  |  |  |
| its bytes | 40 (≤ 3300 ✓) | 0.800 |  |  |  |
| GetComputeAuthToken, over loopback | 0.50 µs | 1.250 (≤ 1.18 ✗) |  |  |  |
| throughput, 1 goroutine | 500000/s |  |  | 2.500 |  |

| Smallest program | gamelift | SDK, CBOR | SDK, JSON |
|---|--:|--:|--:|
| size without symbols, KiB more than bare | 512 (≤ 440 ✗) |  |  |
| packages of others, beyond the standard library | 14 (≤ 13 ✗) |  |  |
`
	if diff := cmp.Diff(want, r.tables(false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTablesOfProcessorTime(t *testing.T) {
	t.Parallel()
	r, err := parse(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	tables := r.tables(true)
	for _, want := range []string{", processor time.", "| GetComputeAuthToken, over loopback | 0.30 µs | 1.000 (≤ 1.18 ✓) |", "| its allocations | 2 "} {
		if !strings.Contains(tables, want) {
			t.Errorf("no %q in\n%s", want, tables)
		}
	}
}

func TestParseRefusesNamesWithoutClient(t *testing.T) {
	t.Parallel()
	if _, err := parse(strings.NewReader("BenchmarkNew-2 10 100 ns/op\n")); err == nil {
		t.Error("no error")
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	r := &results{values: map[series][]float64{}, cpu: "<A & B>"}
	if _, err := r.chart(); err == nil {
		t.Error("a chart of no results: no error")
	}
	for _, benchmark := range []string{inProcess, "Loopback", "Parallel/goroutines=064"} {
		for i, c := range chartClients {
			r.values[series{benchmark, c.name, "sec/op"}] = []float64{float64(i+1) * 1e-6}
		}
	}
	chart, err := r.chart()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(chart)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{`class="ours" x="190" y="-15" width="105.0"`, `width="420.0"`, ">4.0 µs<", "&lt;A &amp; B&gt;"} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart has no %s", want)
		}
	}
}

// TestRun measures two benchmarks, one of them with programs, with all clients
// of both versions of the SDK.
func TestRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds two test binaries and four programs")
	}
	raw := filepath.Join(t.TempDir(), "raw.txt")
	var printed bytes.Buffer
	if err := run(t.Context(), []string{"-once", "-rounds", "2", "-bench", "^Sign$|^Start$", "-o", raw}, &printed); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed.String(), string(written)); diff != "" {
		t.Errorf("written and printed results differ:\n%s", diff)
	}
	r, err := parse(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, key := range slices.SortedFunc(maps.Keys(r.values), func(a, b series) int { return strings.Compare(a.client, b.client) }) {
		if key.unit == "sec/op" {
			got[key.benchmark] = append(got[key.benchmark], key.client)
		}
		if n := len(r.values[key]); n != 2 {
			t.Errorf("%v has %d values, want one of each round", key, n)
		}
	}
	want := map[string][]string{
		"Sign":  {"gamelift", "sdk-cbor", "sdk-json"},
		"Start": {"bare", "gamelift", "sdk-cbor", "sdk-json"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clients of each benchmark (-want +got):\n%s", diff)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-bench", "("}, {"-fast"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

func TestAnswerSpeaksTheProtocolOfTheRequest(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string]string{"": "application/x-amz-json-1.1", "rpc-v2-cbor": "application/cbor"} {
		request := httptest.NewRequestWithContext(t.Context(), "POST", "/", nil)
		request.Header.Set("Smithy-Protocol", protocol)
		recorder := httptest.NewRecorder()
		answer(recorder, request)
		if got := recorder.Header().Get("Content-Type"); got != want {
			t.Errorf("protocol %q: Content-Type %q, want %q", protocol, got, want)
		}
	}
}
