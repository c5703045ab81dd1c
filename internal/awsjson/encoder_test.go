package awsjson_test

import (
	"encoding/json"
	"testing"

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
