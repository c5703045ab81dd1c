package awsjson_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

// shape has a member of every type that the decoder reads.
type shape struct {
	Text, Other *string
	Time        *time.Time
	Count       *int32
	Flag        *bool
	Texts       []string
	Map         map[string]string
	Inner       *shape
	List        []shape
}

func readShape(d *awsjson.Decoder, v *shape) {
	d.String("Text", &v.Text)
	awsjson.Object(d, "Inner", &v.Inner, readShape)
	awsjson.List(d, "List", &v.List, readShape)
	d.String("Other", &v.Other)
	d.EpochSeconds("Time", &v.Time)
	d.Int32("Count", &v.Count)
	d.Bool("Flag", &v.Flag)
	d.Strings("Texts", &v.Texts)
	d.StringMap("Map", &v.Map)
}

func decodeShape(body string) (shape, error) {
	var v shape
	d := awsjson.NewDecoder([]byte(body))
	readShape(d, &v)
	return v, d.Err()
}

func TestDecoder(t *testing.T) {
	t.Parallel()
	text := func(s string) shape { return shape{Text: &s} }
	at := func(s string) shape {
		v, err := time.Parse(time.RFC3339Nano, s)
		require.NoError(t, err)
		return shape{Time: &v}
	}
	for _, test := range []struct {
		name string
		body string
		want shape
	}{
		{"empty", "", shape{}},
		{"blank", " \t\r\n", shape{}},
		{"null", " null ", shape{}},
		{"empty object", "{}", shape{}},
		{"empty object with space", "\n{ \t}\r", shape{}},
		{"space everywhere", " {\t\"Text\" \n:\r \"a\" , \"Other\" : \"b\" } ", shape{Text: new("a"), Other: new("b")}},

		{"string", `{"Text":"a b"}`, text("a b")},
		{"empty string", `{"Text":""}`, text("")},
		{"null string", `{"Text":null}`, shape{}},
		{"short escapes", `{"Text":"\"\\\/\b\f\n\r\t"}`, text("\"\\/\b\f\n\r\t")},
		{"code units", `{"Text":"\u0041\u00e9\u20AC\u0000"}`, text("Aé€\x00")},
		{"surrogate pair", `{"Text":"\ud834\uDD1E"}`, text("𝄞")},
		{"lone high surrogate", `{"Text":"a\ud834z"}`, text("a\ufffdz")},
		{"lone low surrogate", `{"Text":"\udd1e"}`, text("\ufffd")},
		{"two high surrogates", `{"Text":"\ud834\ud834\udd1e"}`, text("\ufffd𝄞")},
		{"surrogate before another escape", `{"Text":"\ud834\n"}`, text("\ufffd\n")},
		{"beyond ASCII", `{"Text":"é€𝄞"}`, text("é€𝄞")},
		{"delete is no control character", "{\"Text\":\"\x7f\"}", text("\x7f")},
		{"not UTF-8", "{\"Text\":\"a\xffb\xe2\x82\"}", text("a\ufffdb\ufffd\ufffd")},
		{"surrogate as UTF-8", "{\"Text\":\"\xed\xa0\x80\"}", text("\ufffd\ufffd\ufffd")},
		{"what looks like syntax", `{"Text":"]},{\"Other\":\"b\"}"}`, text(`]},{"Other":"b"}`)},

		{"name with escapes", `{"\u0054e\u0078t":"a"}`, text("a")},
		{"other case", `{"text":"a","TEXT":"b"}`, shape{}},
		{"name that begins alike", `{"Tex":"a","Textual":"b"}`, shape{}},
		{"duplicate", `{"Text":"a","Other":"b","Text":"c"}`, shape{Text: new("c"), Other: new("b")}},
		{"duplicate with escapes", `{"Text":"a","\u0054ext":"c"}`, text("c")},
		{"duplicate that is null", `{"Text":"a","Text":null}`, shape{}},
		{"duplicate of another type", `{"Text":1,"Text":"a"}`, text("a")},
		{"duplicate objects do not merge", `{"Inner":{"Text":"a"},"Inner":{"Other":"b"}}`,
			shape{Inner: &shape{Other: new("b")}}},

		{"integer", `{"Time":1700000000}`, at("2023-11-14T22:13:20Z")},
		{"fraction", `{"Time":1700000000.123}`, at("2023-11-14T22:13:20.123Z")},
		{"exponent", `{"Time":1.700000000123E+9}`, at("2023-11-14T22:13:20.123Z")},
		{"negative exponent", `{"Time":17e-1}`, at("1970-01-01T00:00:01.7Z")},
		{"rounded down", `{"Time":1700000000.1234}`, at("2023-11-14T22:13:20.123Z")},
		{"rounded up", `{"Time":1700000000.1236}`, at("2023-11-14T22:13:20.124Z")},
		{"zero", `{"Time":0}`, at("1970-01-01T00:00:00Z")},
		{"minus zero", `{"Time":-0}`, at("1970-01-01T00:00:00Z")},
		{"zero with exponent", `{"Time":0e+99}`, at("1970-01-01T00:00:00Z")},
		{"before 1970", `{"Time":-1.001}`, at("1969-12-31T23:59:58.999Z")},
		{"as small as nothing", `{"Time":1e-999}`, at("1970-01-01T00:00:00Z")},
		{"first of all times", `{"Time":-62135596800}`, at("0001-01-01T00:00:00Z")},
		{"last of all times", `{"Time":253402300799.999}`, at("9999-12-31T23:59:59.999Z")},
		{"null time", `{"Time":null}`, shape{}},

		{"count", `{"Count":17}`, shape{Count: new(int32(17))}},
		{"count of zero", `{"Count":0}`, shape{Count: new(int32(0))}},
		{"count of minus zero", `{"Count":-0}`, shape{Count: new(int32(0))}},
		{"least count", `{"Count":-2147483648}`, shape{Count: new(int32(math.MinInt32))}},
		{"greatest count", `{"Count":2147483647}`, shape{Count: new(int32(math.MaxInt32))}},
		{"null count", `{"Count":null}`, shape{}},

		{"true", `{"Flag":true}`, shape{Flag: new(true)}},
		{"false", `{"Flag":false}`, shape{Flag: new(false)}},
		{"null flag", `{"Flag":null}`, shape{}},

		{"strings", `{"Texts": [ "a" ,"","\u00e9\n"] ,"Text":"b"}`, shape{Text: new("b"), Texts: []string{"a", "", "é\n"}}},
		{"no strings", `{"Texts":[]}`, shape{Texts: []string{}}},
		{"null strings", `{"Texts":[null,"a",null]}`, shape{Texts: []string{"a"}}},
		{"null list of strings", `{"Texts":null}`, shape{}},
		{"strings in list", `{"List":[{"Texts":["a"]},{"Texts":["b","c"]}]}`,
			shape{List: []shape{{Texts: []string{"a"}}, {Texts: []string{"b", "c"}}}}},
		{"strings that look like syntax", `{"Texts":["]",",","\"]"]}`, shape{Texts: []string{"]", ",", `"]`}}},

		{"map", `{"Map":{"a":"b","\u00e9":"\n","":""},"Text":"c"}`,
			shape{Text: new("c"), Map: map[string]string{"a": "b", "é": "\n", "": ""}}},
		{"empty map", `{"Map":{}}`, shape{Map: map[string]string{}}},
		{"null map", `{"Map":null}`, shape{}},
		{"null value in map", `{"Map":{"a":null,"b":"c"}}`, shape{Map: map[string]string{"b": "c"}}},
		{"duplicate in map", `{"Map":{"a":"b","a":"c"}}`, shape{Map: map[string]string{"a": "c"}}},
		{"duplicate in map that is null", `{"Map":{"a":"b","a":null}}`, shape{Map: map[string]string{}}},
		{"map in object", `{"Inner":{"Map":{"Text":"a"},"Text":"b"}}`,
			shape{Inner: &shape{Text: new("b"), Map: map[string]string{"Text": "a"}}}},

		{"object", `{"Inner":{"Text":"a"},"Text":"b"}`, shape{Text: new("b"), Inner: &shape{Text: new("a")}}},
		{"object without members", `{"Inner":{}}`, shape{Inner: &shape{}}},
		{"null object", `{"Inner":null}`, shape{}},
		{"an object sees its own members alone", `{"Text":"a","Inner":{"Other":"b"},"Time":0}`,
			shape{Text: new("a"), Time: new(time.Unix(0, 0).UTC()), Inner: &shape{Other: new("b")}}},
		{"an element sees its own members alone", `{"List":[{"Other":"b","Text":"c"},{"Time":0}]}`,
			shape{List: []shape{{Other: new("b"), Text: new("c")}, {Time: new(time.Unix(0, 0).UTC())}}}},
		{"objects in objects", `{"Inner":{"Inner":{"Inner":{"Text":"a"}},"Text":"b"},"Other":"c"}`,
			shape{Other: new("c"), Inner: &shape{Text: new("b"), Inner: &shape{Inner: &shape{Text: new("a")}}}}},

		{"list", `{"List":[{"Text":"a"},{"Other":"b"}],"Text":"c"}`,
			shape{Text: new("c"), List: []shape{{Text: new("a")}, {Other: new("b")}}}},
		{"list with space", `{"List": [ { "Text" : "a" } , { } ] }`, shape{List: []shape{{Text: new("a")}, {}}}},
		{"empty list", `{"List":[]}`, shape{List: []shape{}}},
		{"empty list with space", `{"List":[ ]}`, shape{List: []shape{}}},
		{"list of null", `{"List":[null, null ]}`, shape{List: []shape{}}},
		{"null elements", `{"List":[null,{"Text":"a"},null,{"Text":"b"}]}`,
			shape{List: []shape{{Text: new("a")}, {Text: new("b")}}}},
		{"null list", `{"List":null}`, shape{}},
		{"list in list", `{"List":[{"List":[{"Text":"a"}]},{"Text":"b"}]}`,
			shape{List: []shape{{List: []shape{{Text: new("a")}}}, {Text: new("b")}}}},

		{"unknown members of any type", `{"u1":[1,-0.5e-7,"x",[[]],{"Text":"no"}],"u2":{"Text":"no","":{}},` +
			`"u3":true,"u4":false,"u5":null,"u6":"\u0000","":0,"Text":"a"}`, text("a")},
		{"deep unknown members", `{"u1":` + strings.Repeat(`[{"Text":`, 50_000) + `0` + strings.Repeat(`}]`, 50_000) +
			`,"Text":"a"}`, text("a")},
		{"more members than the index holds at first", `{"Text":"a",` + strings.Repeat(`"u":{"Text":0},`, 100) +
			`"Inner":{"Other":"b",` + strings.Repeat(`"u":0,`, 100) + `"Text":"c"},"Other":"d"}`,
			shape{Text: new("a"), Other: new("d"), Inner: &shape{Text: new("c"), Other: new("b")}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeShape(test.body)
			require.NoError(t, err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Time != nil && got.Time.Location() != time.UTC {
				t.Errorf("time is in %v, want UTC", got.Time.Location())
			}
		})
	}
}

// canary is a secret in a value; no error may show it.
const canary = "C4n4rY"

func TestDecoderFaults(t *testing.T) {
	t.Parallel()
	const (
		broken = "invalid JSON"
		ends   = "the body breaks off"
	)
	for _, test := range []struct {
		name string
		body string
		want string
	}{
		{"number for string", `{"Text":424242}`, "member Text: a number where a string belongs at offset 8"},
		{"boolean for string", `{"Text": true}`, "member Text: a boolean where a string belongs at offset 9"},
		{"false for string", `{"Text":false}`, "member Text: a boolean where a string belongs at offset 8"},
		{"object for string", `{"Text":{"a":"C4n4rY"}}`, "member Text: an object where a string belongs at offset 8"},
		{"list for string", `{"Text":["C4n4rY"]}`, "member Text: a list where a string belongs at offset 8"},
		{"string for time", `{"Time":"C4n4rY"}`, "member Time: a string where a number belongs at offset 8"},
		{"number in a string for time", `{"Time":"424242"}`, "member Time: a string where a number belongs at offset 8"},
		{"string for object", `{"Inner":"C4n4rY"}`, "member Inner: a string where an object belongs at offset 9"},
		{"list for object", `{"Inner":["C4n4rY"]}`, "member Inner: a list where an object belongs at offset 9"},
		{"object for list", `{"List":{"C4n4rY":"C4n4rY"}}`, "member List: an object where a list belongs at offset 8"},
		{"string in list", `{"List":["C4n4rY"]}`, "member List[0]: a string where an object belongs at offset 9"},
		{"list in list", `{"List":[null,{},[]]}`, "member List[2]: a list where an object belongs at offset 17"},
		{"last duplicate", `{"Text":"C4n4rY","Text":424242}`, "member Text: a number where a string belongs at offset 24"},

		{"in object", `{"Inner":{"Text":424242}}`, "member Inner.Text: a number where a string belongs at offset 17"},
		{"in objects", `{"Text":"a","Inner":{"Inner":{"Time":"C4n4rY"}}}`,
			"member Inner.Inner.Time: a string where a number belongs at offset 37"},
		{"in list", `{"List":[{},null,{"Text":424242}]}`, "member List[2].Text: a number where a string belongs at offset 25"},
		{"in lists", `{"Inner":{"List":[{"List":[{},"C4n4rY"]}]}}`,
			"member Inner.List[0].List[1]: a string where an object belongs at offset 30"},
		{"first fault sticks", `{"Text":1,"Other":2,"Time":"C4n4rY","Inner":3,"List":4}`,
			"member Text: a number where a string belongs at offset 8"},
		{"first fault in object sticks", `{"Inner":{"Text":1,"Inner":2},"List":[3]}`,
			"member Inner.Text: a number where a string belongs at offset 17"},
		{"first fault in list sticks", `{"List":[{"Text":1},{"Text":2}]}`,
			"member List[0].Text: a number where a string belongs at offset 17"},

		{"string for count", `{"Count":"C4n4rY"}`, "member Count: a string where a number belongs at offset 9"},
		{"count too great", `{"Count":4242422147483648}`, "member Count: not a 32-bit integer at offset 9"},
		{"one more than the greatest count", `{"Count":2147483648}`, "member Count: not a 32-bit integer at offset 9"},
		{"one less than the least count", `{"Count":-2147483649}`, "member Count: not a 32-bit integer at offset 9"},
		{"count with a fraction", `{"Count":424242.0}`, "member Count: not a 32-bit integer at offset 9"},
		{"count with an exponent", `{"Count":424242e0}`, "member Count: not a 32-bit integer at offset 9"},
		{"number for flag", `{"Flag":424242}`, "member Flag: a number where a boolean belongs at offset 8"},
		{"string for flag", `{"Flag":"C4n4rY"}`, "member Flag: a string where a boolean belongs at offset 8"},
		{"string for strings", `{"Texts":"C4n4rY"}`, "member Texts: a string where a list belongs at offset 9"},
		{"number in strings", `{"Texts":["C4n4rY",null,424242]}`, "member Texts[2]: a number where a string belongs at offset 24"},
		{"object in strings", `{"Texts":[{"C4n4rY":"C4n4rY"}]}`, "member Texts[0]: an object where a string belongs at offset 10"},
		{"strings in list", `{"List":[{"Texts":[true]}]}`, "member List[0].Texts[0]: a boolean where a string belongs at offset 19"},
		{"list for map", `{"Map":["C4n4rY"]}`, "member Map: a list where an object belongs at offset 7"},
		{"number in map", `{"Map":{"C4n4rY":424242}}`, "member Map: a number where a string belongs at offset 17"},
		{"map in object", `{"Inner":{"Map":{"C4n4rY":[]}}}`, "member Inner.Map: a list where a string belongs at offset 26"},

		{"before year 1", `{"Time":-62135596800.001}`, "member Time: outside the years 1 to 9999 at offset 8"},
		{"after year 9999", `{"Time":253402300800}`, "member Time: outside the years 1 to 9999 at offset 8"},
		{"rounded to after year 9999", `{"Time":253402300799.9996}`, "member Time: outside the years 1 to 9999 at offset 8"},
		{"milliseconds", `{"Time":1700000000000}`, "member Time: outside the years 1 to 9999 at offset 8"},
		{"out of every range", `{"Time":1e999}`, "member Time: outside the years 1 to 9999 at offset 8"},
		{"out of every range below", `{"Time":-1e999}`, "member Time: outside the years 1 to 9999 at offset 8"},

		{"top-level list", ` [{"Text":"C4n4rY"}]`, "a list where an object belongs at offset 1"},
		{"top-level string", `"C4n4rY"`, "a string where an object belongs at offset 0"},
		{"top-level number", `424242`, "a number where an object belongs at offset 0"},
		{"top-level boolean", `false`, "a boolean where an object belongs at offset 0"},
		{"HTML", `<html>C4n4rY</html>`, broken + " at offset 0"},
		{"BOM", "\ufeff{}", broken + " at offset 0"},
		{"BOM alone", "\ufeff", broken + " at offset 0"},
		{"UTF-16", "{\x00}\x00", broken + " at offset 1"},
		{"other space", "{}\u00a0", "data after the object at offset 2"},
		{"word after the object", `{"Text":"C4n4rY"}C4n4rY`, "data after the object at offset 17"},
		{"second object", "{} {}", "data after the object at offset 3"},
		{"brace after the object", "{}}", "data after the object at offset 2"},
		{"data after null", "null null", "data after the object at offset 5"},
		{"longer word", "nullC4n4rY", "data after the object at offset 4"},

		{"nothing but a brace", "{", ends + " at offset 1"},
		{"truncated name", `{"C4n4r`, ends + " at offset 7"},
		{"no colon yet", `{"C4n4rY"`, ends + " at offset 9"},
		{"no value yet", `{"Text":`, "member Text: " + ends + " at offset 8"},
		{"truncated string", `{"Text":"a","Other":"C4n4rY`, "member Other: " + ends + " at offset 27"},
		{"truncated after backslash", `{"Text":"C4n4rY\`, "member Text: " + ends + " at offset 16"},
		{"truncated escape", `{"Text":"C4n4rY\u00`, "member Text: " + ends + " at offset 19"},
		{"truncated word", `{"Text":tru`, "member Text: " + ends + " at offset 11"},
		{"truncated number", `{"Time":-`, "member Time: " + ends + " at offset 9"},
		{"truncated fraction", `{"Time":424242.`, "member Time: " + ends + " at offset 15"},
		{"truncated exponent", `{"Time":424242e+`, "member Time: " + ends + " at offset 16"},
		{"no end after a value", `{"Text":"C4n4rY"`, "member Text: " + ends + " at offset 16"},
		{"no member after comma", `{"Text":"C4n4rY",`, ends + " at offset 17"},
		{"truncated in object", `{"Text":"a","Inner":{"Text":"b","Other":"C4n4rY`,
			"member Inner.Other: " + ends + " at offset 47"},
		{"truncated name in object", `{"Inner":{"Text":"b","C4n4r`, "member Inner: " + ends + " at offset 27"},
		{"truncated after object", `{"Inner":{"Text":"C4n4rY"}`, "member Inner: " + ends + " at offset 26"},
		{"truncated list", `{"List":[`, "member List[0]: " + ends + " at offset 9"},
		{"truncated in list", `{"List":[{"Text":"a"},null,{"Other":"b","Text":"C4n4rY`,
			"member List[2].Text: " + ends + " at offset 54"},
		{"truncated after lists", `{"u":[[],[0,1]],"List":[0,[1,2],[3,4`, "member List[2][1]: " + ends + " at offset 36"},
		{"truncated in lists of lists", `[[[[0,1]],[[`, "member [0][1][0][0]: " + ends + " at offset 12"},
		{"truncated top-level list", `[{"Text":"C4n4rY`, "member [0].Text: " + ends + " at offset 16"},
		{"truncated deep down", `{"a":{"b":{"c":{"d":{"e":"C4n4rY`, "member a.b.c.d: " + ends + " at offset 32"},
		{"truncated unknown member", `{"_u9":["C4n4rY`, "member _u9[0]: " + ends + " at offset 15"},
		{"broken unknown member", `{"Text":"a","u":{"v":[C4n4rY]}}`, "member u.v[0]: " + broken + " at offset 22"},

		{"names that are no names are not shown", `{"a":{"C4n4rY=":{"b":C4n4rY`, "member a: " + broken + " at offset 21"},
		{"names as long as secrets are not shown", `{"` + strings.Repeat(canary, 6) + `":x`, broken + " at offset 40"},
		{"names with escapes are not shown", `{"C4n4rY\n":x`, broken + " at offset 12"},
		{"names without a value are not shown", `{"Text":"a","C4n4rY"}`, broken + " at offset 20"},

		{"comma for a value", `{"Text":,}`, "member Text: " + broken + " at offset 8"},
		{"comma after last member", `{"Text":"C4n4rY",}`, broken + " at offset 17"},
		{"comma before first member", `{,"Text":"C4n4rY"}`, broken + " at offset 1"},
		{"two commas", `{"Text":"C4n4rY",,"Other":"b"}`, broken + " at offset 17"},
		{"no comma", `{"Text":"C4n4rY" "Other":"b"}`, "member Text: " + broken + " at offset 17"},
		{"no colon", `{"Text" "C4n4rY"}`, broken + " at offset 8"},
		{"two colons", `{"Text"::"C4n4rY"}`, "member Text: " + broken + " at offset 8"},
		{"comma for colon", `{"Text","C4n4rY"}`, broken + " at offset 7"},
		{"name without quotes", `{Text:"C4n4rY"}`, broken + " at offset 1"},
		{"name with single quotes", `{'Text':"C4n4rY"}`, broken + " at offset 1"},
		{"name that is a number", `{1:"C4n4rY"}`, broken + " at offset 1"},
		{"value without quotes", `{"Text":C4n4rY}`, "member Text: " + broken + " at offset 8"},
		{"quote in a string", `{"Text":"a"C4n4rY"}`, "member Text: " + broken + " at offset 11"},
		{"comma after last element", `{"u":[1,]}`, "member u[1]: " + broken + " at offset 8"},
		{"comma before first element", `{"u":[,1]}`, "member u[0]: " + broken + " at offset 6"},
		{"colon in list", `{"u":["a":"C4n4rY"]}`, "member u[0]: " + broken + " at offset 9"},
		{"bracket for brace", `{"Text":"C4n4rY"]`, "member Text: " + broken + " at offset 16"},
		{"brace for bracket", `{"u":["C4n4rY"}}`, "member u[0]: " + broken + " at offset 14"},
		{"comment", `{/*C4n4rY*/}`, broken + " at offset 1"},

		{"newline in string", "{\"Text\":\"C4n4rY\n\"}", "member Text: " + broken + " at offset 15"},
		{"NUL in string", "{\"Text\":\"C4n4rY\x00\"}", "member Text: " + broken + " at offset 15"},
		{"last control character in string", "{\"Text\":\"C4n4rY\x1f\"}", "member Text: " + broken + " at offset 15"},
		{"control character in name", "{\"C4n4rY\t\":1}", broken + " at offset 8"},
		{"unknown escape", `{"Text":"C4n4rY\x"}`, "member Text: " + broken + " at offset 16"},
		{"escaped single quote", `{"Text":"\'"}`, "member Text: " + broken + " at offset 10"},
		{"upper-case escape", `{"Text":"\N"}`, "member Text: " + broken + " at offset 10"},
		{"short escape", `{"Text":"\u12C"}`, "member Text: " + broken + " at offset 14"},
		{"bad hex digit", `{"Text":"\u004g"}`, "member Text: " + broken + " at offset 14"},
		{"bad hex digit below", "{\"Text\":\"\\u004`\"}", "member Text: " + broken + " at offset 14"},

		{"leading zero", `{"Time":01}`, "member Time: " + broken + " at offset 9"},
		{"leading zero below zero", `{"Time":-01}`, "member Time: " + broken + " at offset 10"},
		{"plus", `{"Time":+1}`, "member Time: " + broken + " at offset 8"},
		{"minus alone", `{"Time":-}`, "member Time: " + broken + " at offset 9"},
		{"two minuses", `{"Time":--1}`, "member Time: " + broken + " at offset 9"},
		{"no digit before the point", `{"Time":.5}`, "member Time: " + broken + " at offset 8"},
		{"no digit after the point", `{"Time":1.}`, "member Time: " + broken + " at offset 10"},
		{"no digit in the exponent", `{"Time":1e}`, "member Time: " + broken + " at offset 10"},
		{"no digit in the signed exponent", `{"Time":1e-}`, "member Time: " + broken + " at offset 11"},
		{"point in the exponent", `{"Time":1e1.5}`, "member Time: " + broken + " at offset 11"},
		{"hexadecimal", `{"Time":0x1}`, "member Time: " + broken + " at offset 9"},
		{"underscore", `{"Time":1_0}`, "member Time: " + broken + " at offset 9"},
		{"NaN", `{"Time":NaN}`, "member Time: " + broken + " at offset 8"},
		{"infinity", `{"Time":-Infinity}`, "member Time: " + broken + " at offset 9"},
		{"wrong case of true", `{"u":True}`, "member u: " + broken + " at offset 5"},
		{"misspelt true", `{"u":trua}`, "member u: " + broken + " at offset 8"},
		{"misspelt false", `{"u":fals3}`, "member u: " + broken + " at offset 9"},
		{"misspelt null", `{"u":nu11}`, "member u: " + broken + " at offset 7"},

		{"a MiB of brackets", strings.Repeat("[", 1<<20), "member [0][0][0][0]: " + ends + " at offset 1048576"},
		{"a MiB of objects", strings.Repeat(`{"":`, 1<<18), ends + " at offset 1048576"},
		{"brackets within", `{"u":` + strings.Repeat("[", 1<<20), "member u[0][0][0]: " + ends + " at offset 1048581"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeShape(test.body)
			require.Error(t, err)
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
				printed := fmt.Sprintf(verb, err)
				if strings.Contains(printed, canary) || strings.Contains(printed, "424242") {
					t.Errorf("%s prints a value: %s", verb, printed)
				}
			}
		})
	}
}

func TestDecoderKeepsDestination(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body string }{
		{"empty body", ``},
		{"absent", `{"u":{"Text":"a","Time":1,"Count":1,"Flag":true,"Texts":[],"Map":{},"Inner":{},"List":[]}}`},
		{"null", `{"Text":null,"Time":null,"Count":null,"Flag":null,"Texts":null,"Map":null,"Inner":null,"List":null}`},
		{"fault of syntax", `{"Text":"a","Time":1,"Count":1,"Flag":true,"Texts":[],"Map":{},"Inner":{},"List":[],}`},
		{"fault of type before", `{"Other":0,"Text":"a","Time":1,"Count":1,"Flag":true,"Texts":[],"Map":{},"Inner":{},"List":[]}`},
		{"fault within", `{"Inner":{"Text":0},"List":[{}]}`},
		{"fault in an element", `{"List":[{},{"Text":0}]}`},
		{"fault in a string", `{"Texts":["a",0],"Map":{}}`},
		{"fault in a map", `{"Map":{"a":"b","c":0}}`},
		{"fault in a count", `{"Count":1.5}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := shape{
				Text:  new("before"),
				Time:  new(time.Unix(1, 0)),
				Count: new(int32(17)),
				Flag:  new(false),
				Texts: []string{"before"},
				Map:   map[string]string{"be": "fore"},
				Inner: &shape{Text: new("before")},
				List:  []shape{{}, {}, {}},
			}
			got := want
			d := awsjson.NewDecoder([]byte(test.body))
			d.String("Other", &got.Other)
			readShape(d, &got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecoderReplacesDestination(t *testing.T) {
	t.Parallel()
	got := shape{
		Text:  new("before"),
		Texts: []string{"before", "before"},
		Map:   map[string]string{"before": "before"},
		Inner: &shape{Text: new("before"), Other: new("before")},
		List:  []shape{{Text: new("before")}, {}},
	}
	text, texts, entries, inner := got.Text, got.Texts, got.Map, got.Inner
	d := awsjson.NewDecoder([]byte(`{"Text":"a","Texts":["d"],"Map":{"e":"f"},"Inner":{"Text":"b"},"List":[{"Other":"c"}]}`))
	readShape(d, &got)
	require.NoError(t, d.Err())
	want := shape{
		Text: new("a"), Texts: []string{"d"}, Map: map[string]string{"e": "f"},
		Inner: &shape{Text: new("b")}, List: []shape{{Other: new("c")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if *text != "before" || texts[0] != "before" || len(entries) != 1 || *inner.Other != "before" {
		t.Error("wrote to the value that was there")
	}
}

// Every string has a place of its own, however many there are, and none
// follows the caller's buffer.
func TestDecoderStringsStandAlone(t *testing.T) {
	t.Parallel()
	const n = 100
	body := []byte("{")
	for i := range n {
		body = fmt.Appendf(body, `"m%d":"value %d",`, i, i)
	}
	body[len(body)-1] = '}'
	d := awsjson.NewDecoder(body)
	clear(body)
	got := make([]*string, n)
	for i := range n {
		d.String(fmt.Sprintf("m%d", i), &got[i])
	}
	require.NoError(t, d.Err())
	for i := range n {
		require.NotNil(t, got[i])
		if want := fmt.Sprintf("value %d", i); *got[i] != want {
			t.Errorf("m%d is %q, want %q", i, *got[i], want)
		}
		*got[i] = "changed"
	}
}

func TestDecoderZeroValue(t *testing.T) {
	t.Parallel()
	var d awsjson.Decoder
	var s *string
	d.String("Text", &s)
	require.NoError(t, d.Err())
	require.Nil(t, s)
}

// What a Decoder returned stays as it is when another takes over its memory.
func TestDecoder_Release(t *testing.T) {
	t.Parallel()
	const body = `{"Text":"a","Time":1,"Texts":["b"],"Map":{"c":"d"},"Inner":{"Text":"e"},"List":[{"Text":"f"}]}`
	want, err := decodeShape(body)
	require.NoError(t, err)
	for range 100 {
		var got shape
		d := awsjson.NewDecoder([]byte(body))
		readShape(d, &got)
		d.Release()

		var faulty shape
		other := awsjson.NewDecoder([]byte(strings.ToUpper(body)))
		other.String("TEXT", &faulty.Text)
		other.Int32("MAP", &faulty.Count)
		require.Error(t, other.Err())
		err := other.Err().Error()
		other.Release()

		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		require.Equal(t, "member MAP: an object where a number belongs at offset 41", err)
	}
}

// TestDecoder_OrdinaryBytes has each byte at each place of a long string.
func TestDecoder_OrdinaryBytes(t *testing.T) {
	t.Parallel()
	for b := range 256 {
		for at := range 40 {
			text := []byte(strings.Repeat("x", 40))
			text[at] = byte(b)
			body := []byte(`{"Text":"` + string(text) + `"}`)
			var want struct{ Text *string }
			wantErr := json.Unmarshal(body, &want)
			got, err := decodeShape(string(body))
			if (wantErr == nil) != (err == nil) {
				t.Fatalf("byte %#x at %d: %v, encoding/json: %v", b, at, err, wantErr)
			}
			if diff := cmp.Diff(want.Text, got.Text); err == nil && diff != "" {
				t.Errorf("byte %#x at %d (-want +got):\n%s", b, at, diff)
			}
		}
	}
}
