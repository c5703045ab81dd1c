package awsjson

import (
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// Encoder writes one JSON object. Each method adds one member, in the order of
// the calls; a member whose value is nil is left out. The zero value is ready
// to use. An Encoder is not safe for concurrent use.
type Encoder struct {
	// Buffer holds the object without its closing brace. It can be set to an
	// empty slice whose memory the encoder then uses.
	Buffer []byte
}

// String adds a string. Each byte that is not UTF-8 is written as U+FFFD.
func (e *Encoder) String(name string, value *string) {
	if value != nil {
		e.name(name)
		e.Buffer = appendString(e.Buffer, *value)
	}
}

// Int32 adds a number.
func (e *Encoder) Int32(name string, value *int32) {
	if value != nil {
		e.name(name)
		e.Buffer = strconv.AppendInt(e.Buffer, int64(*value), 10)
	}
}

// Bool adds a boolean.
func (e *Encoder) Bool(name string, value *bool) {
	if value != nil {
		e.name(name)
		e.Buffer = strconv.AppendBool(e.Buffer, *value)
	}
}

// EpochSeconds adds a time as seconds since 1970, to the millisecond.
func (e *Encoder) EpochSeconds(name string, value *time.Time) {
	if value != nil {
		e.name(name)
		e.Buffer = strconv.AppendFloat(e.Buffer, float64(value.UnixMilli())/1000, 'f', -1, 64)
	}
}

// Strings adds a list of strings.
func (e *Encoder) Strings(name string, values []string) {
	if values == nil {
		return
	}
	e.name(name)
	e.Buffer = append(e.Buffer, '[')
	for _, value := range values {
		e.comma()
		e.Buffer = appendString(e.Buffer, value)
	}
	e.Buffer = append(e.Buffer, ']')
}

// StringMap adds a map of strings, sorted by key.
func (e *Encoder) StringMap(name string, values map[string]string) {
	if values == nil {
		return
	}
	e.Object(name, func() {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			e.name(key)
			e.Buffer = appendString(e.Buffer, values[key])
		}
	})
}

// Object adds an object of the members that write adds.
func (e *Encoder) Object(name string, write func()) {
	e.name(name)
	e.object(write)
}

// List adds a list of n objects. write adds the members of the i-th.
func (e *Encoder) List(name string, n int, write func(i int)) {
	e.name(name)
	e.Buffer = append(e.Buffer, '[')
	for i := range n {
		e.comma()
		e.object(func() { write(i) })
	}
	e.Buffer = append(e.Buffer, ']')
}

// Bytes returns the finished object. The encoder must not be used after it.
func (e *Encoder) Bytes() []byte {
	if len(e.Buffer) == 0 {
		return []byte("{}")
	}
	return append(e.Buffer, '}')
}

func (e *Encoder) object(write func()) {
	e.Buffer = append(e.Buffer, '{')
	write()
	e.Buffer = append(e.Buffer, '}')
}

// name begins a member.
func (e *Encoder) name(name string) {
	if cap(e.Buffer) == 0 {
		e.Buffer = make([]byte, 0, 256) // a name and an ID, or two ARNs
	}
	if len(e.Buffer) == 0 {
		e.Buffer = append(e.Buffer, '{')
	}
	e.comma()
	e.Buffer = appendString(e.Buffer, name)
	e.Buffer = append(e.Buffer, ':')
}

// comma separates the next member or element from the one before it.
func (e *Encoder) comma() {
	if last := e.Buffer[len(e.Buffer)-1]; last != '{' && last != '[' {
		e.Buffer = append(e.Buffer, ',')
	}
}

func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	n := skipOrdinary(s, 0)
	dst = append(dst, s[:n]...)
	for _, r := range s[n:] {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		default:
			// range yields U+FFFD for each byte that is not UTF-8.
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
