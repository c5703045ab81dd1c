package awsjson_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

var tokenBody = []byte(`{"FleetId":"fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"FleetArn":"arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa",` +
	`"ComputeName":"HardwareAnywhere",` +
	`"ComputeArn":"arn:aws:gamelift:us-west-2:111122223333:compute/HardwareAnywhere",` +
	`"AuthToken":"0c728041-3e84-4aaa-b927-a0fb202684c0","ExpirationTimestamp":1.7e9}`)

type tokenInput struct {
	ComputeName *string `json:",omitempty"`
	FleetId     *string `json:",omitempty"`
}

type tokenOutput struct {
	FleetId, FleetArn, ComputeName, ComputeArn, AuthToken *string
	ExpirationTimestamp                                   *time.Time
}

// tokenOperation holds the two functions as callers of the package do: called
// through a variable, they cost what they cost there.
var tokenOperation = struct {
	encode func(*awsjson.Encoder, *tokenInput)
	decode func(*awsjson.Decoder, *tokenOutput)
}{
	encode: func(e *awsjson.Encoder, in *tokenInput) {
		e.String("ComputeName", in.ComputeName)
		e.String("FleetId", in.FleetId)
	},
	decode: func(d *awsjson.Decoder, out *tokenOutput) {
		d.String("AuthToken", &out.AuthToken)
		d.String("ComputeArn", &out.ComputeArn)
		d.String("ComputeName", &out.ComputeName)
		d.EpochSeconds("ExpirationTimestamp", &out.ExpirationTimestamp)
		d.String("FleetArn", &out.FleetArn)
		d.String("FleetId", &out.FleetId)
	},
}

var exampleInput = &tokenInput{
	ComputeName: new("HardwareAnywhere"),
	FleetId:     new("fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"),
}

func encodeToken(in *tokenInput) []byte {
	var e awsjson.Encoder
	tokenOperation.encode(&e, in)
	return e.Bytes()
}

func decodeToken(body []byte, out *tokenOutput) error {
	d := awsjson.NewDecoder(body)
	tokenOperation.decode(d, out)
	return d.Err()
}

// Not parallel: the count is the whole process's.
func TestAllocations(t *testing.T) {
	var out tokenOutput
	elements := strings.Repeat("0,", 10_000) + "0"
	unknown := []byte(`{"u":[` + elements + `],"v":{"w":[` + elements + `]},` + string(tokenBody[1:]))
	list := []byte("[" + elements + "]")
	beyondASCII := bytes.ReplaceAll(tokenBody, []byte("Hardware"), []byte("Gerät"))
	for _, test := range []struct {
		name string
		most float64
		run  func()
	}{
		{"encode", 2, func() { encodeToken(exampleInput) }},
		{"decode", 4, func() { _ = decodeToken(tokenBody, &out) }},
		{"decode beyond ASCII", 4, func() { _ = decodeToken(beyondASCII, &out) }},
		{"decode and skip", 4, func() { _ = decodeToken(unknown, &out) }},
		{"decode a list", 6, func() { _ = decodeToken(list, &out) }},
	} {
		if got := testing.AllocsPerRun(100, test.run); got > test.most {
			t.Errorf("%s: %v allocations, want %v at most", test.name, got, test.most)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	b.Run("awsjson", func(b *testing.B) {
		var out tokenOutput
		b.ReportAllocs()
		for b.Loop() {
			if err := decodeToken(tokenBody, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		var out struct {
			FleetId, FleetArn, ComputeName, ComputeArn, AuthToken *string
			ExpirationTimestamp                                   *float64
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(tokenBody, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	const want = `{"ComputeName":"HardwareAnywhere","FleetId":"fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"}`
	var got []byte
	b.Run("awsjson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			got = encodeToken(exampleInput)
		}
		if string(got) != want {
			b.Fatalf("got %s", got)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			got, _ = json.Marshal(exampleInput)
		}
		if string(got) != want {
			b.Fatalf("got %s", got)
		}
	})
}
