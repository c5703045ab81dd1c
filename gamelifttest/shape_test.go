package gamelifttest_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// encodeInput encodes an input in the protocol.
func encodeInput(protocol gamelifttest.Protocol, value any) []byte {
	if protocol == gamelifttest.JSON {
		data, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return data
	}
	var encode func(any) cbor.Value
	encode = func(value any) cbor.Value {
		switch v := value.(type) {
		case string:
			return cbor.String(v)
		case bool:
			return cbor.Bool(v)
		case int:
			if v < 0 {
				return cbor.NegInt(-v)
			}
			return cbor.Uint(v)
		case float64:
			return cbor.Float64(v)
		case []any:
			list := cbor.List{}
			for _, item := range v {
				list = append(list, encode(item))
			}
			return list
		case map[string]any:
			object := cbor.Map{}
			for name, member := range v {
				object[name] = encode(member)
			}
			return object
		}
		return &cbor.Nil{}
	}
	return cbor.Encode(encode(value))
}

// An operation with a member of every kind works in both protocols.
func TestServer_fourthOperation(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon)).WithFourthOperation()
	since := float64(noon.Add(-90*60*1e9).UnixMilli())/1000 + 0.25
	served := func(body map[string]any) reply { return reply{Status: 200, body: body} }
	wrong := func(message string) reply {
		return reply{Status: 400, Code: frontDoor + "SerializationException", Message: message}
	}
	for name, tt := range map[string]struct {
		input map[string]any
		want  reply
	}{
		"everything": {
			map[string]any{
				"Name": "thing", "Note": "a note", "Count": 42, "Active": true, "Tags": []any{"a", ""},
				"Ports":  []any{map[string]any{"From": 7777, "Protocol": "UDP"}, map[string]any{"From": -2, "Other": 1}},
				"Labels": map[string]any{"k": "v", "": "w"}, "Since": since, "Unknown": []any{1},
			},
			served(map[string]any{
				"Name": "thing", "Note": "a note", "Count": -42.0, "Active": false, "Tags": []any{"a", "", "last"},
				"Ports":  []any{map[string]any{"To": 7778.0}, map[string]any{"To": -1.0}},
				"Labels": map[string]any{"k": "v", "": "w"}, "Since": since + 3600, "Age": 1.5 - 0.25/3600,
			}),
		},
		"only what is required": {map[string]any{"Name": "thing"}, served(map[string]any{"Name": "thing"})},
		"null members": {
			map[string]any{"Name": "thing", "Note": nil, "Count": nil, "Active": nil, "Tags": nil, "Ports": nil, "Labels": nil, "Since": nil},
			served(map[string]any{"Name": "thing"}),
		},
		"empty ones": {
			map[string]any{"Name": "", "Note": "", "Count": 0, "Active": false, "Tags": []any{}, "Ports": []any{}, "Labels": map[string]any{}, "Since": 0.0},
			served(map[string]any{
				"Name": "", "Note": "", "Count": 0.0, "Active": true, "Tags": []any{"last"}, "Ports": []any{}, "Labels": map[string]any{},
				"Since": 3600.0, "Age": float64(noon.Unix()) / 3600,
			}),
		},
		"the largest integer": {
			map[string]any{"Name": "x", "Count": 1<<53 - 1}, served(map[string]any{"Name": "x", "Count": float64(-(1<<53 - 1))}),
		},
		"without what is required": {
			map[string]any{"Note": "x"},
			reply{Status: 400, Code: "com.amazon.coral.validate#ValidationException",
				Message: "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"},
		},
		"an error of its own":        {map[string]any{"Name": "none"}, reply{Status: 400, Code: modelled + "NotFoundException", Message: "There is no such thing."}},
		"number for a string":        {map[string]any{"Note": 1}, wrong("Note is not a string")},
		"string for an integer":      {map[string]any{"Count": "1"}, wrong("Count is not an integer")},
		"fraction for an integer":    {map[string]any{"Count": 1.5}, wrong("Count is not an integer")},
		"integer out of range":       {map[string]any{"Count": 1e300}, wrong("Count is not an integer")},
		"number for a boolean":       {map[string]any{"Active": 1}, wrong("Active is not a boolean")},
		"string for a list":          {map[string]any{"Tags": "a"}, wrong("Tags is not a list")},
		"number in a list":           {map[string]any{"Tags": []any{"a", 1}}, wrong("Tags[1] is not a string")},
		"null in a list":             {map[string]any{"Tags": []any{nil}}, wrong("Tags[0] is not a string")},
		"string in a list":           {map[string]any{"Ports": []any{"7777"}}, wrong("Ports[0] is not a structure")},
		"wrong member in a list":     {map[string]any{"Ports": []any{map[string]any{"From": true}}}, wrong("Ports[0].From is not an integer")},
		"list for a map":             {map[string]any{"Labels": []any{}}, wrong("Labels is not a map")},
		"number in a map":            {map[string]any{"Labels": map[string]any{"k": 1}}, wrong(`Labels["k"] is not a string`)},
		"string for a timestamp":     {map[string]any{"Since": "2026-03-14T12:00:00Z"}, wrong("Since is not a timestamp")},
		"timestamp of another epoch": {map[string]any{"Since": 1e18}, wrong("Since is not a timestamp")},
	} {
		for _, protocol := range bothProtocols {
			t.Run(name+"/"+string(protocol), func(t *testing.T) {
				t.Parallel()
				m := ask(protocol, "DescribeThing", nil)
				m.body = encodeInput(protocol, tt.input)
				got := send(t, server, m.request(t, server.URL()))
				got.body = numbers(got.body).(map[string]any)
				if got.Status != 200 {
					got.body = nil
				}
				got.header = nil
				if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(reply{}), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
					t.Errorf("response (-want +got):\n%s", diff)
				}
			})
		}
	}
	m := ask(gamelifttest.CBOR, "DescribeThing", nil)
	m.body = encodeInput(gamelifttest.CBOR, map[string]any{"Since": math.NaN()})
	if diff := cmp.Diff(wrong("Since is not a timestamp"), send(t, server, m.request(t, server.URL())), cmpopts.IgnoreUnexported(reply{})); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
}

// numbers converts the numbers and booleans of CBOR to the types of decoded JSON.
func numbers(value any) any {
	switch v := value.(type) {
	case cbor.Uint:
		return float64(v)
	case cbor.NegInt:
		return -float64(v)
	case cbor.Float64:
		return float64(v)
	case cbor.Bool:
		return bool(v)
	case map[string]any:
		for name := range v {
			v[name] = numbers(v[name])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	}
	return value
}
