package gamelift

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"

	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
)

// version is the version of the latest release in CHANGELOG.md, or "0.1.0"
// before the first.
const version = "0.1.0"

// requestBuilder makes the unsigned requests of one call.
type requestBuilder struct {
	endpoint     *url.URL
	target       string // X-Amz-Target
	userAgent    string
	invocationID string
	inLambda     bool
	body         []byte

	// base is the request that the interceptors before the first attempt see.
	// Every attempt sends a copy of it. If there are no interceptors, it is nil
	// and every attempt makes its request anew.
	base *smithyhttp.Request
}

// build prepares the requests of a call with the given body.
func (b *requestBuilder) build(ctx context.Context, c *call, body []byte) (err error) {
	b.target, b.userAgent, b.inLambda, b.body = c.target, c.settings.userAgent, c.settings.inLambda, body
	if b.invocationID, err = smithyrand.NewUUID(rand.Reader).GetUUID(); err != nil {
		return fmt.Errorf("invocation ID: %w", err)
	}
	if c.settings.intercepted {
		base := &smithyhttp.Request{Request: b.newRequest(ctx)}
		b.base, err = base.SetStream(bytes.NewReader(body))
	}
	return err
}

// newRequest makes a request with what all attempts have in common.
func (b *requestBuilder) newRequest(ctx context.Context) *http.Request {
	r := new(http.Request).WithContext(ctx)
	u := *b.endpoint
	r.Method, r.URL, r.Host = http.MethodPost, &u, u.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	values := []string{awsjson.ContentType, b.target, b.userAgent, b.invocationID}
	r.Header = make(http.Header, 9) // with those of the attempt and the signature
	for i, name := range [...]string{"Content-Type", "X-Amz-Target", "User-Agent", "Amz-Sdk-Invocation-Id"} {
		r.Header[name] = values[i : i+1 : i+1]
	}
	if b.inLambda {
		if id := os.Getenv("_X_AMZN_TRACE_ID"); id != "" && isHeaderText(id) {
			r.Header.Set("X-Amzn-Trace-Id", id)
		}
	}
	return r
}

// forAttempt makes the request of one attempt. Zero means no limit.
func (b *requestBuilder) forAttempt(ctx context.Context, number, limit int) smithyhttp.Request {
	var r smithyhttp.Request
	if b.base == nil {
		r.Request = b.newRequest(ctx)
	} else {
		r = *b.base.Clone()
		r.Request = r.WithContext(ctx)
	}
	progress := "attempt=" + strconv.Itoa(number)
	if limit > 0 {
		progress += "; max=" + strconv.Itoa(limit)
	}
	if r.Header == nil { // an interceptor may remove it
		r.Header = http.Header{}
	}
	r.Header["Amz-Sdk-Request"] = []string{progress}
	return r
}

// bodyOf returns the body to sign and to send: the encoded input, or what an
// interceptor made of it.
func (b *requestBuilder) bodyOf(r *smithyhttp.Request) ([]byte, error) {
	if b.base == nil {
		return b.body, nil
	}
	stream := r.GetStream()
	if stream == nil {
		return nil, nil
	}
	err := r.RewindStream()
	var body []byte
	if err == nil {
		body, err = io.ReadAll(stream)
	}
	if err != nil {
		return nil, fmt.Errorf("request body set by an interceptor: %w", err)
	}
	return body, nil
}

// setBody sets the body in a form that net/http sends in one write with the
// headers.
//
// If the request is repeatable, net/http may repeat it when the server closes an
// idle connection at that moment, which is safe for these operations. That is
// only for an *http.Client, which is known to follow no redirects: without
// GetBody, another client cannot follow a 307.
func setBody(r *http.Request, body []byte, repeatable bool) {
	if repeatable {
		r.Header["Idempotency-Key"] = nil // net/http looks for the key, and sends no line
	}
	if len(body) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if repeatable {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
}

// checkRequest returns an error if an interceptor has removed what a request
// needs.
func checkRequest(r *smithyhttp.Request) error {
	if r.Request == nil || r.URL == nil {
		return errors.New("an interceptor set the Request or its URL to nil")
	}
	return nil
}

// userAgent has the form of the AWS SDKs': words of key/value, with # between a
// name and its version.
func userAgent(appID string) string {
	words := []string{
		"gamelift-go/" + version,
		"os/" + cleanToken(runtime.GOOS),
		"lang/go#" + cleanToken(strings.TrimPrefix(runtime.Version(), "go")),
		"md/GOARCH#" + cleanToken(runtime.GOARCH),
	}
	if appID != "" {
		words = append(words, "app/"+cleanToken(appID))
	}
	return strings.Join(words, " ")
}

// cleanToken replaces the characters that RFC 9110, section 5.6.2, does not
// allow in a token.
func cleanToken(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("!$%&'*+-.^_`|~", r):
			return r
		}
		return '-'
	}, s)
}
