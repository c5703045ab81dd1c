package gamelift

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// call is one call of an operation, from its input to its output.
type call struct {
	client    *Client
	settings  *settings
	operation string
	input     shape.Structure
	outputs   outputMaker

	output         shape.Structure // of the last attempt that decoded one
	outputMetadata *callMetadata   // in the memory of output

	visitor  shape.Visitor
	request  requestBuilder
	hooks    hooks
	observer observer
	metadata callMetadata

	earlierSecrets []string // the keys of earlier attempts

	// The memory of the input's wire form and of the first attempt is part of
	// the call, to save allocations.
	encoded [112]byte
	first   attempt
}

// run makes the call and adds the outermost layer to its error.
func (c *call) run(ctx context.Context) error {
	if ctx == nil {
		return operationError(c.operation, errors.New("context is nil"))
	}
	if c.settings.invalid != nil { // nothing in the options may be called
		return operationError(c.operation, c.settings.invalid)
	}
	c.first.call = c
	c.hooks.attempt = &c.first
	c.hooks.state.Input = c.input
	c.observer.call = c
	ctx, end := c.observer.start(ctx)
	reported := errPanicked
	defer func() { end(reported) }()

	err := c.execute(ctx)
	if err == nil {
		var md middleware.Metadata
		*c.outputMetadata = c.metadata
		md.Set(metadataKey{}, c.outputMetadata)
		c.visitor.SetMetadata(md)
	}
	err = join(err, c.hooks.afterExecution(ctx))
	if err != nil {
		err = operationError(c.operation, err)
	}
	reported = err
	return err
}

// execute validates, encodes and resolves once, and then makes the attempts.
func (c *call) execute(ctx context.Context) error {
	if err := c.hooks.beforeExecution(ctx); err != nil {
		return err
	}
	if err := c.visitor.Validate(c.operation, c.input); err != nil {
		return err
	}
	if err := c.resolve(ctx); err != nil {
		return err
	}
	if err := c.serialize(ctx); err != nil {
		return err
	}
	if err := c.hooks.beforeRetryLoop(ctx); err != nil {
		return err
	}
	if base := c.request.base; base != nil {
		if err := checkRequest(base); err != nil {
			return err
		}
	}
	return c.loop(ctx)
}

// resolve checks the endpoint, which was resolved with the settings. The step
// exists for its span.
func (c *call) resolve(ctx context.Context) error {
	_, end := c.observer.step(ctx, stepResolveEndpoint)
	defer end()
	if c.settings.endpoint == nil {
		return errors.New("Client was not made by New")
	}
	return nil
}

// serialize encodes the input and builds the request that all attempts share.
func (c *call) serialize(ctx context.Context) error {
	if err := c.hooks.beforeSerialization(ctx); err != nil {
		return err
	}
	_, end := c.observer.step(ctx, stepSerialize)
	body := c.visitor.Encode(c.input, c.encoded[:])
	end()
	if err := c.request.build(ctx, body); err != nil {
		return err
	}
	if c.request.base == nil {
		return nil
	}
	c.hooks.state.Request = c.request.base
	if err := c.hooks.afterSerialization(ctx); err != nil {
		return err
	}
	return checkRequest(c.request.base)
}

// rememberSecrets adds the keys of an attempt to the secrets that later
// responses may repeat. Most attempts have the same keys as the first.
func (c *call) rememberSecrets(keys Credentials) {
	for _, secret := range [...]string{keys.SecretAccessKey, keys.SessionToken} {
		if !slices.Contains(c.earlierSecrets, secret) {
			c.earlierSecrets = append(c.earlierSecrets, secret)
		}
	}
}

// join joins the error of a step and the error of the hook after it.
func join(err, hookErr error) error {
	switch {
	case hookErr == nil:
		return err
	case err == nil:
		return hookErr
	}
	return errors.Join(err, hookErr)
}
