package gamelifttest

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// input holds the members of a request that are present, by name. A member has
// the Go type that its shape returns.
type input map[string]any

// text returns a string member, or "" if it is absent.
func (in input) text(name string) string {
	s, _ := in[name].(string)
	return s
}

// member is a member of a structure in the API model.
type member struct {
	name     string
	shape    shape
	required bool
	limits   *limits // nil if the model sets none
}

// shape converts a decoded JSON or CBOR value to the Go value of a type in the
// API model. If the value has another type, it returns SerializationException;
// path names the value in its message.
type shape func(path string, value any) (any, *apiError)

func notA(kind, path string) (any, *apiError) {
	return nil, newError("SerializationException", path+" is not "+kind)
}

// text is the shape of a string.
func text(path string, value any) (any, *apiError) {
	if _, ok := value.(string); !ok {
		return notA("a string", path)
	}
	return value, nil
}

// boolean is the shape of a bool.
func boolean(path string, value any) (any, *apiError) {
	if _, ok := value.(bool); !ok {
		return notA("a boolean", path)
	}
	return value, nil
}

// integer is the shape of an int64. Numbers of 2^53 and more, which a float64
// cannot hold exactly, are refused.
func integer(path string, value any) (any, *apiError) {
	n, ok := value.(float64)
	if !ok || n != math.Trunc(n) || math.Abs(n) >= 1<<53 {
		return notA("an integer", path)
	}
	return int64(n), nil
}

// timestamp is the shape of a time.Time, sent as seconds since 1970 and kept to
// the millisecond.
func timestamp(path string, value any) (any, *apiError) {
	seconds, ok := value.(float64)
	if !ok || !(math.Abs(seconds) < 1<<40) { // NaN is not
		return notA("a timestamp", path)
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
}

// listOf is the shape of a []any whose items have the given shape.
func listOf(item shape) shape {
	return func(path string, value any) (any, *apiError) {
		items, ok := value.([]any)
		if !ok {
			return notA("a list", path)
		}
		list := make([]any, len(items))
		for i := range items {
			var failed *apiError
			if list[i], failed = item(fmt.Sprintf("%s[%d]", path, i), items[i]); failed != nil {
				return nil, failed
			}
		}
		return list, nil
	}
}

// mapOf is the shape of a map[string]any whose values have the given shape.
func mapOf(item shape) shape {
	return func(path string, value any) (any, *apiError) {
		items, ok := value.(map[string]any)
		if !ok {
			return notA("a map", path)
		}
		entries := make(map[string]any, len(items))
		for key := range items {
			var failed *apiError
			if entries[key], failed = item(fmt.Sprintf("%s[%q]", path, key), items[key]); failed != nil {
				return nil, failed
			}
		}
		return entries, nil
	}
}

// structure is the shape of an input with the given members.
func structure(members ...member) shape {
	return func(path string, value any) (any, *apiError) {
		values, ok := value.(map[string]any)
		if !ok {
			return notA("a structure", path)
		}
		in, failed := readMembers(path+".", members, values)
		return in, failed
	}
}

// readMembers converts the members of a structure. A null member is absent, and
// members that the model does not name are ignored. The path of a member is
// prefix and its name.
func readMembers(prefix string, members []member, values map[string]any) (input, *apiError) {
	in := make(input, len(members))
	for i := range members {
		m := &members[i]
		value := values[m.name]
		if value == nil {
			continue
		}
		var failed *apiError
		if in[m.name], failed = m.shape(prefix+m.name, value); failed != nil {
			return nil, failed
		}
	}
	return in, nil
}

// limits are the constraints of a string in the API model.
type limits struct {
	minLength, maxLength int    // in characters
	shown                string // the pattern as error messages show it
	pattern              *regexp.Regexp
}

// newLimits returns limits whose pattern must match the whole value. AWS
// requires that, although not all patterns of the model say so.
func newLimits(minLength, maxLength int, pattern string) *limits {
	return &limits{minLength, maxLength, pattern, regexp.MustCompile(`^(?:` + pattern + `)$`)}
}

// violations returns the constraints that the input does not satisfy, in the
// words of AWS.
func (m *member) violations(in input) []string {
	at := "'" + strings.ToLower(m.name[:1]) + m.name[1:] + "' failed to satisfy constraint: "
	if _, ok := in[m.name]; !ok {
		if m.required {
			return []string{"Value null at " + at + "Member must not be null"}
		}
		return nil
	}
	if m.limits == nil {
		return nil
	}
	value := in.text(m.name)
	at = "Value '" + value + "' at " + at
	var violations []string
	length := utf8.RuneCountInString(value)
	if length < m.limits.minLength {
		violations = append(violations, at+fmt.Sprintf("Member must have length greater than or equal to %d", m.limits.minLength))
	}
	if length > m.limits.maxLength {
		violations = append(violations, at+fmt.Sprintf("Member must have length less than or equal to %d", m.limits.maxLength))
	}
	if !m.limits.pattern.MatchString(value) {
		violations = append(violations, at+"Member must satisfy regular expression pattern: "+m.limits.shown)
	}
	return violations
}

// validate returns ValidationException if the input does not satisfy the
// constraints of its members.
func validate(members []member, in input) *apiError {
	var violations []string
	for i := range members {
		violations = append(violations, members[i].violations(in)...)
	}
	switch len(violations) {
	case 0:
		return nil
	case 1:
		return newError("ValidationException", "1 validation error detected: "+violations[0])
	}
	return newError("ValidationException",
		fmt.Sprintf("%d validation errors detected: %s", len(violations), strings.Join(violations, "; ")))
}
