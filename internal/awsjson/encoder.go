package awsjson

import "unicode/utf8"

// Encoder writes one JSON object of the members that are set. The zero value
// is ready to use. It is not safe for concurrent use.
type Encoder struct {
	buf []byte // the object without its closing brace
}

// String adds a member in the order of the calls; a nil value is left out.
// Invalid UTF-8 is written as U+FFFD.
func (e *Encoder) String(name string, value *string) {
	if value == nil {
		return
	}
	if e.buf == nil {
		// Holds a name, an ID or two ARNs without growing.
		e.buf = append(make([]byte, 0, 256), '{')
	} else {
		e.buf = append(e.buf, ',')
	}
	e.buf = appendString(e.buf, name)
	e.buf = append(e.buf, ':')
	e.buf = appendString(e.buf, *value)
}

// Bytes returns the finished object, "{}" when nothing was set. The encoder
// must not be used after it.
func (e *Encoder) Bytes() []byte {
	if e.buf == nil {
		return []byte("{}")
	}
	return append(e.buf, '}')
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
