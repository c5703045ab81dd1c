package gamelift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/sigv4"
)

// maxResponseBody bounds what is read of a response: the largest output of the
// API model has a few KiB.
const maxResponseBody = 1 << 20

// attempt is one try at a call.
type attempt struct {
	*call
	number   int
	request  smithyhttp.Request
	body     body
	response smithyhttp.Response
	keys     Credentials // what the request was signed with
	signed   bool
	skew     time.Duration // the correction of the local clock that it was signed with
	off      time.Duration // how far the signing time was off the service's clock; zero where unknown
}

// body is a request's body as http.Request wants it.
type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// run makes the attempt, within AttemptTimeout and between its hooks.
func (a *attempt) run(ctx context.Context, limit int) (err error) {
	ctx, cancel := a.attemptContext(ctx)
	defer cancel()
	ctx, end := a.observer.attempt(ctx, a.number)
	defer func() { end(err) }()

	a.prepare(ctx, limit)
	if err := intercept(ctx, a.Interceptors.BeforeAttempt, smithyhttp.BeforeAttemptInterceptor.BeforeAttempt, &a.hooks); err != nil {
		return err
	}
	err = a.exchange(ctx)
	return join(err, intercept(ctx, a.Interceptors.AfterAttempt, smithyhttp.AfterAttemptInterceptor.AfterAttempt, &a.hooks))
}

// attemptContext bounds ctx by AttemptTimeout.
func (c *call) attemptContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.AttemptTimeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, c.AttemptTimeout, &attemptTimeout{c.AttemptTimeout})
}

// prepare makes the attempt's own request.
func (a *attempt) prepare(ctx context.Context, limit int) {
	if a.base == nil {
		a.request.Request = a.newRequest(ctx)
	} else {
		a.request = *a.base.Clone()
		a.request.Request = a.request.WithContext(ctx)
	}
	progress := "attempt=" + strconv.Itoa(a.number)
	if limit > 0 {
		progress += "; max=" + strconv.Itoa(limit)
	}
	if a.request.Header == nil { // an interceptor's doing
		a.request.Header = http.Header{}
	}
	a.request.Header["Amz-Sdk-Request"] = []string{progress}
	a.hooks.Request, a.hooks.Response, a.hooks.Output = &a.request, nil, nil
}

// exchange signs and sends the request and takes the response apart.
func (a *attempt) exchange(ctx context.Context) error {
	if err := a.retrieve(ctx); err != nil {
		return err
	}
	payload, err := a.sign(ctx)
	if err != nil {
		return err
	}
	resp, err := a.transmit(ctx, payload)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := intercept(ctx, a.Interceptors.AfterTransmit, smithyhttp.AfterTransmitInterceptor.AfterTransmit, &a.hooks); err != nil {
		return err
	}
	return a.receive(ctx, resp)
}

// retrieve gets the credentials to sign with.
func (a *attempt) retrieve(ctx context.Context) (err error) {
	stepCtx, end := a.observer.step(ctx, stepResolveIdentity)
	defer end()
	if a.keys, err = a.Credentials.Retrieve(stepCtx); err == nil {
		err = a.keys.check()
	}
	if err != nil {
		return interrupted(ctx, fmt.Errorf("retrieve credentials: %w", err))
	}
	return nil
}

// sign signs the request with the service's time and returns the bytes of the
// body that it signed.
func (a *attempt) sign(ctx context.Context) (payload []byte, err error) {
	if err := intercept(ctx, a.Interceptors.BeforeSigning, smithyhttp.BeforeSigningInterceptor.BeforeSigning, &a.hooks); err != nil {
		return nil, err
	}
	if payload, err = a.payload(); err != nil {
		return nil, err
	}
	a.request.ContentLength = int64(len(payload))
	if !a.DisableClockSkewCorrection {
		a.skew = time.Duration(a.client.skew.Load())
	}
	a.signed = true
	_, end := a.observer.step(ctx, stepSign)
	a.client.signer.Sign(sigv4.Input{
		Request: a.request.Request,
		Payload: payload,
		Keys:    sigv4.Keys{AccessKeyID: a.keys.AccessKeyID, SecretAccessKey: a.keys.SecretAccessKey, SessionToken: a.keys.SessionToken},
		Service: signingName,
		Region:  a.Region,
		Time:    time.Now().Add(a.skew),
	})
	end()
	return payload, intercept(ctx, a.Interceptors.AfterSigning, smithyhttp.AfterSigningInterceptor.AfterSigning, &a.hooks)
}

// payload is the body to send: the encoded input, or what an interceptor made
// of it.
func (a *attempt) payload() ([]byte, error) {
	if a.base == nil {
		return a.encoded, nil
	}
	stream := a.request.GetStream()
	if stream == nil {
		return nil, nil
	}
	if err := a.request.RewindStream(); err != nil {
		return nil, fmt.Errorf("request body set by an interceptor: %w", err)
	}
	payload, err := io.ReadAll(stream)
	if err != nil {
		return nil, fmt.Errorf("request body set by an interceptor: %w", err)
	}
	return payload, nil
}

// transmit sends the request and learns the service's clock from the response.
func (a *attempt) transmit(ctx context.Context, payload []byte) (*http.Response, error) {
	request := a.request.Request
	a.body.Reset(payload)
	request.Body = &a.body
	if _, ok := a.HTTPClient.(*http.Client); ok {
		request.GetBody = func() (io.ReadCloser, error) { return &body{*bytes.NewReader(payload)}, nil }
	} // without it, what wraps an *http.Client cannot follow a 307
	if len(payload) == 0 {
		request.Body, request.GetBody = http.NoBody, nil
	}
	if err := intercept(ctx, a.Interceptors.BeforeTransmit, smithyhttp.BeforeTransmitInterceptor.BeforeTransmit, &a.hooks); err != nil {
		return nil, err
	}
	_, end := a.observer.step(ctx, stepTransmit)
	sent := time.Now()
	resp, err := a.httpClient.Do(a.request.Request)
	roundTrip := time.Since(sent)
	end()
	if err == nil && resp == nil {
		err = errors.New("HTTPClient returned neither a response nor an error")
	}
	if err != nil {
		return nil, interrupted(ctx, a.sendError(err))
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	a.response.Response = resp
	a.hooks.Response = &a.response
	a.metadata.requestID = a.scrub(resp.Header.Get("X-Amzn-Requestid"))
	a.metadata.serverTime, _ = http.ParseTime(resp.Header.Get("Date"))
	if skew, ok := clockSkew(a.metadata.serverTime, resp.Header.Get("Age"), sent, roundTrip); ok && !a.DisableClockSkewCorrection {
		a.client.skew.Store(int64(skew))
		a.off = (skew - a.skew).Abs()
	}
	return resp, nil
}

// receive reads the response and makes an output or an error of it.
func (a *attempt) receive(ctx context.Context, resp *http.Response) error {
	content, readErr := readBody(a.response.Response)
	resp.Body.Close()
	a.response.Body = http.NoBody
	if a.base != nil {
		a.response.Body = io.NopCloser(bytes.NewReader(content))
	}
	if err := intercept(ctx, a.Interceptors.BeforeDeserialization, smithyhttp.BeforeDeserializationInterceptor.BeforeDeserialization, &a.hooks); err != nil {
		return err
	}
	_, end := a.observer.step(ctx, stepDeserialize)
	err := a.deserialize(ctx, a.response.Response, content, readErr)
	end()
	return join(err, intercept(ctx, a.Interceptors.AfterDeserialization, smithyhttp.AfterDeserializationInterceptor.AfterDeserialization, &a.hooks))
}

func (a *attempt) deserialize(ctx context.Context, resp *http.Response, content []byte, readErr error) error {
	if readErr != nil && ctx.Err() != nil {
		timeout := timedOut(ctx)
		if timeout == nil {
			return canceled(ctx, nil)
		}
		readErr = timeout
	}
	if resp.StatusCode/100 != 2 {
		return responseError(resp, a.metadata.requestID, a.exception(resp, content, readErr))
	}
	if readErr != nil {
		return responseError(resp, a.metadata.requestID, a.bodyError(readErr))
	}
	d := awsjson.NewDecoder(content)
	output := a.codec.decode(d)
	if err := d.Err(); err != nil {
		return responseError(resp, a.metadata.requestID, &smithy.DeserializationError{Err: a.scrubError(err)})
	}
	a.hooks.Output = output
	return nil
}

// errBodyTooLarge says that a response is none of the service's.
var errBodyTooLarge = fmt.Errorf("response body has more than %d bytes", maxResponseBody)

// readBody reads a response's body up to maxResponseBody.
func readBody(resp *http.Response) ([]byte, error) {
	if resp.StatusCode < http.StatusOK {
		return nil, nil // of 101, the rest of the connection, which heeds no context
	}
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxResponseBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxResponseBody+1))
	if err == nil && b.Len() > maxResponseBody {
		err = errBodyTooLarge
	}
	return b.Bytes(), err
}
