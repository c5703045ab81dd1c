// Package shape derives everything about the members of a structure from one
// list, which is the structure's VisitMembers method: encoding, decoding,
// validation, JSON, and printing without secrets.
package shape

import (
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// A Structure lists its members by calling one method or function of the
// Visitor for each.
type Structure interface {
	// VisitMembers has one line for each member, in the order of the wire form.
	VisitMembers(*Visitor)
}

// Trait is a property of a member in the service's API model, other than its type.
// A member can be Required|Secret.
type Trait uint8

const (
	Required Trait = 1 << iota // Validate reports a member that is nil, and an empty string
	Secret                     // printed as REDACTED
	Optional Trait = 0         // neither
)

// task says what a Visitor does with the members.
type task uint8

const (
	validating task = iota
	encoding
	decoding
	describing
)

// A Visitor carries out one task at a time on the members of a structure. The
// zero value is ready to use. A Visitor is not safe for concurrent use.
type Visitor struct {
	task     task
	invalid  smithy.InvalidParamsError
	encoder  awsjson.Encoder
	decoder  *awsjson.Decoder
	attrs    []slog.Attr
	metadata *middleware.Metadata // of the structure that was decoded last
}

// Validate returns a smithy.InvalidParamsError that names every required member
// that is missing from the input of an operation, or nil.
func (v *Visitor) Validate(operation string, s Structure) error {
	v.task = validating
	s.VisitMembers(v)
	if v.invalid.Len() == 0 {
		return nil
	}
	v.invalid.Context = operation + "Input"
	for _, err := range v.invalid.Errs() {
		err.(smithy.InvalidParamError).SetContext(v.invalid.Context)
	}
	return v.invalid
}

// Encode returns the wire form of s, in the memory of buffer if that is enough.
func (v *Visitor) Encode(s Structure, buffer []byte) []byte {
	v.task, v.encoder.Buffer = encoding, buffer[:0]
	s.VisitMembers(v)
	return v.encoder.Bytes()
}

// Decode reads the wire form into s. Members that are absent from it are left
// untouched.
func (v *Visitor) Decode(body []byte, s Structure) error {
	v.task, v.decoder = decoding, awsjson.NewDecoder(body)
	defer v.decoder.Release()
	s.VisitMembers(v)
	return v.decoder.Err()
}

// SetMetadata sets the metadata of the structure that was decoded last.
func (v *Visitor) SetMetadata(md middleware.Metadata) {
	if v.metadata != nil {
		*v.metadata = md
	}
}

// MarshalJSON returns the wire form of s, secrets included.
func MarshalJSON(s Structure) ([]byte, error) { return new(Visitor).Encode(s, nil), nil }

// UnmarshalJSON reads the wire form into s.
func UnmarshalJSON(data []byte, s Structure) error { return new(Visitor).Decode(data, s) }

// LogValue returns the members that are present, with secrets redacted.
func LogValue(s Structure) slog.Value {
	v := Visitor{task: describing}
	s.VisitMembers(&v)
	return slog.GroupValue(v.attrs...)
}

// Format prints the name of the structure and the members that are present,
// with secrets redacted, at every verb.
func Format(f fmt.State, name string, s Structure) { redact.Format(f, name, LogValue(s)) }
