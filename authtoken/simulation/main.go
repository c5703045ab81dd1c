// Command simulation writes the results of the simulation of a shared quota into
// ../SIMULATION.md, and draws its plots:
//
//	go generate    # simulates for half an hour of CPU time, and does the rest
//	go run .       # only does the rest, from results.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"log"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

//go:generate go test -C .. -run TestQuotaSimulation -v -timeout 4h -quota-results simulation/results.json
//go:generate go run .

const (
	tableBegins = "<!-- The table is written by authtoken/simulation. -->\n"
	tableEnds   = "<!-- The table ends. -->\n"
)

// results are written by TestQuotaSimulation of package authtoken.
type results struct {
	Rows []struct {
		Account                       string
		Computes, Runs                int
		LapsedHosts, MostLapsedHosts  int
		LapsedPooled, MostLapsedPools int
		HoursWithout                  float64
		Throttled, ThrottledAnyOutage float64
		FirstTokens                   float64
	}
	Series []sample // of 40,000 Sources
}

// sample is the mean of a step of ten minutes.
type sample struct {
	Offered, Served float64 // requests per second
	Valid           float64 // the part of the hosts with a valid token, at the end of the step
}

func main() {
	if err := run(".", ".."); err != nil {
		log.Fatal(err)
	}
}

// run reads the results in one folder, draws the plots there, and writes the
// table into the SIMULATION.md of another.
func run(folder, documentation string) error {
	now, err := read(folder + "/results.json")
	if err != nil {
		return err
	}
	before, err := read(folder + "/before.json")
	if err != nil {
		return err
	}
	if err := writeTable(documentation+"/SIMULATION.md", before, now); err != nil {
		return err
	}
	if err := drawRequests(folder+"/requests.svg", before.Series, now.Series); err != nil {
		return err
	}
	return drawValid(folder+"/valid.svg", before.Series, now.Series)
}

func read(path string) (r results, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	if len(r.Rows) == 0 || len(r.Series) == 0 {
		return r, fmt.Errorf("%s has no rows or no series", path)
	}
	return r, nil
}

// writeTable replaces what is between the markers in a file.
func writeTable(path string, before, now results) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, begins := bytes.Cut(text, []byte(tableBegins))
	_, tail, ends := bytes.Cut(rest, []byte(tableEnds))
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the table", path)
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(tableBegins)
	b.WriteString(`
| account | runs | lapsed Sources, all runs (worst run) | lapsed computes of Pools, all runs (worst run) | hours without a token, all runs | throttled on day 2, outage on day 1 | throttled on day 2, any outage | time to all first tokens | before: lapsed, one run | before: throttled on day 2 |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
`)
	for i, row := range now.Rows {
		old := before.Rows[i]
		if old.Account != row.Account {
			return fmt.Errorf("row %d is of %s, and was of %s", i, row.Account, old.Account)
		}
		fmt.Fprintf(&b, "| %s | %d | %d (%d) | %d (%d) | %.1f | %.1f %% | %.1f %% | × %.2f | %d | %.0f %% |\n",
			row.Account, row.Runs, row.LapsedHosts, row.MostLapsedHosts, row.LapsedPooled, row.MostLapsedPools, row.HoursWithout,
			100*row.Throttled, 100*row.ThrottledAnyOutage, row.FirstTokens, old.LapsedHosts+old.LapsedPooled, 100*old.Throttled)
	}
	b.WriteString("\n" + tableEnds)
	b.Write(tail)
	return os.WriteFile(path, b.Bytes(), 0o644)
}

var (
	red   = color.RGBA{R: 0xc6, G: 0x28, B: 0x28, A: 0xff}
	pink  = color.RGBA{R: 0xef, G: 0x9a, B: 0x9a, A: 0xff}
	blue  = color.RGBA{R: 0x15, G: 0x65, B: 0xc0, A: 0xff}
	azure = color.RGBA{R: 0x90, G: 0xca, B: 0xf9, A: 0xff}
)

func drawRequests(path string, before, now []sample) error {
	p := newPlot("Requests per second, 40,000 hosts with a Source each", "requests per second (at least 1)")
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plainTicks{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000}
	p.Y.Min, p.Y.Max = 1, 3000
	for _, line := range []struct {
		name   string
		color  color.Color
		series []sample
		value  func(sample) float64
	}{
		{"offered, before", pink, before, func(s sample) float64 { return max(s.Offered, 1) }},
		{"offered, now", azure, now, func(s sample) float64 { return max(s.Offered, 1) }},
		{"served, before", red, before, func(s sample) float64 { return max(s.Served, 1) }},
		{"served, now", blue, now, func(s sample) float64 { return max(s.Served, 1) }},
	} {
		if err := addLine(p, line.name, line.color, line.series, line.value); err != nil {
			return err
		}
	}
	return p.Save(26*vg.Centimeter, 11*vg.Centimeter, path)
}

func drawValid(path string, before, now []sample) error {
	p := newPlot("Hosts with a valid token, of 40,000 (less than 90 % is drawn as 90 %)", "% of the hosts")
	p.Y.Min, p.Y.Max = 90, 100.2
	p.Y.Tick.Marker = plainTicks{90, 92, 94, 96, 98, 100}
	p.Legend.Top = false
	percent := func(s sample) float64 { return max(100*s.Valid, 90) }
	if err := addLine(p, "before", red, before, percent); err != nil {
		return err
	}
	if err := addLine(p, "now", blue, now, percent); err != nil {
		return err
	}
	return p.Save(26*vg.Centimeter, 8*vg.Centimeter, path)
}

func newPlot(title, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = "hours", y
	p.X.Min, p.X.Max = 0, 48
	p.X.Tick.Marker = plainTicks{0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48}
	p.Legend.Top, p.Legend.XOffs, p.Legend.Padding = true, -vg.Centimeter, vg.Points(2)
	p.Add(plotter.NewGrid())
	return p
}

func addLine(p *plot.Plot, name string, c color.Color, series []sample, value func(sample) float64) error {
	points := make(plotter.XYs, len(series))
	for i, s := range series {
		points[i] = plotter.XY{X: float64(i+1) / 6, Y: value(s)}
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.2)
	p.Add(line)
	p.Legend.Add(name, line)
	return nil
}

// plainTicks are the values with a tick.
type plainTicks []float64

// Ticks implements plot.Ticker.
func (t plainTicks) Ticks(_, _ float64) []plot.Tick {
	var ticks []plot.Tick
	for _, value := range t {
		ticks = append(ticks, plot.Tick{Value: value, Label: strconv.FormatFloat(value, 'f', -1, 64)})
	}
	return ticks
}
