package main

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

// The chart is a few rectangles with text. A template draws them in less code
// than a chart library needs to be set up, and follows the reader's light or
// dark theme, which the libraries cannot.
//
//go:embed chart.svg.tmpl
var chartText string

var chartTemplate = template.Must(template.New("chart").Parse(chartText))

type bar struct {
	Label, Value string
	Y            int
	Width        float64
	Ours         bool
}

type barGroup struct {
	Title string
	Y     int
	Bars  []bar
}

const (
	barPitch     = 22
	barMaxWidth  = 420
	groupTop     = 64 // of the first group
	groupHeading = 28
	groupGap     = 18
)

// chart draws the time of a call with each client, each group on its own scale.
func (r *results) chart() (string, error) {
	data := struct {
		Groups          []barGroup
		Note            string
		Height, BottomY int
	}{Note: fmt.Sprintf("Medians of %d interleaved rounds, %s, %s, %s", r.rounds, r.goVersion, r.platform, r.cpu)}
	y := groupTop
	for _, g := range []struct{ title, benchmark string }{
		{"In-process", inProcess},
		{"Over loopback, server included", "Loopback"},
		{"Over loopback, 64 goroutines", "Parallel/goroutines=064"},
	} {
		group := barGroup{Title: g.title, Y: y}
		y += groupHeading
		longest := 0.0
		var times []float64
		for _, c := range chartClients {
			seconds, ok := r.median(g.benchmark, c.name, "sec/op")
			if !ok {
				return "", fmt.Errorf("no result of %s/client=%s", g.benchmark, c.name)
			}
			times, longest = append(times, seconds), max(longest, seconds)
		}
		for i, c := range chartClients {
			group.Bars = append(group.Bars, bar{
				Label: c.label, Value: fmt.Sprintf("%.1f µs", times[i]*1e6), Y: y, Width: barMaxWidth * times[i] / longest, Ours: c.name == "gamelift",
			})
			y += barPitch
		}
		y += groupGap
		data.Groups = append(data.Groups, group)
	}
	data.BottomY, data.Height = y, y+16
	var b strings.Builder
	err := chartTemplate.Execute(&b, data)
	return b.String(), err
}

var chartClients = []struct{ name, label string }{
	{"gamelift", "gamelift"},
	{"bare", "bare net/http, unsigned"},
	{"sdk-cbor", "aws-sdk-go-v2, CBOR"},
	{"sdk-json", "aws-sdk-go-v2, JSON"},
}
