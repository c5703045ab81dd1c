package gamelift

import (
	"context"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

// operation describes one operation of the service. It is immutable: there is
// one package-level value for each.
type operation[In, Out any] struct {
	target   string                                // X-Amz-Target: "GameLift." and the operation's name
	validate func(*In, *smithy.InvalidParamsError) // adds every fault, does not stop at the first
	encode   func(*awsjson.Encoder, *In)
	decode   func(*awsjson.Decoder, *Out)
	metadata func(*Out) *middleware.Metadata // where ResultMetadata goes
}

func (op *operation[In, Out]) name() string { return strings.TrimPrefix(op.target, ServiceID+".") }

// invoke makes one call of an operation. Behind it nothing is generic.
func invoke[In, Out any](ctx context.Context, c *Client, op *operation[In, Out], in *In, optFns []func(*Options)) (*Out, error) {
	if in == nil {
		in = new(In)
	}
	b := &binding[In, Out]{op: op, in: in}
	b.call = call{client: c, settings: c.settingsFor(optFns), target: op.target, operation: op.name(), codec: b}
	if err := b.call.run(ctx); err != nil {
		return nil, err
	}
	return b.out, nil
}

// codec is an operation bound to the input and output of one call.
type codec interface {
	input() any
	validate() error
	encode(*awsjson.Encoder)
	decode(*awsjson.Decoder) any // into a fresh output, which it returns
	setMetadata(middleware.Metadata)
}

type binding[In, Out any] struct {
	op   *operation[In, Out]
	in   *In
	out  *Out
	errs smithy.InvalidParamsError
	call call
}

func (b *binding[In, Out]) input() any { return b.in }

func (b *binding[In, Out]) validate() error {
	b.op.validate(b.in, &b.errs)
	if b.errs.Len() == 0 {
		return nil
	}
	// The context is made for a fault alone: it costs an allocation.
	named := smithy.InvalidParamsError{Context: b.op.name() + "Input"}
	named.AddNested("", b.errs)
	return named
}

func (b *binding[In, Out]) encode(e *awsjson.Encoder) { b.op.encode(e, b.in) }

func (b *binding[In, Out]) decode(d *awsjson.Decoder) any {
	b.out = new(Out)
	b.op.decode(d, b.out)
	return b.out
}

func (b *binding[In, Out]) setMetadata(md middleware.Metadata) { *b.op.metadata(b.out) = md }

// require adds a fault where a required member is nil or empty.
func require(errs *smithy.InvalidParamsError, member string, value *string) {
	if value == nil || *value == "" {
		errs.Add(smithy.NewErrParamRequired(member))
	}
}
