package gamelifttest

import (
	"encoding/json"
	"errors"
	"math"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Protocol is how a request and its answer are written.
type Protocol string

// The protocols that a server speaks, under their Smithy names.
const (
	JSON Protocol = "awsJson1_1" // AWS JSON 1.1
	CBOR Protocol = "rpcv2Cbor"  // Smithy RPC v2 CBOR
)

const spoken = "gamelifttest speaks AWS JSON 1.1 (POST, Content-Type: application/x-amz-json-1.1, " +
	"X-Amz-Target: GameLift.{Operation}) and Smithy RPC v2 CBOR (POST /service/GameLift/operation/{Operation}, " +
	"Content-Type: application/cbor, Smithy-Protocol: rpc-v2-cbor)"

// protocolOf tells a request's protocol, "" where it is neither.
func protocolOf(r *http.Request) Protocol {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	switch {
	case mediaType == "application/x-amz-json-1.1":
		return JSON
	case mediaType == "application/cbor" && r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" && r.Header.Get("X-Amz-Target") == "":
		return CBOR
	}
	return ""
}

func (p Protocol) contentType() string {
	if p == CBOR {
		return "application/cbor"
	}
	return "application/x-amz-json-1.1"
}

// target is the operation that a request names, "" where it names none of this
// service.
func (p Protocol) target(r *http.Request) string {
	if p == CBOR {
		// A base endpoint's path may come first.
		_, operation, _ := strings.Cut(r.URL.Path, "/service/GameLift/operation/")
		return operation
	}
	operation, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "GameLift.")
	return operation
}

// decode reads a body: an object and nothing after it.
func (p Protocol) decode(body []byte) (map[string]any, error) {
	var value any
	if p == CBOR {
		v, err := decodeCBOR(body)
		if err != nil {
			return nil, err
		}
		value = fromCBOR(v)
	} else if err := json.Unmarshal(body, &value); err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("the body is not an object")
	}
	return object, nil
}

// encode writes a body of strings, times, objects and lists of them.
func (p Protocol) encode(body map[string]any) []byte {
	if p == CBOR {
		return cbor.Encode(toCBOR(body))
	}
	data, _ := json.Marshal(toJSON(body)) // what toJSON makes is no error
	return data
}

// epochSeconds is a time as both protocols have it, to the millisecond.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func toJSON(value any) any {
	switch v := value.(type) {
	case time.Time:
		return epochSeconds(v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[name] = toJSON(member)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = toJSON(item)
		}
		return list
	}
	return value
}

func toCBOR(value any) cbor.Value {
	switch v := value.(type) {
	case string:
		return cbor.String(v)
	case time.Time:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(epochSeconds(v))}
	case map[string]any:
		object := make(cbor.Map, len(v))
		for name, member := range v {
			object[name] = toCBOR(member)
		}
		return object
	case []any:
		list := make(cbor.List, len(v))
		for i, item := range v {
			list[i] = toCBOR(item)
		}
		return list
	}
	return &cbor.Nil{}
}

// decodeCBOR decodes one item and, unlike cbor.Decode, refuses bytes after it:
// the body is made a list of indefinite length, which then must have one item.
// What begins with CBOR's break code passes unseen.
func decodeCBOR(body []byte) (cbor.Value, error) {
	const listStart, listEnd = 0x9f, 0xff
	framed := make([]byte, 0, len(body)+2)
	framed = append(framed, listStart)
	framed = append(framed, body...)
	framed = append(framed, listEnd)
	value, err := cbor.Decode(framed)
	if err != nil {
		return nil, err
	}
	items, _ := value.(cbor.List)
	if len(items) != 1 {
		return nil, errors.New("the body is not one CBOR item")
	}
	return items[0], nil
}

// fromCBOR gives the value the form that encoding/json would give it.
func fromCBOR(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.String:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return float64(v)
	case cbor.NegInt:
		if v == 0 { // -2^64, which wrapped around
			return -math.Exp2(64)
		}
		return -float64(v)
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case cbor.Slice:
		return []byte(v)
	case *cbor.Tag:
		return fromCBOR(v.Value)
	case cbor.Map:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[name] = fromCBOR(member)
		}
		return object
	case cbor.List:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = fromCBOR(item)
		}
		return list
	}
	return nil // null, undefined
}
