package shape_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// whole has a member of every kind, all with the same trait.
type whole struct {
	Text    *string
	Count   *int32
	Flag    *bool
	Time    *time.Time
	Strings []string
	Map     map[string]string
	Object  *part
	List    []part

	Metadata middleware.Metadata
	trait    shape.Trait
}

func (w *whole) VisitMembers(v *shape.Visitor) {
	v.String("Text", &w.Text, w.trait)
	v.Int32("Count", &w.Count, w.trait)
	v.Bool("Flag", &w.Flag, w.trait)
	v.EpochSeconds("Time", &w.Time, w.trait)
	v.Strings("Strings", &w.Strings, w.trait)
	v.StringMap("Map", &w.Map, w.trait)
	shape.Object(v, "Object", &w.Object, w.trait)
	shape.List(v, "List", &w.List, w.trait)
	v.Metadata(&w.Metadata)
}

// part is a nested structure with a required and a secret member.
type part struct {
	ID     *string
	Key    *string
	Nested *part
}

func (p *part) VisitMembers(v *shape.Visitor) {
	v.String("ID", &p.ID, shape.Required)
	v.String("Key", &p.Key, shape.Secret)
	shape.Object(v, "Nested", &p.Nested, shape.Optional)
}

// full returns a structure with every member, and its wire form.
func full() (*whole, string) {
	return &whole{
			Text:    new("a"),
			Count:   new(int32(17)),
			Flag:    new(true),
			Time:    new(time.Date(2026, 11, 20, 10, 0, 0, 500e6, time.UTC)),
			Strings: []string{"b", "c"},
			Map:     map[string]string{"d": "e"},
			Object:  &part{ID: new("f"), Nested: &part{ID: new("g")}},
			List:    []part{{ID: new("h")}, {ID: new("i"), Key: new("j")}},
		}, `{"Text":"a","Count":17,"Flag":true,"Time":1795168800.5,"Strings":["b","c"],"Map":{"d":"e"},` +
			`"Object":{"ID":"f","Nested":{"ID":"g"}},"List":[{"ID":"h"},{"ID":"i","Key":"j"}]}`
}

var compare = cmp.Options{cmpopts.IgnoreUnexported(whole{}), cmpopts.IgnoreTypes(middleware.Metadata{})}

func TestEncode(t *testing.T) {
	t.Parallel()
	value, wire := full()
	empty := &whole{Strings: []string{}, Map: map[string]string{}, Object: &part{}, List: []part{}}
	for _, tt := range []struct {
		name  string
		value *whole
		want  string
	}{
		{"full", value, wire},
		{"nothing", &whole{}, `{}`},
		{"empty is not absent", empty, `{"Strings":[],"Map":{},"Object":{},"List":[]}`},
		{"zero is not absent", &whole{Text: new(""), Count: new(int32(0)), Flag: new(false)}, `{"Text":"","Count":0,"Flag":false}`},
	} {
		require.Equal(t, tt.want, string(new(shape.Visitor).Encode(tt.value, nil)), tt.name)
		got, err := shape.MarshalJSON(tt.value)
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got), tt.name)
	}
}

func TestEncode_Buffer(t *testing.T) {
	t.Parallel()
	value, wire := full()
	for _, buffer := range [][]byte{nil, {}, []byte("used before"), make([]byte, 0, 1024)} {
		require.Equal(t, wire, string(new(shape.Visitor).Encode(value, buffer)))
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	want, wire := full()
	var got whole
	require.NoError(t, shape.UnmarshalJSON([]byte(wire), &got))
	if diff := cmp.Diff(want, &got, compare); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	require.NoError(t, shape.UnmarshalJSON([]byte(`{"Text":null,"Strings":[],"Unknown":1}`), &got))
	want.Strings = []string{}
	if diff := cmp.Diff(want, &got, compare); diff != "" {
		t.Errorf("absent and null members change nothing (-want +got)\n%s", diff)
	}
}

func TestDecode_Malformed(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"Text":1}`:                      "member Text: a number where a string belongs",
		`{"Count":"1"}`:                   "member Count: a string where a number belongs",
		`{"Count":1.5}`:                   "member Count: not a 32-bit integer",
		`{"Flag":1}`:                      "member Flag: a number where a boolean belongs",
		`{"Time":"now"}`:                  "member Time: a string where a number belongs",
		`{"Strings":{}}`:                  "member Strings: an object where a list belongs",
		`{"Strings":["a",1]}`:             "member Strings[1]: a number where a string belongs",
		`{"Map":[]}`:                      "member Map: a list where an object belongs",
		`{"Map":{"secret":1}}`:            "member Map: a number where a string belongs",
		`{"Object":[]}`:                   "member Object: a list where an object belongs",
		`{"Object":{"Nested":{"Key":1}}}`: "member Object.Nested.Key: a number where a string belongs",
		`{"List":[{},{"Nested":{"Nested":"a"}}]}`: "member List[1].Nested.Nested: a string where an object belongs",
		`[]`: "a list where an object belongs",
		`{`:  "the body breaks off",
	} {
		var got whole
		err := shape.UnmarshalJSON([]byte(body), &got)
		require.ErrorContains(t, err, want, body)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	value, _ := full()
	with := func(trait shape.Trait, change func(*whole)) *whole {
		w := *value
		w.trait = trait
		change(&w)
		return &w
	}
	required := func(change func(*whole)) *whole { return with(shape.Required, change) }
	tests := []struct {
		name  string
		value *whole
		want  []string // the members that are missing
	}{
		{"everything is there", required(func(*whole) {}), nil},
		{"nothing is there", &whole{trait: shape.Required}, []string{"Text", "Count", "Flag", "Time", "Strings", "Map", "Object", "List"}},
		{"secrets can be needed", &whole{trait: shape.Required | shape.Secret, Text: new("a")}, []string{"Count", "Flag", "Time", "Strings", "Map", "Object", "List"}},
		{"nothing is needed", &whole{}, nil},
		{"secrets are not needed", &whole{trait: shape.Secret}, nil},
		{"empty string", required(func(w *whole) { w.Text = new("") }), []string{"Text"}},
		{"zero", required(func(w *whole) { w.Count, w.Flag, w.Time = new(int32(0)), new(false), new(time.Time{}) }), nil},
		{"empty lists and map", required(func(w *whole) { w.Strings, w.Map, w.List = []string{}, map[string]string{}, []part{} }), nil},
		{"in an object", required(func(w *whole) { w.Object = &part{} }), []string{"Object.ID"}},
		{"in objects", required(func(w *whole) { w.Object = &part{Nested: &part{}} }), []string{"Object.ID", "Object.Nested.ID"}},
		{"in elements", required(func(w *whole) { w.List = []part{{}, {ID: new("a")}, {ID: new("b"), Nested: &part{}}} }),
			[]string{"List[0].ID", "List[2].Nested.ID"}},
		{"in what is optional itself", with(shape.Optional, func(w *whole) { w.Object, w.List = &part{}, []part{{}} }), []string{"Object.ID", "List[0].ID"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := new(shape.Visitor).Validate("Do", tt.value)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			var invalid smithy.InvalidParamsError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, "DoInput", invalid.Context)
			var got []string
			for _, err := range invalid.Errs() {
				var missing *smithy.ParamRequiredError
				require.ErrorAs(t, err, &missing)
				field, ok := strings.CutPrefix(missing.Field(), "DoInput.")
				require.True(t, ok, missing.Field())
				got = append(got, field)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestLogValue(t *testing.T) {
	t.Parallel()
	value, _ := full()
	value.Object.Key = new("canary")
	print := func(s shape.Structure) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%v", formatted{s})
		return b.String()
	}
	const open = `Whole{Text:"a" Count:17 Flag:true Time:2026-11-20 10:00:00.5 +0000 UTC Strings:[b c] Map:map[d:e] ` +
		`Object:{ID:"f" Key:"REDACTED" Nested:{ID:"g"}} List:2}`
	require.Equal(t, open, print(value))
	value.trait = shape.Required
	require.Equal(t, open, print(value))

	for _, value.trait = range []shape.Trait{shape.Secret, shape.Required | shape.Secret} {
		require.Equal(t, `Whole{Text:"REDACTED" Count:"REDACTED" Flag:"REDACTED" Time:"REDACTED" Strings:"REDACTED" Map:"REDACTED" `+
			`Object:"REDACTED" List:"REDACTED"}`, print(value))
	}

	for _, trait := range []shape.Trait{shape.Optional, shape.Required, shape.Secret} {
		require.Equal(t, `Whole{}`, print(&whole{trait: trait}), "absent members are not shown")
	}

	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", shape.LogValue(value))
	var record struct{ V map[string]string }
	require.NoError(t, json.Unmarshal([]byte(log.String()), &record))
	require.Equal(t, "REDACTED", record.V["Map"])
}

type formatted struct{ shape.Structure }

func (f formatted) Format(state fmt.State, _ rune) { shape.Format(state, "Whole", f.Structure) }

func TestSetMetadata(t *testing.T) {
	t.Parallel()
	var md middleware.Metadata
	md.Set("key", "value")
	var v shape.Visitor
	v.SetMetadata(md) // nothing is decoded yet

	var first, last, input whole
	require.NoError(t, v.Decode([]byte(`{}`), &first))
	require.NoError(t, v.Decode([]byte(`{}`), &last))
	require.NoError(t, v.Validate("Do", &input))
	v.Encode(&input, nil)
	v.SetMetadata(md)
	require.Equal(t, "value", last.Metadata.Get("key"))
	require.False(t, first.Metadata.Has("key"))
	require.False(t, input.Metadata.Has("key"))
}
