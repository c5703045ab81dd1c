package gamelifttest

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// toCBOR returns the CBOR value of one of the types that Protocol.encode accepts.
func toCBOR(value any) cbor.Value {
	switch v := value.(type) {
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case int64:
		if v < 0 {
			return cbor.NegInt(-v)
		}
		return cbor.Uint(v)
	case float64:
		return cbor.Float64(v)
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

// decodeCBOR decodes a body that is one CBOR item. The result has the types that
// encoding/json would use, and []byte for a byte string.
func decodeCBOR(body []byte) (any, error) {
	rest, err := skipCBOR(body)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errors.New("there is more after the CBOR item")
	}
	value, err := cbor.Decode(body)
	if err != nil {
		return nil, err
	}
	return fromCBOR(value), nil
}

var (
	errCBORTruncated = errors.New("the CBOR item is truncated")
	errCBORMalformed = errors.New("the CBOR item is malformed")
)

// skipCBOR returns the data after its first CBOR item. It returns an error for a
// length that is greater than the rest of the data, which cbor.Decode of
// smithy-go accepts. See https://www.rfc-editor.org/rfc/rfc8949#section-3
func skipCBOR(data []byte) (rest []byte, err error) {
	if len(data) == 0 {
		return nil, errCBORTruncated
	}
	const (
		byteString, textString, list, object, tag = 2, 3, 4, 5, 6
		indefinite, breakCode                     = 31, 0xff
	)
	major, info, data := data[0]>>5, data[0]&0x1f, data[1:]
	if info == indefinite {
		if major < byteString || major > object {
			return nil, errCBORMalformed
		}
		for {
			if len(data) > 0 && data[0] == breakCode {
				return data[1:], nil
			}
			if data, err = skipCBOR(data); err != nil {
				return nil, err
			}
		}
	}
	argument := uint64(info)
	switch {
	case info >= 28:
		return nil, errCBORMalformed
	case info >= 24:
		size := 1 << (info - 24)
		if len(data) < size {
			return nil, errCBORTruncated
		}
		var padded [8]byte
		copy(padded[8-size:], data[:size])
		argument, data = binary.BigEndian.Uint64(padded[:]), data[size:]
	}
	items := uint64(0)
	switch major {
	case byteString, textString:
		if argument > uint64(len(data)) {
			return nil, errCBORTruncated
		}
		return data[argument:], nil
	case list:
		items = argument
	case object:
		items = 2 * argument
		if argument > math.MaxUint64/2 {
			return nil, errCBORTruncated
		}
	case tag:
		items = 1
	}
	for range items { // each takes at least one byte, so that this ends with the data
		if data, err = skipCBOR(data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// fromCBOR returns the value that encoding/json would decode from the same data,
// and []byte for a byte string.
func fromCBOR(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.String:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return float64(v)
	case cbor.NegInt:
		if v == 0 { // -2^64, which overflowed
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
	return nil // null or undefined
}
