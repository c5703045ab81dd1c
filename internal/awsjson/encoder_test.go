package awsjson_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

func TestEncoder(t *testing.T) {
	t.Parallel()
	type member struct {
		name  string
		value *string
	}
	for _, test := range []struct {
		name    string
		members []member
		want    string
	}{
		{"nothing", nil, `{}`},
		{"nil alone", []member{{"A", nil}}, `{}`},
		{"one", []member{{"A", new("x")}}, `{"A":"x"}`},
		{"order of the calls", []member{{"B", new("x")}, {"A", new("y")}}, `{"B":"x","A":"y"}`},
		{"nil between", []member{{"A", new("x")}, {"B", nil}, {"C", new("y")}}, `{"A":"x","C":"y"}`},
		{"nil first", []member{{"A", nil}, {"B", new("x")}}, `{"B":"x"}`},
		{"empty is set", []member{{"A", new("")}}, `{"A":""}`},
		{"quote and backslash", []member{{"A", new(`a"b\c/d`)}}, `{"A":"a\"b\\c/d"}`},
		{"control characters", []member{{"A", new("\x00\b\f\n\r\t\x1f\x7f")}},
			`{"A":"\u0000\u0008\u000c\u000a\u000d\u0009\u001f` + "\x7f" + `"}`},
		{"beyond ASCII", []member{{"A", new("é€𝄞\u2028<&>")}}, "{\"A\":\"é€𝄞\u2028<&>\"}"},
		{"each byte that is not UTF-8", []member{{"A", new("a\xff\xc0\xafz")}}, "{\"A\":\"a\ufffd\ufffd\ufffdz\"}"},
		{"name", []member{{"a\"\n", new("x")}}, `{"a\"\u000a":"x"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var e awsjson.Encoder
			for _, m := range test.members {
				e.String(m.name, m.value)
			}
			if diff := cmp.Diff(test.want, string(e.Bytes())); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
		})
	}
}

// writeShape is the counterpart of readShape.
func writeShape(e *awsjson.Encoder, v *shape) {
	e.String("Text", v.Text)
	if v.Inner != nil {
		e.Object("Inner", func() { writeShape(e, v.Inner) })
	}
	if v.List != nil {
		e.List("List", len(v.List), func(i int) { writeShape(e, &v.List[i]) })
	}
	e.String("Other", v.Other)
	e.EpochSeconds("Time", v.Time)
	e.Int32("Count", v.Count)
	e.Bool("Flag", v.Flag)
	e.Strings("Texts", v.Texts)
	e.StringMap("Map", v.Map)
}

func TestEncoder_EveryKind(t *testing.T) {
	t.Parallel()
	at := func(millis int64) *time.Time { return new(time.UnixMilli(millis)) }
	for _, test := range []struct {
		name  string
		value shape
		want  string
	}{
		{"nothing", shape{}, `{}`},
		{"count", shape{Count: new(int32(-17))}, `{"Count":-17}`},
		{"zero", shape{Count: new(int32(0)), Flag: new(false), Text: new("")}, `{"Text":"","Count":0,"Flag":false}`},
		{"greatest count", shape{Count: new(int32(math.MaxInt32))}, `{"Count":2147483647}`},
		{"least count", shape{Count: new(int32(math.MinInt32))}, `{"Count":-2147483648}`},
		{"true", shape{Flag: new(true)}, `{"Flag":true}`},
		{"time", shape{Time: at(1700000000123)}, `{"Time":1700000000.123}`},
		{"whole second", shape{Time: at(1700000000000)}, `{"Time":1700000000}`},
		{"time before 1970", shape{Time: at(-1)}, `{"Time":-0.001}`},
		{"less than a millisecond", shape{Time: new(time.Unix(1, 999_999))}, `{"Time":1}`},
		{"last of all times", shape{Time: at(253402300799_999)}, `{"Time":253402300799.999}`},
		{"strings", shape{Texts: []string{"a", "", `"`}}, `{"Texts":["a","","\""]}`},
		{"no strings", shape{Texts: []string{}}, `{"Texts":[]}`},
		{"strings that look like syntax", shape{Texts: []string{"[", "{", "["}}, `{"Texts":["[","{","["]}`},
		{"map, sorted", shape{Map: map[string]string{"c": "1", "a": "2", "b": `\`}}, `{"Map":{"a":"2","b":"\\","c":"1"}}`},
		{"empty map", shape{Map: map[string]string{}}, `{"Map":{}}`},
		{"object", shape{Inner: &shape{Text: new("a")}, Other: new("b")}, `{"Inner":{"Text":"a"},"Other":"b"}`},
		{"empty objects", shape{Inner: &shape{Inner: &shape{}}, Other: new("b")}, `{"Inner":{"Inner":{}},"Other":"b"}`},
		{"list", shape{List: []shape{{Text: new("a")}, {}, {List: []shape{{}}}}, Other: new("b")},
			`{"List":[{"Text":"a"},{},{"List":[{}]}],"Other":"b"}`},
		{"empty list", shape{List: []shape{}}, `{"List":[]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var e awsjson.Encoder
			writeShape(&e, &test.value)
			got := string(e.Bytes())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("not JSON: %s", got)
			}
		})
	}
}

// An Encoder writes into the memory that it is given.
func TestEncoder_Buffer(t *testing.T) {
	t.Parallel()
	memory := make([]byte, 0, 64)
	e := awsjson.Encoder{Buffer: memory}
	e.String("A", new("x"))
	got := e.Bytes()
	if want := `{"A":"x"}`; string(got) != want || &got[0] != &memory[:1][0] {
		t.Errorf("got %s", got)
	}
}

// judgedShape is a shape as encoding/json reads it.
type judgedShape struct {
	Text, Other *string
	Time        *float64
	Count       *int32
	Flag        *bool
	Texts       []string
	Map         map[string]string
	Inner       *judgedShape
	List        []judgedShape
}

func (j *judgedShape) shape() shape {
	v := shape{Text: j.Text, Other: j.Other, Count: j.Count, Flag: j.Flag, Texts: j.Texts, Map: j.Map}
	if j.Time != nil {
		v.Time = new(time.UnixMilli(int64(math.Round(*j.Time * 1000))).UTC())
	}
	if j.Inner != nil {
		v.Inner = new(j.Inner.shape())
	}
	for _, element := range j.List {
		v.List = append(v.List, element.shape())
	}
	return v
}

// encoding/json and this package decode every encoded value alike.
func FuzzRoundTripOfEveryKind(f *testing.F) {
	f.Add("a,b", "x", int32(17), true, int64(1700000000123), 2)
	f.Add("", "", int32(math.MinInt32), false, int64(253402300799_999), 0)
	f.Add("[,{,\",\\", "\xff\x00", int32(-1), true, int64(-62135596800_000), 1)
	f.Fuzz(func(t *testing.T, text, other string, count int32, flag bool, millis int64, elements int) {
		const first, last = -62135596800_000, 253402300799_999 // milliseconds of the years 1 to 9999
		valid := func(s string) string { return string([]rune(s)) }
		at := time.UnixMilli(first + int64(uint64(millis)%(last-first+1))).UTC()
		want := shape{
			Text: new(valid(text)), Time: &at, Count: &count, Flag: &flag,
			Texts: strings.Split(valid(text), ","), Map: map[string]string{valid(text): valid(other), valid(other): valid(text)},
		}
		inner := want
		want.Inner, want.Other = &inner, new(valid(other))
		for range uint(elements) % 4 {
			want.List = append(want.List, inner)
		}

		var e awsjson.Encoder
		writeShape(&e, &want)
		body := e.Bytes()
		var judged judgedShape
		if err := json.Unmarshal(body, &judged); err != nil {
			t.Fatalf("encoding/json: %v\n%q", err, body)
		}
		if diff := cmp.Diff(want, judged.shape()); diff != "" {
			t.Errorf("encoding/json (-want +got):\n%s", diff)
		}
		got, err := decodeShape(string(body))
		if err != nil {
			t.Fatalf("decoder: %v\n%q", err, body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("decoder (-want +got):\n%s", diff)
		}
	})
}

// What is encoded, this package and encoding/json read back, with U+FFFD for
// each byte that is not UTF-8.
func FuzzRoundTrip(f *testing.F) {
	f.Add("ComputeName", "FleetId", "i-0123456789abcdef0", "fleet-1")
	f.Add("a\"b\\c", "\x00\x1f\x7f", "\u2028é𝄞", "\xff\xed\xa0\x80")
	f.Add("A", "A", "first", "last")
	f.Fuzz(func(t *testing.T, name1, name2, value1, value2 string) {
		var e awsjson.Encoder
		e.String(name1, &value1)
		e.String("", nil)
		e.String(name2, &value2)
		body := e.Bytes()

		valid := func(s string) string { return string([]rune(s)) }
		want := map[string]string{valid(name1): valid(value1)}
		want[valid(name2)] = valid(value2) // the same name: the last wins

		var judged map[string]string
		if err := json.Unmarshal(body, &judged); err != nil {
			t.Fatalf("encoding/json: %v\n%q", err, body)
		}
		if diff := cmp.Diff(want, judged); diff != "" {
			t.Errorf("encoding/json (-want +got):\n%s", diff)
		}

		d := awsjson.NewDecoder(body)
		got := make(map[string]string)
		for _, name := range []string{valid(name1), valid(name2)} {
			var s *string
			d.String(name, &s)
			if s != nil {
				got[name] = *s
			}
		}
		if err := d.Err(); err != nil {
			t.Fatalf("decoder: %v\n%q", err, body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("decoder (-want +got):\n%s", diff)
		}
	})
}
