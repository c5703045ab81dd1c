package main

import (
	"fmt"
	"strings"
)

// The peers, in the order of the columns.
var peers = []string{"bare", "bare-headers", "sdk-cbor", "sdk-json"}

// A row of the first table compares this client with its peers.
type row struct {
	title      string
	benchmarks []string // the row has the mean of these
	unit       string
	own        string             // format of this client's own value
	scale      float64            // of the own value
	throughput bool               // ratios are those of the inverse
	ownTarget  float64            // the most of the own value; 0 if there is no target
	targets    map[string]float64 // of the ratio to the peer: the most, or of a throughput the least
}

func calls(title, benchmark string, targets map[string]float64) row {
	return row{title: title, benchmarks: []string{benchmark}, unit: "sec/op", own: "%.2f µs", scale: 1e6, targets: targets}
}

func throughput(title string, targets map[string]float64, goroutines ...int) row {
	r := row{title: title, unit: "sec/op", own: "%.0f/s", scale: 1, throughput: true, targets: targets}
	for _, n := range goroutines {
		r.benchmarks = append(r.benchmarks, fmt.Sprintf("Parallel/goroutines=%03d", n))
	}
	return r
}

const inProcess = "InProcess/op=GetComputeAuthToken"

var rows = []row{
	calls("GetComputeAuthToken, in-process", inProcess, map[string]float64{"bare": .88, "sdk-cbor": .145, "sdk-json": .135}),
	{title: "its allocations", benchmarks: []string{inProcess}, unit: "allocs/op", own: "%.0f", scale: 1, ownTarget: 14},
	{title: "its bytes", benchmarks: []string{inProcess}, unit: "B/op", own: "%.0f", scale: 1, ownTarget: 3300},
	calls("GetComputeAccess, in-process", "InProcess/op=GetComputeAccess", map[string]float64{"sdk-cbor": .165, "sdk-json": .15}),
	calls("RequestUploadCredentials, in-process", "InProcess/op=RequestUploadCredentials", map[string]float64{"sdk-cbor": .165, "sdk-json": .15}),
	calls("NotFoundException, in-process", "Error/text=no", map[string]float64{"sdk-cbor": .145, "sdk-json": .145}),
	calls("NotFoundException and its text, in-process", "Error/text=yes", map[string]float64{"sdk-cbor": .145, "sdk-json": .145}),
	calls("GetComputeAuthToken, over loopback", "Loopback", map[string]float64{"bare": 1.18, "bare-headers": .97, "sdk-cbor": .40, "sdk-json": .40}),
	throughput("throughput, 1 goroutine", map[string]float64{"bare": .84}, 1),
	throughput("throughput, 8 goroutines", map[string]float64{"bare": .84}, 8),
	throughput("throughput, 64 goroutines", map[string]float64{"bare": .84}, 64),
	throughput("throughput, mean of these three", map[string]float64{"bare": .87, "sdk-cbor": 2.3, "sdk-json": 2.3}, 1, 8, 64),
	throughput("throughput, 512 goroutines", map[string]float64{"bare": .80}, 512),
	calls("New", "New", map[string]float64{"sdk-cbor": .80, "sdk-json": .80}),
	calls("signature alone", "Sign", nil),
	{title: "heap of a used client", benchmarks: []string{"Heap"}, unit: "heap-B/client", own: "%.1f KiB", scale: 1. / 1024, ownTarget: 1.6},
}

// A programRow of the second table compares programs with the bare one.
type programRow struct {
	title, benchmark, unit string
	format                 string
	compare                func(program, bare float64) float64
	target                 float64
}

func difference(program, bare float64) float64 { return (program - bare) / 1024 }
func quotient(program, bare float64) float64   { return program / bare }
func alone(program, _ float64) float64         { return program }

var programRows = []programRow{
	{"size without symbols, KiB more than bare", "Footprint", "binary-B", "%.0f", difference, 440},
	{"packages of others, beyond the standard library", "Footprint", "foreign-packages", "%.0f", alone, 13},
	{"processor time of a build from nothing ÷ bare", "Build", "cpu-sec/op", "%.2f", quotient, 1.12},
	{"time from start to first request ÷ bare", "Start", "sec/op", "%.2f", quotient, 1.06},
}

// tables returns both tables in Markdown, of processor time if cpu is set. Rows
// without results are left out.
func (r *results) tables(cpu bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Medians of %d interleaved rounds, %s, %s, %s", r.rounds, r.goVersion, r.platform, r.cpu)
	if r.commit != "" {
		fmt.Fprintf(&b, ", commit %s", r.commit)
	}
	if cpu {
		b.WriteString(", processor time")
	}
	b.WriteString(".\n\n| | gamelift | ÷ bare | ÷ bare, our headers | ÷ SDK, CBOR | ÷ SDK, JSON |\n|---|--:|--:|--:|--:|--:|\n")
	for _, row := range rows {
		if cpu && row.unit == "sec/op" {
			row.unit = "cpu-sec/op"
		}
		row.write(&b, r)
	}
	b.WriteString("\n| Smallest program | gamelift | SDK, CBOR | SDK, JSON |\n|---|--:|--:|--:|\n")
	for _, row := range programRows {
		row.write(&b, r)
	}
	return b.String()
}

func (row row) write(b *strings.Builder, r *results) {
	own, ok := mean(row.benchmarks, func(benchmark string) (float64, bool) {
		value, ok := r.median(benchmark, "gamelift", row.unit)
		if row.throughput {
			value = 1 / value
		}
		return value, ok
	})
	if !ok {
		return
	}
	fmt.Fprintf(b, "| %s | %s", row.title, cell(own*row.scale, row.own, row.ownTarget, false))
	for _, peer := range peers {
		ratio, ok := mean(row.benchmarks, func(benchmark string) (float64, bool) {
			ratio, ok := r.ratio(benchmark, peer, row.unit)
			if row.throughput {
				ratio = 1 / ratio
			}
			return ratio, ok
		})
		b.WriteString(" | ")
		if ok {
			b.WriteString(cell(ratio, "%.3f", row.targets[peer], row.throughput))
		}
	}
	b.WriteString(" |\n")
}

func (row programRow) write(b *strings.Builder, r *results) {
	bare, ok := r.median(row.benchmark, "bare", row.unit)
	if !ok {
		return
	}
	fmt.Fprintf(b, "| %s", row.title)
	target := row.target
	for _, client := range []string{"gamelift", "sdk-cbor", "sdk-json"} {
		b.WriteString(" | ")
		if value, ok := r.median(row.benchmark, client, row.unit); ok {
			b.WriteString(cell(row.compare(value, bare), row.format, target, false))
		}
		target = 0 // the SDK has none
	}
	b.WriteString(" |\n")
}

// cell returns a value and, if there is one, its target and whether it is met.
func cell(value float64, format string, target float64, atLeast bool) string {
	text := fmt.Sprintf(format, value)
	if target == 0 {
		return text
	}
	sign, met := "≤", value <= target
	if atLeast {
		sign, met = "≥", value >= target
	}
	mark := "✗"
	if met {
		mark = "✓"
	}
	return fmt.Sprintf("%s (%s %v %s)", text, sign, target, mark)
}

// mean returns the mean over the benchmarks. ok is false if one has no value.
func mean(benchmarks []string, value func(benchmark string) (float64, bool)) (m float64, ok bool) {
	for _, benchmark := range benchmarks {
		v, ok := value(benchmark)
		if !ok {
			return 0, false
		}
		m += v / float64(len(benchmarks))
	}
	return m, true
}
