package gamelift

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/endpoint"
)

// call is one call of an operation, from its options to its result.
type call struct {
	*settings
	client    *Client
	target    string // X-Amz-Target
	operation string
	codec     codec
	observer  observer

	endpoint     *url.URL
	encoder      awsjson.Encoder
	encoded      []byte
	invocationID string
	hooks        smithyhttp.InterceptorContext
	base         *smithyhttp.Request // what every attempt clones; nil without interceptors
	metadata     callMetadata
	secrets      []string // of the failed attempts' keys
}

// run makes the call and adds the outermost layer to its error.
func (c *call) run(ctx context.Context) error {
	if ctx == nil {
		return operationError(c.operation, errors.New("context is nil"))
	}
	c.observer = observer{settings: c.settings, operation: c.operation}
	ctx, end := c.observer.call(ctx)
	c.hooks.Input = c.codec.input()

	err := c.execute(ctx)
	if err == nil {
		var md middleware.Metadata
		md.Set(metadataKey{}, new(c.metadata)) // a copy: the output must not keep the call alive
		c.codec.setMetadata(md)
	}
	err = join(err, intercept(ctx, c.Interceptors.AfterExecution, smithyhttp.AfterExecutionInterceptor.AfterExecution, &c.hooks))
	if err != nil {
		err = operationError(c.operation, err)
	}
	end(err)
	return err
}

// execute takes the steps ahead of the attempts.
func (c *call) execute(ctx context.Context) error {
	if err := intercept(ctx, c.Interceptors.BeforeExecution, smithyhttp.BeforeExecutionInterceptor.BeforeExecution, &c.hooks); err != nil {
		return err
	}
	if err := c.codec.validate(); err != nil {
		return err
	}
	if err := c.resolve(ctx); err != nil {
		return err
	}
	if err := c.serialize(ctx); err != nil {
		return err
	}
	if err := intercept(ctx, c.Interceptors.BeforeRetryLoop, smithyhttp.BeforeRetryLoopInterceptor.BeforeRetryLoop, &c.hooks); err != nil {
		return err
	}
	return c.loop(ctx)
}

// resolve finds what is wrong with the options, and the endpoint.
func (c *call) resolve(ctx context.Context) (err error) {
	_, end := c.observer.step(ctx, stepResolveEndpoint)
	defer end()
	if err := cmp.Or(c.check(), c.fault); err != nil {
		return err
	}
	if c.endpoint = c.resolved; c.endpoint == nil {
		c.endpoint, err = endpoint.Resolve(c.endpointParams())
	}
	return err
}

// serialize encodes the input, once for all attempts.
func (c *call) serialize(ctx context.Context) (err error) {
	if err := intercept(ctx, c.Interceptors.BeforeSerialization, smithyhttp.BeforeSerializationInterceptor.BeforeSerialization, &c.hooks); err != nil {
		return err
	}
	_, end := c.observer.step(ctx, stepSerialize)
	c.codec.encode(&c.encoder)
	c.encoded = c.encoder.Bytes()
	end()

	if c.invocationID, err = smithyrand.NewUUID(rand.Reader).GetUUID(); err != nil {
		return fmt.Errorf("invocation ID: %w", err)
	}
	if !c.hooked {
		return nil
	}
	base := &smithyhttp.Request{Request: c.newRequest(ctx)}
	if c.base, err = base.SetStream(bytes.NewReader(c.encoded)); err != nil {
		return err
	}
	c.hooks.Request = c.base
	return intercept(ctx, c.Interceptors.AfterSerialization, smithyhttp.AfterSerializationInterceptor.AfterSerialization, &c.hooks)
}

// loop makes attempts until one succeeds or none may follow.
func (c *call) loop(ctx context.Context) error {
	limit := c.RetryMaxAttempts
	if limit == 0 {
		limit = c.Retryer.MaxAttempts()
	}
	renewed := false
	settle := nothingToSettle // of the retry token that paid for the attempt
	var last error            // of the attempt before
	for number := 1; ; number++ {
		if ctx.Err() != nil {
			return canceled(ctx, last)
		}
		release, err := c.attemptToken(ctx, number)
		if err != nil {
			_ = settle(err)
			if ctx.Err() != nil {
				return canceled(ctx, last)
			}
			return join(last, fmt.Errorf("attempt token: %w", err))
		}
		c.metadata.attempts = number
		a := &attempt{call: c, number: number}
		err = a.run(ctx, limit)
		_, _ = settle(err), release(err) // what a retryer cannot take back changes nothing for the caller
		if err == nil {
			return nil
		}

		last, c.secrets = err, append(c.secrets, a.keys.SecretAccessKey, a.keys.SessionToken)
		if a.signed && hasCode(err, refusedCredentialsCodes) {
			a.dropCredentials()
			if !renewed && (limit == 0 || number < limit) && a.credentialsRenewed(ctx) {
				renewed = true
				settle = nothingToSettle
				c.observer.log(ctx, slog.LevelInfo, "credentials renewed", slog.Int("attempt", number), failure(err))
				continue
			}
			if ctx.Err() != nil {
				return canceled(ctx, err)
			}
		}
		if a.clockCorrected(err) {
			c.observer.log(ctx, slog.LevelInfo, "clock corrected", slog.Int("attempt", number), slog.Duration("off", a.off), failure(err))
		} else if !c.Retryer.IsErrorRetryable(err) {
			return err
		}
		if ctx.Err() != nil {
			return canceled(ctx, err)
		}
		if limit > 0 && number >= limit {
			return &apierrors.MaxAttemptsError{Attempt: number, Err: err}
		}
		if settle, err = c.retry(ctx, number, err); err != nil {
			return err
		}
	}
}

// attemptToken asks the Retryer for leave to make an attempt.
func (c *call) attemptToken(ctx context.Context, number int) (release func(error) error, err error) {
	if r, ok := c.Retryer.(attemptTokener); ok {
		release, err = r.GetAttemptToken(ctx)
	} else if number == 1 {
		release = c.Retryer.GetInitialToken()
	}
	if release == nil {
		release = nothingToSettle
	}
	return release, err
}

func nothingToSettle(error) error { return nil }

// retry pays for one more attempt after the failed one and waits for its time.
// An error ends the call: the failed attempt's own where the retry quota is
// used up.
func (c *call) retry(ctx context.Context, number int, last error) (settle func(error) error, err error) {
	settle, err = c.Retryer.GetRetryToken(ctx, last)
	if err != nil {
		c.observer.log(ctx, slog.LevelDebug, "retry refused", slog.Int("attempt", number), slog.String("reason", err.Error()))
		if ctx.Err() != nil {
			return nil, canceled(ctx, last)
		}
		return nil, last
	}
	if settle == nil {
		settle = nothingToSettle
	}
	delay, err := c.Retryer.RetryDelay(number, last)
	if err != nil {
		_ = settle(last)
		return nil, fmt.Errorf("%w (retry delay: %w)", last, err)
	}
	c.observer.log(ctx, slog.LevelDebug, "retry", slog.Int("attempt", number), slog.Duration("delay", delay), failure(last))
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return settle, nil
	case <-ctx.Done():
		_ = settle(last)
		return nil, canceled(ctx, last)
	}
}

// newRequest makes an HTTP request of what all attempts of the call share.
func (c *call) newRequest(ctx context.Context) *http.Request {
	r := new(http.Request).WithContext(ctx)
	u := *c.endpoint
	r.Method, r.URL, r.Host = http.MethodPost, &u, u.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	values := []string{awsjson.ContentType, c.target, c.userAgent, c.invocationID}
	r.Header = make(http.Header, 8) // with those of the attempt and the signature
	for i, name := range [...]string{"Content-Type", "X-Amz-Target", "User-Agent", "Amz-Sdk-Invocation-Id"} {
		r.Header[name] = values[i : i+1 : i+1]
	}
	if c.inLambda {
		if id := os.Getenv("_X_AMZN_TRACE_ID"); id != "" && isHeaderText(id) {
			r.Header.Set("X-Amzn-Trace-Id", id)
		}
	}
	return r
}

// join keeps both errors: of a step, and of the hook behind it.
func join(err, hookErr error) error {
	switch {
	case hookErr == nil:
		return err
	case err == nil:
		return hookErr
	}
	return errors.Join(err, hookErr)
}
