package shape

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// String visits a string.
func (v *Visitor) String(name string, p **string, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.String(name, p)
	case encoding:
		v.encoder.String(name, *p)
	case validating:
		v.require(name, trait, *p != nil && **p != "")
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.StringValue(**p) })
	}
}

// Int32 visits an integer.
func (v *Visitor) Int32(name string, p **int32, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.Int32(name, p)
	case encoding:
		v.encoder.Int32(name, *p)
	case validating:
		v.require(name, trait, *p != nil)
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.Int64Value(int64(**p)) })
	}
}

// Bool visits a boolean.
func (v *Visitor) Bool(name string, p **bool, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.Bool(name, p)
	case encoding:
		v.encoder.Bool(name, *p)
	case validating:
		v.require(name, trait, *p != nil)
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.BoolValue(**p) })
	}
}

// EpochSeconds visits a timestamp that is a number of seconds on the wire.
func (v *Visitor) EpochSeconds(name string, p **time.Time, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.EpochSeconds(name, p)
	case encoding:
		v.encoder.EpochSeconds(name, *p)
	case validating:
		v.require(name, trait, *p != nil)
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.TimeValue(**p) })
	}
}

// Strings visits a list of strings.
func (v *Visitor) Strings(name string, p *[]string, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.Strings(name, p)
	case encoding:
		v.encoder.Strings(name, *p)
	case validating:
		v.require(name, trait, *p != nil)
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.AnyValue(*p) })
	}
}

// StringMap visits a map of strings.
func (v *Visitor) StringMap(name string, p *map[string]string, trait Trait) {
	switch v.task {
	case decoding:
		v.decoder.StringMap(name, p)
	case encoding:
		v.encoder.StringMap(name, *p)
	case validating:
		v.require(name, trait, *p != nil)
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return slog.AnyValue(*p) })
	}
}

// Metadata visits the ResultMetadata of an output, which is not on the wire.
func (v *Visitor) Metadata(p *middleware.Metadata) {
	if v.task == decoding {
		v.metadata = p
	}
}

// Pointer is the constraint of a type *T that is a Structure.
type Pointer[T any] interface {
	*T
	Structure
}

// Object visits a structure.
func Object[T any, P Pointer[T]](v *Visitor, name string, p **T, trait Trait) {
	switch v.task {
	case decoding:
		awsjson.Object(v.decoder, name, p, func(_ *awsjson.Decoder, value *T) { P(value).VisitMembers(v) })
	case encoding:
		if *p != nil {
			v.encoder.Object(name, func() { P(*p).VisitMembers(v) })
		}
	case validating:
		v.require(name, trait, *p != nil)
		if *p != nil {
			v.validate(name, P(*p))
		}
	case describing:
		v.describe(name, trait, *p != nil, func() slog.Value { return LogValue(P(*p)) })
	}
}

// List visits a list of structures. It is printed as its length.
func List[T any, P Pointer[T]](v *Visitor, name string, p *[]T, trait Trait) {
	switch v.task {
	case decoding:
		awsjson.List(v.decoder, name, p, func(_ *awsjson.Decoder, value *T) { P(value).VisitMembers(v) })
	case encoding:
		if *p != nil {
			v.encoder.List(name, len(*p), func(i int) { P(&(*p)[i]).VisitMembers(v) })
		}
	case validating:
		v.require(name, trait, *p != nil)
		for i := range *p {
			v.validate(fmt.Sprintf("%s[%d]", name, i), P(&(*p)[i]))
		}
	case describing:
		v.describe(name, trait, len(*p) > 0, func() slog.Value { return slog.IntValue(len(*p)) })
	}
}

func (v *Visitor) require(name string, trait Trait, present bool) {
	if trait&Required != 0 && !present {
		v.invalid.Add(smithy.NewErrParamRequired(name))
	}
}

// validate adds what is wrong with a nested structure.
func (v *Visitor) validate(name string, s Structure) {
	nested := Visitor{task: validating}
	s.VisitMembers(&nested)
	v.invalid.AddNested(name, nested.invalid)
}

func (v *Visitor) describe(name string, trait Trait, present bool, value func() slog.Value) {
	switch {
	case !present:
	case trait&Secret != 0:
		v.attrs = append(v.attrs, slog.String(name, redact.Mark))
	default:
		v.attrs = append(v.attrs, slog.Attr{Key: name, Value: value()})
	}
}
