package gamelift

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	const century = 100 * 365 * 24 * time.Hour
	own := http.Header{"X-Amzn-Requestid": {"r-1"}}
	tests := []struct {
		name      string
		date      time.Time
		header    http.Header
		roundTrip time.Duration
		want      serviceTime
	}{
		{"same clock", sent, own, 0, serviceTime{0, true}},
		{"ahead", sent.Add(time.Hour), own, 0, serviceTime{time.Hour, true}},
		{"behind", sent.Add(-time.Hour), own, 0, serviceTime{-time.Hour, true}},
		{"middle of the round trip", sent.Add(time.Hour), own, time.Minute, serviceTime{time.Hour - 30*time.Second, true}},
		{"slow", sent.Add(time.Hour), own, 15 * time.Minute, serviceTime{time.Hour - 450*time.Second, true}},
		{"too slow", sent.Add(time.Hour), own, 15*time.Minute + 1, serviceTime{}},
		{"century ahead", sent.Add(century), own, 0, serviceTime{century, true}},
		{"century behind", sent.Add(-century), own, 0, serviceTime{-century, true}},
		{"more than a century ahead", sent.Add(century + 1), own, 0, serviceTime{}},
		{"more than a century behind", sent.Add(-century - 1), own, 0, serviceTime{}},
		{"beyond any duration", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), own, 0, serviceTime{}},
		{"no date", time.Time{}, own, 0, serviceTime{}},
		{"no request ID", sent, http.Header{}, 0, serviceTime{}},
		{"of a cache", sent, http.Header{"X-Amzn-Requestid": {"r-1"}, "Age": {"0"}}, 0, serviceTime{}},
	}
	for _, tt := range tests {
		if got := measure(tt.date, tt.header, sent, tt.roundTrip); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestServiceTime_agrees(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b time.Duration
		want bool
	}{
		{0, 0, true},
		{0, 4 * time.Minute, true},
		{0, 4*time.Minute + 1, false},
		{-2 * time.Minute, 2 * time.Minute, true},
		{-2 * time.Minute, 2*time.Minute + 1, false},
		{maxOffset, -maxOffset, false},
		{maxOffset, maxOffset - 4*time.Minute, true},
	} {
		a, b := serviceTime{offset: tt.a}, serviceTime{offset: tt.b}
		if a.agrees(b) != tt.want || b.agrees(a) != tt.want {
			t.Errorf("%v and %v: got %t and %t, want %t", tt.a, tt.b, a.agrees(b), b.agrees(a), tt.want)
		}
	}
}

func TestClock_learn(t *testing.T) {
	t.Parallel()
	var c clock
	for _, step := range []struct {
		name             string
		signed, measured serviceTime
		want             serviceTime // within a nanosecond
	}{
		{"unknown at first", serviceTime{}, serviceTime{}, serviceTime{}},
		{"far from the signing time", serviceTime{}, serviceTime{time.Hour, true}, serviceTime{}},
		{"not measured", serviceTime{}, serviceTime{time.Minute, false}, serviceTime{}},
		{"no offset", serviceTime{}, serviceTime{0, true}, serviceTime{0, true}},
		{"at the limit", serviceTime{}, serviceTime{4 * time.Minute, true}, serviceTime{4 * time.Minute, true}},
		{"beyond the limit", serviceTime{}, serviceTime{4*time.Minute + 1, true}, serviceTime{4 * time.Minute, true}},
		{"behind", serviceTime{}, serviceTime{-time.Minute, true}, serviceTime{-time.Minute, true}},
		{"of a corrected attempt", serviceTime{time.Hour, true}, serviceTime{time.Hour + time.Second, true}, serviceTime{time.Hour + time.Second, true}},
		{"unknown does not erase", serviceTime{time.Hour, true}, serviceTime{}, serviceTime{time.Hour + time.Second, true}},
		{"century ahead", serviceTime{maxOffset, true}, serviceTime{maxOffset, true}, serviceTime{maxOffset, true}},
		{"century behind", serviceTime{-maxOffset, true}, serviceTime{-maxOffset, true}, serviceTime{-maxOffset, true}},
	} {
		c.learn(step.signed, step.measured)
		got := c.estimate()
		if got.known != step.want.known || (got.offset-step.want.offset).Abs() > time.Nanosecond {
			t.Errorf("%s: got %+v, want %+v", step.name, got, step.want)
		}
	}
}

func TestClock_correct(t *testing.T) {
	t.Parallel()
	local, hour, day := serviceTime{0, true}, serviceTime{time.Hour, true}, serviceTime{24 * time.Hour, true}
	var c clock
	for _, step := range []struct {
		name             string
		signed, measured serviceTime
		want             serviceTime // to sign with
		kept             serviceTime // within a nanosecond
	}{
		{"one refusal", local, hour, hour, serviceTime{}},
		{"a second one", local, hour, hour, hour},
		{"a dispute", hour, day, day, hour},
		{"the second of four", hour, day, hour, hour},
		{"the third of four", hour, day, hour, hour},
		{"the fourth of four", hour, day, day, day},
		{"the local time", day, local, local, local},
		{"after a second dispute", local, hour, local, local},
		{"signed with an unconfirmed clock", serviceTime{}, day, hour, local},
	} {
		got := c.correct(step.signed, step.measured)
		kept := c.estimate()
		if got != step.want || kept.known != step.kept.known || (kept.offset-step.kept.offset).Abs() > time.Nanosecond {
			t.Errorf("%s: signs with %+v and keeps %+v, want %+v and %+v", step.name, got, kept, step.want, step.kept)
		}
	}

	c = clock{}
	c.correct(local, hour)
	c.learn(local, local)
	c.correct(local, hour)
	if c.estimate() != (serviceTime{1, true}) {
		t.Errorf("a refusal before an agreement counts: %+v", c.estimate())
	}
}

func TestRefusesTime(t *testing.T) {
	t.Parallel()
	skew := &smithy.GenericAPIError{Code: "RequestTimeTooSkewed"}
	hourAhead := serviceTime{time.Hour, true}
	for _, tt := range []struct {
		name             string
		err              error
		signed, measured serviceTime
		want             bool
	}{
		{"clock is off", skew, serviceTime{}, hourAhead, true},
		{"correction was wrong", skew, hourAhead, serviceTime{0, true}, true},
		{"clock is right", skew, hourAhead, hourAhead, false},
		{"service's clock is unknown", skew, hourAhead, serviceTime{}, false},
		{"other code", &smithy.GenericAPIError{Code: "NotFoundException"}, serviceTime{}, hourAhead, false},
		{"no code", errors.New("RequestTimeTooSkewed"), serviceTime{}, hourAhead, false},
	} {
		if got := refusesTime(tt.err, tt.signed, tt.measured); got != tt.want {
			t.Errorf("%s: got %t", tt.name, got)
		}
	}
}
