package awsjson_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

// FuzzDecoder has encoding/json for a judge. The two differ by design where a
// body is blank, nests deeper than 10,000 (encoding/json refuses), and holds
// duplicate members, of which the judge sees the last alone, too.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(``))
	f.Add([]byte(` null `))
	f.Add(tokenBody)
	f.Add([]byte(`{"Credentials":{"AccessKeyId":"a"},"ContainerIdentifiers":[{"ContainerName":"b"},null,{}]}`))
	f.Add([]byte(`{"a":"\ud834\udd1e\ud834\/","a":[1,[{"b":null}]],"t":-1.5e-3,"\u0061":"` + "\xff" + `"}`))
	f.Add([]byte(`{"a":01}`))
	f.Add([]byte(`{"a":["b",null,"\n"],"c":{"d":"e","f":null,"d":"g"},"h":true,"i":-2147483648,"j":2147483648,"k":1e1}`))
	f.Add([]byte(`{"a":[1,],}`))
	f.Add([]byte("\ufeff{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(body, &want)
		if tooDeepForJudge(wantErr) {
			return
		}
		if len(bytes.Trim(body, " \t\r\n")) == 0 {
			wantErr = nil
		}
		decode := func(read func(*awsjson.Decoder)) error {
			d := awsjson.NewDecoder(body)
			read(d)
			return d.Err()
		}
		err := decode(func(*awsjson.Decoder) {})
		requireAgreement(t, wantErr, err)
		if err != nil {
			require.Regexp(t, anyError, err.Error())
			return
		}
		judgeObject(t, want, decode)
	})
}

// anyError has no room for a value: what is not the package's own text is the
// path, and that of at most four steps.
var anyError = regexp.MustCompile(`^(member (\.?\w{1,32}|\[\d+\]){1,4}: )?` +
	`(invalid JSON|the body breaks off|data after the object|an? (list|string|number|boolean) where an object belongs)` +
	` at offset \d+$`)

func tooDeepForJudge(err error) bool {
	return err != nil && strings.Contains(err.Error(), "exceeded max depth")
}

func requireAgreement(t *testing.T, want, got error) {
	t.Helper()
	if (want == nil) != (got == nil) {
		require.FailNow(t, "disagreement", "encoding/json: %v\ndecoder: %v", want, got)
	}
}

// judgeObject reads every member in every way. decode calls its argument with a
// new decoder that reads the object in question.
func judgeObject(t *testing.T, want map[string]json.RawMessage, decode func(func(*awsjson.Decoder)) error) {
	for name, raw := range want {
		var text, wantText *string
		err := decode(func(d *awsjson.Decoder) { d.String(name, &text) })
		requireAgreement(t, json.Unmarshal(raw, &wantText), err)
		if diff := cmp.Diff(wantText, text); err == nil && diff != "" {
			t.Errorf("string %q (-want +got):\n%s", name, diff)
		}

		var at *time.Time
		err = decode(func(d *awsjson.Decoder) { d.EpochSeconds(name, &at) })
		judgeTime(t, raw, at, err)

		judgePlain(t, name, raw, decode, (*awsjson.Decoder).Int32)
		judgePlain(t, name, raw, decode, (*awsjson.Decoder).Bool)
		judgeStrings(t, name, raw, decode)
		judgeStringMap(t, name, raw, decode)

		var members map[string]json.RawMessage
		nested := func(read func(*awsjson.Decoder)) error {
			return decode(func(d *awsjson.Decoder) {
				var v *struct{}
				awsjson.Object(d, name, &v, func(d *awsjson.Decoder, _ *struct{}) { read(d) })
			})
		}
		err = nested(func(*awsjson.Decoder) {})
		requireAgreement(t, json.Unmarshal(raw, &members), err)
		if err == nil {
			judgeObject(t, members, nested)
		}

		judgeList(t, name, raw, decode)
	}
}

// judgePlain compares a number or a boolean.
func judgePlain[T any](
	t *testing.T, name string, raw []byte, decode func(func(*awsjson.Decoder)) error, read func(*awsjson.Decoder, string, **T),
) {
	t.Helper()
	var want, got *T
	wantErr := json.Unmarshal(raw, &want)
	err := decode(func(d *awsjson.Decoder) { read(d, name, &got) })
	requireAgreement(t, wantErr, err)
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Errorf("%q (-want +got):\n%s", name, diff)
	}
}

func judgeStrings(t *testing.T, name string, raw []byte, decode func(func(*awsjson.Decoder)) error) {
	t.Helper()
	var elements []*string
	wantErr := json.Unmarshal(raw, &elements)
	var want, got []string
	if elements != nil {
		want = []string{}
	}
	for _, element := range elements {
		if element != nil {
			want = append(want, *element)
		}
	}
	err := decode(func(d *awsjson.Decoder) { d.Strings(name, &got) })
	requireAgreement(t, wantErr, err)
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Errorf("strings %q (-want +got):\n%s", name, diff)
	}
}

func judgeStringMap(t *testing.T, name string, raw []byte, decode func(func(*awsjson.Decoder)) error) {
	t.Helper()
	var entries map[string]*string
	wantErr := json.Unmarshal(raw, &entries)
	var want, got map[string]string
	if entries != nil {
		want = map[string]string{}
	}
	for key, value := range entries {
		if value != nil {
			want[key] = *value
		}
	}
	err := decode(func(d *awsjson.Decoder) { d.StringMap(name, &got) })
	requireAgreement(t, wantErr, err)
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Errorf("map %q (-want +got):\n%s", name, diff)
	}
}

func judgeTime(t *testing.T, raw []byte, got *time.Time, err error) {
	t.Helper()
	var want *json.Number
	if raw[0] == '"' {
		require.Error(t, err) // json.Number takes numbers in strings
		return
	}
	wantErr := json.Unmarshal(raw, &want)
	if wantErr != nil || want == nil {
		requireAgreement(t, wantErr, err)
		require.Nil(t, got)
		return
	}
	exact, _, parseErr := big.ParseFloat(want.String(), 10, 200, big.ToNearestEven)
	if parseErr != nil {
		return // an exponent that the judge cannot hold
	}
	exact.Mul(exact, big.NewFloat(1000))
	const slack = 0.52 // half a millisecond, and what a float64 loses in the year 9999
	first, last := big.NewFloat(-62135596800_000-slack), big.NewFloat(253402300799_999+slack)
	if err != nil {
		inside := exact.Cmp(new(big.Float).Add(first, big.NewFloat(1))) > 0 &&
			exact.Cmp(new(big.Float).Sub(last, big.NewFloat(1))) < 0
		if inside {
			t.Errorf("%s: %v", raw, err)
		}
		return
	}
	require.NotNil(t, got)
	if exact.Cmp(first) < 0 || exact.Cmp(last) > 0 {
		t.Errorf("%s gives %v, want a fault", raw, got)
		return
	}
	off, _ := exact.Sub(exact, new(big.Float).SetInt64(got.UnixMilli())).Float64()
	if off < -slack || off > slack || got.Location() != time.UTC || got.Nanosecond()%1e6 != 0 {
		t.Errorf("%s gives %v, off by %v ms", raw, got, off)
	}
}

// judgeList compares the strings in the elements.
func judgeList(t *testing.T, name string, raw []byte, decode func(func(*awsjson.Decoder)) error) {
	t.Helper()
	var elements []map[string]json.RawMessage
	wantErr := json.Unmarshal(raw, &elements)

	var want, got []map[string]string
	if elements != nil {
		want = []map[string]string{}
	}
	for _, element := range elements {
		if element != nil {
			texts := make(map[string]string)
			for member, raw := range element {
				var s string
				if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
					texts[member] = s
				}
			}
			want = append(want, texts)
		}
	}
	err := decode(func(d *awsjson.Decoder) {
		n := 0
		awsjson.List(d, name, &got, func(d *awsjson.Decoder, texts *map[string]string) {
			*texts = make(map[string]string)
			if n >= len(want) {
				return
			}
			for member := range want[n] {
				var s *string
				d.String(member, &s)
				if s != nil {
					(*texts)[member] = *s
				}
			}
			n++
		})
	})
	requireAgreement(t, wantErr, err)
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Errorf("list %q (-want +got):\n%s", name, diff)
	}
}
