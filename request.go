package gamelift

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// version is the version of the latest release in CHANGELOG.md, or "0.1.0"
// before the first.
const version = "0.1.0"

// requestBuilder makes the unsigned requests of one call.
type requestBuilder struct {
	settings     *settings
	target       string // X-Amz-Target
	invocationID string
	body         []byte

	// base is the request that the interceptors before the first attempt see.
	// Every attempt sends a copy of it. If there are no interceptors, it is nil
	// and every attempt makes its request anew.
	base *smithyhttp.Request
}

// build prepares the requests of a call with the given body.
func (b *requestBuilder) build(ctx context.Context, body []byte) (err error) {
	b.invocationID, b.body = newUUID(), body
	if b.settings.intercepted {
		base := &smithyhttp.Request{Request: b.newRequest(ctx, new(requestMemory))}
		b.base, err = base.SetStream(bytes.NewReader(body))
	}
	return err
}

// requestMemory holds the parts of one request, to save their allocations. It
// must not be used for another request, since the transport may still read it.
type requestMemory struct {
	url    url.URL
	values [5]string // of headers
	signed [3]string // of headers that the signer sets
	body   bytes.Reader
}

// newRequest makes a request with the headers that all attempts share.
func (b *requestBuilder) newRequest(ctx context.Context, m *requestMemory) *http.Request {
	r := new(http.Request).WithContext(ctx)
	m.url = *b.settings.endpoint
	r.Method, r.URL = http.MethodPost, &m.url // the signer sets Host, since an interceptor may change the URL
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	m.values = [...]string{awsjson.ContentType, b.target, b.settings.userAgent, b.invocationID, ""}
	r.Header = make(http.Header, 8) // with those of the attempt and the signature
	for i, name := range [...]string{"Content-Type", "X-Amz-Target", "User-Agent", "Amz-Sdk-Invocation-Id"} {
		r.Header[name] = m.values[i : i+1 : i+1]
	}
	if b.settings.inLambda {
		if id := os.Getenv("_X_AMZN_TRACE_ID"); id != "" && isHeaderText(id) {
			r.Header.Set("X-Amzn-Trace-Id", id)
		}
	}
	return r
}

// forAttempt makes the request of one attempt. A limit of zero means none.
func (b *requestBuilder) forAttempt(ctx context.Context, number, limit int, m *requestMemory) smithyhttp.Request {
	var r smithyhttp.Request
	if b.base == nil {
		r.Request = b.newRequest(ctx, m)
	} else {
		r = *b.base.Clone()
		r.Request = r.WithContext(ctx)
	}
	m.values[4] = progress(number, limit)
	r.Header["Amz-Sdk-Request"] = m.values[4:5:5]
	return r
}

// progress returns the value of Amz-Sdk-Request.
func progress(number, limit int) string {
	switch {
	case number == 1 && limit == retry.DefaultMaxAttempts:
		return "attempt=1; max=3" // most calls; it costs no allocation
	case limit > 0:
		return "attempt=" + strconv.Itoa(number) + "; max=" + strconv.Itoa(limit)
	default:
		return "attempt=" + strconv.Itoa(number)
	}
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
	var body bytes.Buffer
	if err == nil {
		_, err = body.ReadFrom(stream)
	}
	if err != nil {
		return nil, fmt.Errorf("request body set by an interceptor: %w", err)
	}
	return body.Bytes(), nil
}

// setBody sets the body in a form that net/http sends in one write with the
// headers.
//
// If the request is repeatable, net/http may repeat it when the server closes an
// idle connection at that moment, which is safe for these operations. Only the
// requests of an *http.Client are repeatable: without GetBody, another client
// cannot follow a 307.
func setBody(r *http.Request, body []byte, repeatable bool, m *requestMemory) {
	if _, ok := r.Header["Idempotency-Key"]; repeatable && !ok {
		r.Header["Idempotency-Key"] = nil // net/http looks for the key, and sends no line
	}
	if len(body) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return
	}
	m.body.Reset(body)
	r.Body = io.NopCloser(&m.body)
	if repeatable {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
}

// checkRequest returns an error if an interceptor has removed the request or its
// URL. A header that was removed becomes an empty one.
func checkRequest(r *smithyhttp.Request) error {
	if r.Request == nil || r.URL == nil {
		return errors.New("an interceptor set the Request or its URL to nil")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return nil
}

// newUUID returns a random UUID of version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	dst := hex.AppendEncode(text[:0], b[:4])
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		dst = hex.AppendEncode(append(dst, '-'), part)
	}
	return string(dst)
}

// userAgent returns the User-Agent in the form of AWS SDKs: key/value words,
// with # between a name and its version.
func userAgent(appID string) string {
	if appID == "" {
		return plainUserAgent()
	}
	return plainUserAgent() + " app/" + cleanToken(appID)
}

var plainUserAgent = sync.OnceValue(func() string {
	return "gamelift-go/" + version + " os/" + runtime.GOOS +
		" lang/go#" + cleanToken(strings.TrimPrefix(runtime.Version(), "go")) + " md/GOARCH#" + runtime.GOARCH
})

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
