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
	buf []byte // the object without its closing brace
}

// String adds a string. Each byte that is not UTF-8 is written as U+FFFD.
func (e *Encoder) String(name string, value *string) {
	if value != nil {
		e.name(name)
		e.buf = appendString(e.buf, *value)
	}
}

// Int32 adds a number.
func (e *Encoder) Int32(name string, value *int32) {
	if value != nil {
		e.name(name)
		e.buf = strconv.AppendInt(e.buf, int64(*value), 10)
	}
}

// Bool adds a boolean.
func (e *Encoder) Bool(name string, value *bool) {
	if value != nil {
		e.name(name)
		e.buf = strconv.AppendBool(e.buf, *value)
	}
}

// EpochSeconds adds a time as seconds since 1970, to the millisecond.
func (e *Encoder) EpochSeconds(name string, value *time.Time) {
	if value != nil {
		e.name(name)
		e.buf = strconv.AppendFloat(e.buf, float64(value.UnixMilli())/1000, 'f', -1, 64)
	}
}

// Strings adds a list of strings.
func (e *Encoder) Strings(name string, values []string) {
	if values == nil {
		return
	}
	e.name(name)
	e.buf = append(e.buf, '[')
	for _, value := range values {
		e.comma()
		e.buf = appendString(e.buf, value)
	}
	e.buf = append(e.buf, ']')
}

// StringMap adds a map of strings, sorted by key.
func (e *Encoder) StringMap(name string, values map[string]string) {
	if values == nil {
		return
	}
	e.Object(name, func() {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			e.name(key)
			e.buf = appendString(e.buf, values[key])
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
	e.buf = append(e.buf, '[')
	for i := range n {
		e.comma()
		e.object(func() { write(i) })
	}
	e.buf = append(e.buf, ']')
}

// Bytes returns the finished object. The encoder must not be used after it.
func (e *Encoder) Bytes() []byte {
	if len(e.buf) == 0 {
		return []byte("{}")
	}
	return append(e.buf, '}')
}

func (e *Encoder) object(write func()) {
	e.buf = append(e.buf, '{')
	write()
	e.buf = append(e.buf, '}')
}

// name begins a member.
func (e *Encoder) name(name string) {
	if e.buf == nil {
		e.buf = make([]byte, 0, 256) // a name and an ID, or two ARNs
	}
	if len(e.buf) == 0 {
		e.buf = append(e.buf, '{')
	}
	e.comma()
	e.buf = appendString(e.buf, name)
	e.buf = append(e.buf, ':')
}

// comma separates the next member or element from the one before it.
func (e *Encoder) comma() {
	if last := e.buf[len(e.buf)-1]; last != '{' && last != '[' {
		e.buf = append(e.buf, ',')
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
