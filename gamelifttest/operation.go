package gamelifttest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// operation is one of the service.
type operation struct {
	members []member // of the input, in the order in which AWS names their faults
	serve   func(*Server, input, time.Time) (map[string]any, *failure)
}

var operations = map[string]*operation{
	"GetComputeAuthToken":      {[]member{fleetID, computeName}, (*Server).getComputeAuthToken},
	"GetComputeAccess":         {[]member{fleetID, computeName}, (*Server).getComputeAccess},
	"RequestUploadCredentials": {[]member{buildID}, (*Server).requestUploadCredentials},
}

func operationNames() string {
	names := make([]string, 0, len(operations))
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// input holds the members that came, by their names.
type input map[string]string

// member is a required string of an input, with the API model's constraints.
type member struct {
	name      string
	minLength int // in characters
	maxLength int
	shown     string // the pattern as error messages give it
	pattern   *regexp.Regexp
}

var (
	fleetID = newMember("FleetId", 1, 512,
		`^[a-z]*fleet-[a-zA-Z0-9\-]+$|^arn:.*:[a-z]*fleet\/[a-z]*fleet-[a-zA-Z0-9\-]+$`)
	computeName = newMember("ComputeName", 0, 1024,
		`^[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?$|^arn:.*:compute\/[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?`)
	buildID = newMember("BuildId", 1, 512, `^build-\S+|^arn:.*:build\/build-\S+`)
)

// newMember makes a member whose whole value is to match, as AWS has it: the
// model's patterns do not all say so.
func newMember(name string, minLength, maxLength int, pattern string) member {
	return member{name, minLength, maxLength, pattern, regexp.MustCompile(`^(?:` + pattern + `)$`)}
}

// check returns the faults of a member's value, as AWS words them.
func (m *member) check(in input) []string {
	at := "'" + strings.ToLower(m.name[:1]) + m.name[1:] + "' failed to satisfy constraint: "
	value, ok := in[m.name]
	if !ok {
		return []string{"Value null at " + at + "Member must not be null"}
	}
	at = "Value '" + value + "' at " + at
	var faults []string
	length := utf8.RuneCountInString(value)
	if length < m.minLength {
		faults = append(faults, at+fmt.Sprintf("Member must have length greater than or equal to %d", m.minLength))
	}
	if length > m.maxLength {
		faults = append(faults, at+fmt.Sprintf("Member must have length less than or equal to %d", m.maxLength))
	}
	if !m.pattern.MatchString(value) {
		faults = append(faults, at+"Member must satisfy regular expression pattern: "+m.shown)
	}
	return faults
}

// check holds the input against the API model.
func (op *operation) check(in input) *failure {
	var faults []string
	for i := range op.members {
		faults = append(faults, op.members[i].check(in)...)
	}
	switch len(faults) {
	case 0:
		return nil
	case 1:
		return fail("ValidationException", "1 validation error detected: "+faults[0])
	}
	return fail("ValidationException", fmt.Sprintf("%d validation errors detected: %s", len(faults), strings.Join(faults, "; ")))
}

// read picks the operation's members out of a decoded body. Null is absent, and
// what the model does not name is ignored.
func (op *operation) read(body map[string]any) (input, *failure) {
	in := input{}
	for i := range op.members {
		name := op.members[i].name
		switch value := body[name].(type) {
		case nil:
		case string:
			in[name] = value
		default:
			return nil, fail("SerializationException", name+" is not a string")
		}
	}
	return in, nil
}
