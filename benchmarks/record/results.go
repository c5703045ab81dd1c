package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// results are the measured values of a record. Those of one round have the same
// index, so that ratios compare what was measured within a second or two.
type results struct {
	goVersion, cpu, platform, commit string

	values map[series][]float64
	rounds int
}

type series struct{ benchmark, client, unit string }

// parse reads results in the format of the testing package.
func parse(raw io.Reader) (*results, error) {
	r := &results{values: map[series][]float64{}}
	reader := benchfmt.NewReader(raw, latest)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			r.goVersion, r.cpu, r.commit = record.GetConfig("go"), record.GetConfig("cpu"), record.GetConfig("commit")
			r.platform = record.GetConfig("goos") + "/" + record.GetConfig("goarch")
			base, parts := record.Name.Parts()
			name, client, found := strings.Cut(string(base)+string(slices.Concat(withoutProcs(parts)...)), "/client=")
			if !found {
				return nil, fmt.Errorf("%s: no client in the name", record.Name)
			}
			for _, v := range record.Values {
				key := series{name, client, v.Unit}
				r.values[key] = append(r.values[key], v.Value)
				r.rounds = max(r.rounds, len(r.values[key]))
			}
		}
	}
	return r, reader.Err()
}

// withoutProcs drops the GOMAXPROCS at the end of a name.
func withoutProcs(parts [][]byte) [][]byte {
	if n := len(parts); n > 0 && parts[n-1][0] == '-' {
		return parts[:n-1]
	}
	return parts
}

// median returns the median of the rounds. ok is false if nothing was measured.
func (r *results) median(benchmark, client, unit string) (m float64, ok bool) {
	return median(r.values[series{benchmark, client, unit}])
}

// ratio returns the median of this client's value divided by the peer's in the
// same round.
func (r *results) ratio(benchmark, peer, unit string) (m float64, ok bool) {
	ours, theirs := r.values[series{benchmark, "gamelift", unit}], r.values[series{benchmark, peer, unit}]
	var ratios []float64
	for i := range min(len(ours), len(theirs)) {
		ratios = append(ratios, ours[i]/theirs[i])
	}
	return median(ratios)
}

func median(values []float64) (m float64, ok bool) {
	n := len(values)
	if n == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2, true
}
