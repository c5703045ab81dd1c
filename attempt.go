package gamelift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
	"github.com/gamelift-compute/gamelift/internal/sigv4"
)

// attempt is one try at a call: credentials, signature, request, response.
type attempt struct {
	call    *call
	number  int           // counted from 1
	limit   int           // how many attempts the call may have; 0 means no limit
	timeout time.Duration // 0 means none

	estimate serviceTime // of the service's clock, before the attempt: the signing time
	measured serviceTime // the same, from the response
	keys     Credentials // that sign the request
	signed   bool

	memory    requestMemory
	request   smithyhttp.Request
	redirects redirectGuard
	response  smithyhttp.Response
}

// runPaid makes the attempt and reports its outcome to the Retryer through the
// functions that settle its tokens. If an HTTPClient or an interceptor panics,
// it reports a success, since the service did not fail.
func (a *attempt) runPaid(ctx context.Context, settleRetry, settleAttempt func(error) error) (err error) {
	defer func() {
		_, _ = settleRetry(err), settleAttempt(err) // an error here changes nothing for the caller
	}()
	return a.run(ctx)
}

// run makes the attempt within its timeout and between its hooks.
func (a *attempt) run(ctx context.Context) error {
	c := a.call
	c.metadata.attempts = a.number
	ctx, cancel := withAttemptTimeout(ctx, a.timeout)
	defer cancel()
	defer a.redirects.stop()
	ctx, end := c.observer.attempt(ctx, a.number)
	reported := errPanicked
	defer func() { end(reported) }()

	a.request = c.request.forAttempt(ctx, a.number, a.limit, &a.memory)
	c.hooks.attempt = a
	c.hooks.state.Request, c.hooks.state.Response, c.hooks.state.Output = &a.request, nil, nil
	err := c.hooks.beforeAttempt(ctx)
	if err == nil {
		err = a.exchange(ctx)
		err = join(err, c.hooks.afterAttempt(ctx))
	}
	reported = err
	return err
}

// exchange takes the steps between the hooks of the attempt.
func (a *attempt) exchange(ctx context.Context) error {
	if err := a.retrieveKeys(ctx); err != nil {
		return err
	}
	body, err := a.sign(ctx)
	if err != nil {
		return err
	}
	if err := a.send(ctx, body); err != nil {
		return err
	}
	received := a.response.Body
	defer received.Close()
	defer func() { // an interceptor may have replaced it
		if resp := a.response.Response; resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
	}()
	if err := a.call.hooks.afterTransmit(ctx); err != nil {
		return err
	}
	return a.receive(ctx)
}

// retrieveKeys gets the credentials to sign with.
func (a *attempt) retrieveKeys(ctx context.Context) (err error) {
	stepCtx, end := a.call.observer.step(ctx, stepResolveIdentity)
	defer end()
	a.keys, err = retrieve(stepCtx, a.call.settings.options.Credentials, a.estimate)
	switch timeout := timedOut(ctx); {
	case err == nil:
		return nil
	case timeout != nil:
		return &smithyhttp.RequestSendError{Err: fmt.Errorf("retrieve credentials: %w", timeout)}
	default:
		return interrupted(ctx, a.secrets().redactError(err))
	}
}

// secrets returns the secrets that no error of the attempt may contain.
func (a *attempt) secrets() secrets { return secrets{&a.keys, a.call.earlierSecrets} }

// sign signs the request and returns the body that it signed.
func (a *attempt) sign(ctx context.Context) (body []byte, err error) {
	c := a.call
	if err := c.hooks.beforeSigning(ctx); err != nil {
		return nil, err
	}
	if err := checkRequest(&a.request); err != nil {
		return nil, err
	}
	if body, err = c.request.bodyOf(&a.request); err != nil {
		return nil, err
	}
	a.request.ContentLength = int64(len(body))
	a.signed = true
	_, end := c.observer.step(ctx, stepSign)
	c.client.signer.Sign(sigv4.Input{
		Request: a.request.Request,
		Payload: body,
		Keys:    sigv4.Keys{AccessKeyID: a.keys.AccessKeyID, SecretAccessKey: a.keys.SecretAccessKey, SessionToken: a.keys.SessionToken},
		Service: signingName,
		Region:  c.settings.region,
		Time:    a.estimate.now(),
		Memory:  &a.memory.signed,
	})
	end()
	return body, c.hooks.afterSigning(ctx)
}

// send sends the request and reads the headers of the response.
func (a *attempt) send(ctx context.Context, body []byte) error {
	c := a.call
	if err := checkRequest(&a.request); err != nil {
		return err
	}
	setBody(a.request.Request, body, c.settings.isStandard, &a.memory)
	if err := c.hooks.beforeTransmit(ctx); err != nil {
		return err
	}
	if err := checkRequest(&a.request); err != nil {
		return err
	}
	sent := time.Now()
	resp, err := a.do(ctx)
	roundTrip := time.Since(sent)
	if err != nil {
		return err
	}
	a.response.Response = resp
	c.hooks.state.Response = &a.response

	c.metadata.requestID = a.requestID(resp.Header)
	c.metadata.serverTime = c.client.clock.parse(headerValue(resp.Header, "Date"))
	c.observer.response(c.metadata.requestID, resp.StatusCode)
	if !c.settings.options.DisableClockSkewCorrection {
		a.measured = measure(c.metadata.serverTime, resp.Header, sent, roundTrip)
		c.client.clock.learn(a.estimate, a.measured)
	}
	return nil
}

// requestID returns the request ID of a response. A value that repeats a secret
// is no request ID.
func (a *attempt) requestID(header http.Header) string {
	id := headerValue(header, "X-Amzn-Requestid")
	if a.secrets().in(id) {
		return ""
	}
	return id
}

// do hands the request to the HTTPClient.
func (a *attempt) do(ctx context.Context) (*http.Response, error) {
	c := a.call
	stepCtx, end := c.observer.step(ctx, stepTransmit)
	defer end()
	if c.settings.guarded {
		stepCtx = a.redirects.watch(stepCtx, a.request.Request, a.keys.SessionToken != "")
	}
	if stepCtx != ctx {
		a.request.Request = a.request.WithContext(stepCtx)
	}
	resp, err := c.settings.httpClient.Do(a.request.Request)
	if c.settings.guarded {
		if err := a.redirects.check(resp, !c.settings.isStandard); err != nil {
			return nil, a.secrets().redactError(err)
		}
	}
	switch {
	case err != nil:
		return nil, interrupted(ctx, sendError(err, a.secrets()))
	case resp == nil:
		return nil, sendError(errors.New("HTTPClient returned neither a response nor an error"), a.secrets())
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// receive reads the response and makes an output or an error of it.
func (a *attempt) receive(ctx context.Context) error {
	c := a.call
	if err := checkResponse(a.response.Response); err != nil {
		return err
	}
	reader := bodyReaders.Get().(*bodyReader)
	defer reader.release()
	content, readErr := reader.read(a.response.Response)
	a.response.Body = http.NoBody
	if c.settings.intercepted {
		content = bytes.Clone(content) // an interceptor may keep it
		body := io.NopCloser(bytes.NewReader(content))
		a.response.Body = body
		if err := c.hooks.beforeDeserialization(ctx); err != nil {
			return err
		}
		if err := checkResponse(a.response.Response); err != nil {
			return err
		}
		if a.response.Body != body { // an interceptor decrypts it, for example
			content, readErr = reader.read(a.response.Response)
			content = bytes.Clone(content)
			a.response.Body = io.NopCloser(bytes.NewReader(content))
		}
	}
	_, end := c.observer.step(ctx, stepDeserialize)
	err := a.deserialize(ctx, a.response.Response, content, readErr)
	end()
	return join(err, c.hooks.afterDeserialization(ctx))
}

// deserialize decodes the content of a response. readErr is the error of
// reading it.
func (a *attempt) deserialize(ctx context.Context, resp *http.Response, content []byte, readErr error) error {
	c := a.call
	if readErr != nil && ctx.Err() != nil {
		timeout := timedOut(ctx)
		if timeout == nil {
			return canceled(ctx, nil)
		}
		readErr = timeout
	}
	known := a.secrets()
	if resp.StatusCode/100 != 2 {
		return responseError(resp, c.metadata.requestID, known, exception(resp, content, readErr, known))
	}
	if readErr != nil {
		return responseError(resp, c.metadata.requestID, known, bodyError(readErr, known))
	}
	output, metadata := c.outputs.newOutput()
	if err := c.visitor.Decode(content, output); err != nil {
		return responseError(resp, c.metadata.requestID, known, &smithy.DeserializationError{Err: known.redactError(err)})
	}
	c.output, c.outputMetadata, c.hooks.state.Output = output, metadata, output
	return nil
}

// keysRefused reports whether err says that the service does not know the keys,
// or no longer does.
func (a *attempt) keysRefused(err error) bool {
	return a.signed && errorcode.RefusedKeys.Matches(err)
}

// renewKeys removes the refused keys from the provider's cache, unless another
// call has done so already. If ask is set, it reports whether the provider then
// has other keys.
func (a *attempt) renewKeys(ctx context.Context, ask bool) bool {
	switch provider := a.call.settings.options.Credentials.(type) {
	case *CredentialsCache:
		provider.drop(a.keys)
	case interface{ Invalidate() }:
		if a.hasOtherKeys(ctx) {
			return true
		}
		provider.Invalidate()
	}
	return ask && a.hasOtherKeys(ctx)
}

// hasOtherKeys reports whether the provider now returns other keys than the
// attempt's.
func (a *attempt) hasOtherKeys(ctx context.Context) bool {
	ctx, cancel := withAttemptTimeout(ctx, a.timeout)
	defer cancel()
	keys, err := retrieve(ctx, a.call.settings.options.Credentials, a.estimate)
	return err == nil && !keys.sameKeys(a.keys)
}
