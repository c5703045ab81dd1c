package awsjson

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Decoder reads one JSON object by member name. Names match exactly, case
// included; of a duplicate member the last wins, as in encoding/json; members
// that nobody asks for are skipped, whatever their type and depth. A member
// that is absent or null leaves its destination untouched.
//
// The first fault sticks: from then on nothing is read, and Err returns it.
// What was decoded shares memory with one copy of the body. A Decoder is not
// safe for concurrent use.
type Decoder struct {
	text string
	err  *fault

	// The members of the objects that are being read, outermost first; those
	// of the innermost one, which the getters see, start at scope.
	members []member
	scope   int
	fixed   [12]member // the first backing array of members

	slab []string // where decoded strings live; a full one is left to them
}

// member is one name and where its value stands.
type member struct {
	name       string
	start, end int
	plain      bool // a string value that stands for itself between its quotes
}

// NewDecoder checks the whole body: its syntax, that it is complete, that
// nothing follows it, and that it is an object. An empty or blank body and
// null are the empty object. A fault shows in Err. The body is copied.
func NewDecoder(body []byte) *Decoder {
	d := &Decoder{text: string(body)}
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

// Err returns nil or the first fault. Its text names the member, with the full
// path such as ContainerIdentifiers[2].ContainerName, and the offset in bytes
// from the start of the body.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil // and not a nil *fault
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
	if len(d.slab) == cap(d.slab) {
		d.slab = make([]string, 0, 8)
	}
	d.slab = append(d.slab, d.unquote(m.start, m.end, m.plain))
	*dst = &d.slab[len(d.slab)-1]
}

// EpochSeconds reads a number of seconds since 1970 as a time in UTC, rounded
// to the millisecond. A time outside the years 1 to 9999 is a fault.
func (d *Decoder) EpochSeconds(name string, dst **time.Time) {
	m, ok := d.find(name, number)
	if !ok {
		return
	}
	// Out of range, the only error that is left, gives an infinity.
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

// Object reads an object: read gets the decoder with the object's members in
// place of the current ones.
func Object[T any](d *Decoder, name string, dst **T, read func(*Decoder, *T)) {
	m, ok := d.find(name, object)
	if !ok {
		return
	}
	v := new(T)
	readObject(d, m.start, v, read)
	if d.err != nil {
		d.err.path = name + "." + d.err.path
		return
	}
	*dst = v
}

// List reads a list of objects, each as Object does. An empty list gives an
// empty slice that is not nil; elements that are null are dropped.
func List[T any](d *Decoder, name string, dst *[]T, read func(*Decoder, *T)) {
	m, ok := d.find(name, list)
	if !ok {
		return
	}
	vs := make([]T, 0, 4)
	// The syntax is known to be right, so that only the elements need a look.
	i := skipSpace(d.text, m.start+1)
	for n := 0; d.text[i] != ']'; n++ {
		switch k := kindOf(d.text[i]); k {
		case null:
			i += len("null")
		case object:
			var v T
			i = readObject(d, i, &v, read)
			if d.err != nil {
				d.err.path = fmt.Sprintf("%s[%d].%s", name, n, d.err.path)
				return
			}
			vs = append(vs, v)
		default:
			d.fail(fmt.Sprintf("%s[%d]", name, n), i, mismatch(k, object))
			return
		}
		i = skipSpace(d.text, i)
		if d.text[i] == ',' {
			i = skipSpace(d.text, i+1)
		}
	}
	*dst = vs
}

// readObject lets read see the members of the object at start alone, and
// returns the offset after that object.
func readObject[T any](d *Decoder, start int, v *T, read func(*Decoder, *T)) int {
	outer := d.scope
	d.scope = len(d.members)
	end := d.scan(start)
	read(d, v)
	d.members = d.members[:d.scope]
	d.scope = outer
	return end
}

// find returns the member of that name; not if it is absent or null, and not
// after a fault. Another kind than the wanted one is a fault.
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

// unquote returns what the string literal from start to end stands for.
func (d *Decoder) unquote(start, end int, plain bool) string {
	if plain {
		return d.text[start+1 : end-1]
	}
	var s string
	// Escapes are rare in responses. The literal has been checked: no error.
	_ = json.Unmarshal([]byte(d.text[start:end]), &s)
	return s
}

// kind is the type of a JSON value as an error says it.
type kind string

const (
	object  kind = "an object"
	list    kind = "a list"
	str     kind = "a string"
	number  kind = "a number"
	boolean kind = "a boolean"
	null    kind = "null"
)

// kindOf tells the kind of a valid value by its first byte.
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

// fault is what is wrong with a body and where. It holds nothing of a value.
type fault struct {
	path   string // "" where there is no member to name
	offset int
	text   string
}

func (f *fault) Error() string {
	if f.path == "" {
		return fmt.Sprintf("%s at offset %d", f.text, f.offset)
	}
	return fmt.Sprintf("member %s: %s at offset %d", f.path, f.text, f.offset)
}

func (d *Decoder) fail(path string, offset int, text string) {
	d.err = &fault{path: path, offset: offset, text: text}
}
