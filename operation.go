package gamelift

import (
	"context"
	"errors"
	"strings"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// invoke makes one call of an operation. target is the value of X-Amz-Target:
// "GameLift." and the operation's name. No code below invoke is generic.
func invoke[In, Out any, PIn shape.Pointer[In], POut shape.Pointer[Out]](
	ctx context.Context, c *Client, target string, in *In, optFns []func(*Options),
) (*Out, error) {
	operation := strings.TrimPrefix(target, ServiceID+".")
	if c == nil {
		return nil, operationError(operation, errors.New("Client is nil: New makes one"))
	}
	if in == nil {
		in = new(In)
	}
	call := new(call) // a composite literal would be built on the stack and copied
	call.client, call.settings, call.operation = c, c.settingsFor(optFns), operation
	call.request = requestBuilder{settings: call.settings, target: target}
	call.input, call.outputs = PIn(in), maker[Out, POut]{}
	if err := call.run(ctx); err != nil {
		return nil, err
	}
	return call.output.(POut), nil
}

// outputMaker makes the output of an operation, and its metadata in the same
// memory.
type outputMaker interface {
	newOutput() (shape.Structure, *callMetadata)
}

type maker[Out any, P shape.Pointer[Out]] struct{}

func (maker[Out, P]) newOutput() (shape.Structure, *callMetadata) {
	m := new(struct {
		output   Out
		metadata callMetadata
	})
	return P(&m.output), &m.metadata
}
