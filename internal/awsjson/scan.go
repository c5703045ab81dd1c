package awsjson

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// scan checks the value at i by the grammar of RFC 8259 and returns the offset
// after it. If the value is an object, its members are added to d.members. scan
// does not recurse, so that no depth of nesting exhausts the stack.
func (d *Decoder) scan(i int) int {
	var (
		s       = d.text
		shallow [32]byte
		open    = shallow[:0] // the closing bytes of the containers around i
		way     trail
		current member // of the outermost object
	)
	for {
		plain, ok := false, true
		n := len(open)
		if n > 0 && open[n-1] == '}' {
			start := i
			i, plain, ok = scanString(s, i)
			end := i
			if ok {
				i = skipSpace(s, i)
				ok = byteAt(s, i) == ':'
			}
			if !ok {
				return d.broken(i, way.path(open))
			}
			i = skipSpace(s, i+1)
			if n <= len(way) {
				way[n-1].name = s[start+1 : end-1]
			}
			if n == 1 {
				current = member{name: d.unquote(start, end, plain), start: i}
			}
		}

		switch c := byteAt(s, i); c {
		case '{', '[':
			closer := c + 2 // in ASCII
			i = skipSpace(s, i+1)
			if byteAt(s, i) != closer {
				open = append(open, closer)
				if n < len(way) {
					way[n] = step{}
				}
				continue
			}
			i++
		case '"':
			i, plain, ok = scanString(s, i)
		case 't':
			i, ok = scanWord(s, i, "true")
		case 'f':
			i, ok = scanWord(s, i, "false")
		case 'n':
			i, ok = scanWord(s, i, "null")
		default:
			i, ok = scanNumber(s, i)
		}
		if !ok {
			return d.broken(i, way.path(open))
		}

		// A value is complete, and perhaps the containers around it.
		for {
			n = len(open)
			if n == 0 {
				return i
			}
			if n == 1 && open[0] == '}' {
				current.end, current.plain = i, plain
				d.members = append(d.members, current)
			}
			i = skipSpace(s, i)
			if byteAt(s, i) != open[n-1] {
				break
			}
			i++
			open = open[:n-1]
		}
		if byteAt(s, i) != ',' {
			return d.broken(i, way.path(open))
		}
		i = skipSpace(s, i+1)
		if n <= len(way) {
			way[n-1] = step{element: way[n-1].element + 1}
		}
	}
}

// broken records a syntax error at i and returns i.
func (d *Decoder) broken(i int, path string) int {
	text := "invalid JSON"
	if i == len(d.text) {
		text = "the body breaks off"
	}
	d.fail(path, i, text)
	return i
}

// trail is the path to the value being scanned, one step for each container
// around it. Deeper containers are not recorded.
type trail [4]step

// step is the current element of a list or the current member of an object,
// whose name is "" until its value starts.
type step struct {
	element int
	name    string
}

// path returns the path in the form of Decoder.Err, up to the first name that is
// not printable.
func (t *trail) path(open []byte) string {
	var p strings.Builder
	for n, closer := range open[:min(len(open), len(t))] {
		if closer == ']' {
			fmt.Fprintf(&p, "[%d]", t[n].element)
			continue
		}
		if !printable(t[n].name) {
			break
		}
		if n > 0 {
			p.WriteByte('.')
		}
		p.WriteString(t[n].name)
	}
	return p.String()
}

// printable reports whether an error may contain a name from the body. The names
// of API models are short words. A broken body may have part of a value in place
// of a name, and the shortest secret, a secret access key, has 40 bytes.
func printable(name string) bool {
	return name != "" && len(name) <= 32 && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && !('0' <= r && r <= '9') && !('A' <= r && r <= 'Z') && !('a' <= r && r <= 'z')
	}) < 0
}

// byteAt returns s[i], or 0 at the end of s. JSON allows no 0.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// ordinary has the ASCII bytes that need no escape in a string. Most of a body
// consists of them, and a table is the fastest way to skip them.
var ordinary = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// skipOrdinary returns the offset of the first byte from i on that is not
// ordinary. It looks at eight bytes at a time, since a session token has hundreds:
// each term sets the high bit of the first byte that it looks for. Later bytes may
// be wrong.
func skipOrdinary(s string, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quoteOrControl := (w ^ ones*2) - ones*(' '+1) // for those two, c^2 is at most ' '
		backslash := (w ^ ones*'\\') - ones
		notASCII := w
		if found := (quoteOrControl | backslash | notASCII) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(s) && ordinary[s[i]] {
		i++
	}
	return i
}

// The functions below return the offset after the element that starts at i. If
// it is malformed, they return the offset of the first wrong byte, or len(s), and
// false.

// scanString also reports whether the string is plain: it has no escapes and no
// invalid UTF-8.
func scanString(s string, i int) (end int, plain, ok bool) {
	if byteAt(s, i) != '"' {
		return i, false, false
	}
	i++
	start, escaped, ascii := i, false, true
	for {
		i = skipOrdinary(s, i)
		if i == len(s) {
			return i, false, false
		}
		switch c := s[i]; {
		case c == '"':
			return i + 1, !escaped && (ascii || utf8.ValidString(s[start:i])), true
		case c < ' ':
			return i, false, false
		case c == '\\':
			escaped = true
			if i, ok = scanEscape(s, i); !ok {
				return i, false, false
			}
		default:
			ascii = false
			i++
		}
	}
}

func scanEscape(s string, i int) (end int, ok bool) {
	i++
	if c := byteAt(s, i); c != 'u' {
		if strings.IndexByte(`"\/bfnrt`, c) < 0 {
			return i, false
		}
		return i + 1, true
	}
	for range 4 {
		i++
		if c := byteAt(s, i); !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return i, false
		}
	}
	return i + 1, true
}

func scanWord(s string, i int, word string) (end int, ok bool) {
	for n := range len(word) {
		if byteAt(s, i+n) != word[n] {
			return i + n, false
		}
	}
	return i + len(word), true
}

func scanNumber(s string, i int) (end int, ok bool) {
	if byteAt(s, i) == '-' {
		i++
	}
	if byteAt(s, i) == '0' {
		i++
	} else if i, ok = scanDigits(s, i); !ok {
		return i, false
	}
	if byteAt(s, i) == '.' {
		if i, ok = scanDigits(s, i+1); !ok {
			return i, false
		}
	}
	if c := byteAt(s, i); c == 'e' || c == 'E' {
		i++
		if c := byteAt(s, i); c == '+' || c == '-' {
			i++
		}
		if i, ok = scanDigits(s, i); !ok {
			return i, false
		}
	}
	return i, true
}

// scanDigits requires at least one digit.
func scanDigits(s string, i int) (end int, ok bool) {
	for isDigit(byteAt(s, i)) {
		i++
		ok = true
	}
	return i, ok
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
