package awsjson

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"
)

// Decoder reads one JSON object by member name. Names match exactly, case
// included. If a name occurs twice, the last member wins, as in encoding/json.
// Members that no method asks for are skipped, whatever their type and depth.
// If a member is absent or null, its destination is left untouched.
//
// After the first error nothing more is read, and Err returns that error. The
// decoded strings share memory with one copy of the body. A Decoder is not safe
// for concurrent use.
type Decoder struct {
	text string
	err  *syntaxError

	// members has the members of each object that is being read, outermost
	// first. Those of the innermost object start at scope.
	members []member
	scope   int
	fixed   [12]member // the first backing array of members

	strings []string // backing memory of decoded strings
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// member is a name and the position of its value.
type member struct {
	name       string
	start, end int
	plain      bool // the value is a string without escapes or invalid UTF-8
}

// NewDecoder copies the body and checks all of it: its syntax, that it is one
// complete object, and that nothing follows. An empty or blank body and null
// count as the empty object. Err returns the error, if any.
func NewDecoder(body []byte) *Decoder {
	d := decoders.Get().(*Decoder)
	d.text = string(body)
	d.members = d.fixed[:0]
	start := skipSpace(d.text, 0)
	if start == len(d.text) {
		return d
	}
	end := skipSpace(d.text, d.scan(start))
	if d.err != nil {
		return d
	}
	if end < len(d.text) {
		d.fail("", end, "data after the object")
		return d
	}
	if k := kindOf(d.text[start]); k != object && k != null {
		d.fail("", start, mismatch(k, object))
	}
	return d
}

// Release lets another Decoder use the memory of d, but not the memory of what d
// decoded. It is optional. d must not be used after it.
func (d *Decoder) Release() {
	*d = Decoder{} // so that it keeps no body alive
	decoders.Put(d)
}

// Err returns the first error, or nil. Its text has the full path of the member,
// such as ContainerIdentifiers[2].ContainerName, and the offset in bytes from the
// start of the body. It never contains a value.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil // a nil *syntaxError in an error is not nil
	}
	return d.err
}

// String reads a string. A lone surrogate and each byte that is not UTF-8
// become U+FFFD, as in encoding/json.
func (d *Decoder) String(name string, dst **string) {
	m, ok := d.find(name, str)
	if !ok {
		return
	}
	if len(d.strings) == cap(d.strings) {
		d.strings = make([]string, 0, 8)
	}
	d.strings = append(d.strings, d.unquote(m.start, m.end, m.plain))
	*dst = &d.strings[len(d.strings)-1]
}

// Int32 reads an integer. A fraction, an exponent or a number outside the range
// of an int32 is an error.
func (d *Decoder) Int32(name string, dst **int32) {
	m, ok := d.find(name, number)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(d.text[m.start:m.end], 10, 32)
	if err != nil {
		d.fail(name, m.start, "not a 32-bit integer")
		return
	}
	*dst = new(int32(n))
}

// Bool reads a boolean.
func (d *Decoder) Bool(name string, dst **bool) {
	if m, ok := d.find(name, boolean); ok {
		*dst = new(d.text[m.start] == 't')
	}
}

// EpochSeconds reads a number of seconds since 1970 as a time in UTC, rounded
// to the millisecond. A time outside the years 1 to 9999 is an error.
func (d *Decoder) EpochSeconds(name string, dst **time.Time) {
	m, ok := d.find(name, number)
	if !ok {
		return
	}
	// The only possible error is a range error, which returns an infinity.
	seconds, _ := strconv.ParseFloat(d.text[m.start:m.end], 64)
	millis := math.Round(seconds * 1000)
	if millis < minMillis || millis > maxMillis {
		d.fail(name, m.start, "outside the years 1 to 9999")
		return
	}
	t := time.UnixMilli(int64(millis)).UTC()
	*dst = &t
}

// The first and the last millisecond of the years 1 to 9999, since 1970.
const (
	minMillis = -62135596800_000
	maxMillis = 253402300799_999
)

// Strings reads a list of strings. An empty list gives an empty slice that is
// not nil. Elements that are null are dropped.
func (d *Decoder) Strings(name string, dst *[]string) {
	values := []string{}
	found := d.elements(name, str, func(start int) int {
		end, plain, _ := scanString(d.text, start)
		values = append(values, d.unquote(start, end, plain))
		return end
	})
	if found {
		*dst = values
	}
}

// StringMap reads an object whose members are all strings. Members that are null
// are dropped.
func (d *Decoder) StringMap(name string, dst *map[string]string) {
	m, ok := d.find(name, object)
	if !ok {
		return
	}
	values := map[string]string{}
	d.object(m.start, func() {
		for _, entry := range d.members[d.scope:] {
			switch k := kindOf(d.text[entry.start]); k {
			case str:
				values[entry.name] = d.unquote(entry.start, entry.end, entry.plain)
			case null:
				delete(values, entry.name)
			default:
				d.fail("", entry.start, mismatch(k, str)) // a key may be secret
				return
			}
		}
	})
	if d.err != nil {
		d.err.path = name
		return
	}
	*dst = values
}

// Object reads an object. While read runs, the decoder's methods read the
// members of that object.
func Object[T any](d *Decoder, name string, dst **T, read func(*Decoder, *T)) {
	m, ok := d.find(name, object)
	if !ok {
		return
	}
	v := new(T)
	d.object(m.start, func() { read(d, v) })
	if d.err != nil {
		d.err.path = name + "." + d.err.path
		return
	}
	*dst = v
}

// List reads a list of objects, each as Object does. An empty list gives an
// empty slice that is not nil. Elements that are null are dropped.
func List[T any](d *Decoder, name string, dst *[]T, read func(*Decoder, *T)) {
	values := make([]T, 0, 4)
	found := d.elements(name, object, func(start int) int {
		values = append(values, *new(T))
		return d.object(start, func() { read(d, &values[len(values)-1]) })
	})
	if found {
		*dst = values
	}
}

// elements calls read with the offset of each element of a list that is not
// null; read returns the offset after the element. An element that is not of the
// wanted kind is an error. elements reports whether the list is present and
// valid.
func (d *Decoder) elements(name string, want kind, read func(start int) (end int)) bool {
	m, ok := d.find(name, list)
	if !ok {
		return false
	}
	// The syntax has been checked, so that only the elements matter.
	i := skipSpace(d.text, m.start+1)
	for n := 0; d.text[i] != ']'; n++ {
		switch k := kindOf(d.text[i]); k {
		case null:
			i += len("null")
		case want:
			i = read(i)
			if d.err != nil {
				d.err.path = fmt.Sprintf("%s[%d].%s", name, n, d.err.path)
				return false
			}
		default:
			d.fail(fmt.Sprintf("%s[%d]", name, n), i, mismatch(k, want))
			return false
		}
		i = skipSpace(d.text, i)
		if d.text[i] == ',' {
			i = skipSpace(d.text, i+1)
		}
	}
	return true
}

// object calls read. Until read returns, the decoder's methods see the members
// of the object at start. object returns the offset after that object.
func (d *Decoder) object(start int, read func()) (end int) {
	outer := d.scope
	d.scope = len(d.members)
	end = d.scan(start)
	read()
	d.members = d.members[:d.scope]
	d.scope = outer
	return end
}

// find returns the member of that name. It reports false if the member is absent
// or null, or after an error. A value of another kind is an error.
func (d *Decoder) find(name string, want kind) (m member, ok bool) {
	if d.err != nil {
		return member{}, false
	}
	for i := len(d.members) - 1; i >= d.scope; i-- {
		if d.members[i].name != name {
			continue
		}
		m = d.members[i]
		switch k := kindOf(d.text[m.start]); k {
		case want:
			return m, true
		case null:
		default:
			d.fail(name, m.start, mismatch(k, want))
		}
		return member{}, false
	}
	return member{}, false
}

// unquote returns the value of the string literal from start to end.
func (d *Decoder) unquote(start, end int, plain bool) string {
	if plain {
		return d.text[start+1 : end-1]
	}
	var s string
	// Escapes are rare in responses. The literal has been checked, so that
	// there is no error.
	_ = json.Unmarshal([]byte(d.text[start:end]), &s)
	return s
}

// kind is the type of a JSON value, as the text of an error names it.
type kind string

const (
	object  kind = "an object"
	list    kind = "a list"
	str     kind = "a string"
	number  kind = "a number"
	boolean kind = "a boolean"
	null    kind = "null"
)

// kindOf returns the kind of the valid value that starts with first.
func kindOf(first byte) kind {
	switch first {
	case '{':
		return object
	case '[':
		return list
	case '"':
		return str
	case 't', 'f':
		return boolean
	case 'n':
		return null
	default:
		return number
	}
}

func mismatch(got, want kind) string {
	return fmt.Sprintf("%s where %s belongs", got, want)
}

// syntaxError describes an invalid body by path and offset. It has no part of
// a value.
type syntaxError struct {
	path   string // "" if no member can be named
	offset int
	text   string
}

func (e *syntaxError) Error() string {
	if e.path == "" {
		return fmt.Sprintf("%s at offset %d", e.text, e.offset)
	}
	return fmt.Sprintf("member %s: %s at offset %d", e.path, e.text, e.offset)
}

func (d *Decoder) fail(path string, offset int, text string) {
	d.err = &syntaxError{path: path, offset: offset, text: text}
}
