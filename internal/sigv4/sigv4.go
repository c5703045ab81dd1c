// Package sigv4 signs HTTP requests with AWS Signature Version 4 in the Authorization header. It
// reads no clock and no environment: everything that a signature depends on is a field of [Input].
//
// The steps and their names are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
// This is the variant for every service except S3: the path is encoded a second time, and there is
// no X-Amz-Content-Sha256 header.
package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const algorithm = "AWS4-HMAC-SHA256"

// Keys are the credentials that sign. Printed, logged or marshaled, they show only the access key
// ID.
type Keys struct {
	AccessKeyID     string // names the keys in the signature; not a secret
	SecretAccessKey string // signs, and is not sent
	SessionToken    string // empty for long-term keys
}

// Format prints the same redacted form for every verb.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.redacted()) }

// LogValue returns the redacted form.
func (k Keys) LogValue() slog.Value { return slog.StringValue(k.redacted()) }

// MarshalText returns the redacted form, for encoders of values that contain keys.
func (k Keys) MarshalText() ([]byte, error) { return []byte(k.redacted()), nil }

func (k Keys) redacted() string { return "{AccessKeyID:" + k.AccessKeyID + " (secrets redacted)}" }

// Input is a request to sign, and the keys, the scope and the time to sign it with. Printed or
// logged, it shows no secret.
type Input struct {
	// Request is changed in place. Signing sets its Host (without the scheme's default port) and
	// the headers X-Amz-Date, Authorization and X-Amz-Security-Token. If Keys have no session
	// token, it removes X-Amz-Security-Token. Other requests may share the values of its header
	// map, but not the map. Every header is signed except Authorization, User-Agent,
	// X-Amzn-Trace-Id, Expect and Transfer-Encoding, which proxies and transports add or rewrite.
	// Only those may change between signing and sending.
	//
	// Host and Content-Length are signed as net/http sends them, from the fields Host (else
	// URL.Host) and ContentLength, never from the header map. A ContentLength of 0 or -1 is not
	// signed: whether net/http sends "Content-Length: 0" depends on method and Body.
	//
	// It must have a URL without Opaque. The host must be ASCII and without an IPv6 zone, which
	// net/http would rewrite.
	Request *http.Request

	// Payload is the body, byte for byte as it will be sent. Request.Body is not read.
	Payload []byte

	Keys    Keys   // the keys to sign with
	Service string // the name in the credential scope, such as "gamelift"
	Region  string // the region in the credential scope, such as "us-west-2"

	// Time is the time of signing, in any location. The service accepts a few minutes around its
	// own clock.
	Time time.Time

	// Memory is where Sign puts the values of the headers that it sets. They stay there for as long
	// as the request is in use. If it is nil, Sign allocates memory.
	Memory *[3]string
}

// Format prints the same form for every verb. It leaves out the request, whose header map has the
// session token.
func (in Input) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, in.redacted()) }

// LogValue returns the form that Format prints.
func (in Input) LogValue() slog.Value { return slog.StringValue(in.redacted()) }

func (in Input) redacted() string {
	return fmt.Sprintf("{Keys:%s Service:%s Region:%s Time:%s}", in.Keys.redacted(), in.Service, in.Region, formatTime(in.Time))
}

// Signer signs requests and caches the keys that it derives. The zero value is ready to use. A
// Signer is safe for concurrent use and must not be copied. Printed in any way, it shows no secret.
type Signer struct {
	recent atomic.Pointer[[]*signingKey] // newest first, at most maxSigningKeys; see signingKey
}

// Sign signs in.Request. It cannot fail: only the service knows whether the credentials are valid.
func (s *Signer) Sign(in Input) {
	w := workspaces.Get().(*workspace)
	defer func() {
		w.headers.forget()
		workspaces.Put(w)
	}()

	date := formatTime(in.Time)
	scope := scope{day: date[:len("20060102")], region: in.Region, service: in.Service}

	authorization := prepare(in, date)
	w.headers.collect(in.Request)
	w.text = appendCanonicalRequest(w.text[:0], in.Request, &w.headers, in.Payload)
	hash := sha256.Sum256(w.text)
	key := s.signingKey(in.Keys.SecretAccessKey, scope)
	w.text = appendStringToSign(w.text[:0], date, key.scopeText, hash[:])
	w.signature = key.appendMAC(w.signature[:0], w.text)
	w.text = appendAuthorization(w.text[:0], in.Keys.AccessKeyID, key.scopeText, w.headers.signed, w.signature)
	*authorization = string(w.text)
}

// workspace is memory for one signing, which later ones use again.
type workspace struct {
	headers   headers
	text      []byte
	signature []byte
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// scope is the credential scope, without its constant last part.
type scope struct{ day, region, service string }

func (s scope) String() string {
	return s.day + "/" + s.region + "/" + s.service + "/aws4_request"
}

// formatTime is t.UTC().Format("20060102T150405Z") for the years 0 to 9999, at a third of the cost.
func formatTime(t time.Time) string {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	digits := func(n int) (byte, byte) { return '0' + byte(n/10%10), '0' + byte(n%10) }
	text := [...]byte{8: 'T', 15: 'Z'}
	text[0], text[1] = digits(year / 100)
	text[2], text[3] = digits(year)
	text[4], text[5] = digits(int(month))
	text[6], text[7] = digits(day)
	text[9], text[10] = digits(hour)
	text[11], text[12] = digits(minute)
	text[13], text[14] = digits(second)
	return string(text[:])
}

// prepare sets the host and the headers that the signature covers. It returns where to store the
// value of Authorization.
func prepare(in Input, date string) (authorization *string) {
	r := in.Request
	r.Host = hostToSend(r)
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	values := in.Memory
	if values == nil {
		values = new([3]string)
	}
	values[0], values[1] = date, in.Keys.SessionToken
	r.Header["X-Amz-Date"] = values[0:1:1]
	if in.Keys.SessionToken != "" {
		r.Header["X-Amz-Security-Token"] = values[1:2:2]
	} else {
		delete(r.Header, "X-Amz-Security-Token")
	}
	r.Header["Authorization"] = values[2:3:3]
	return &values[2]
}

// hostToSend returns the host without a default port, which HTTP clients and proxies may drop. The
// service computes the signature without it.
func hostToSend(r *http.Request) string {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	switch r.URL.Scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

func appendStringToSign(dst []byte, date, scope string, canonicalRequestHash []byte) []byte {
	dst = append(dst, algorithm...)
	dst = append(dst, '\n')
	dst = append(dst, date...)
	dst = append(dst, '\n')
	dst = append(dst, scope...)
	dst = append(dst, '\n')
	return hex.AppendEncode(dst, canonicalRequestHash)
}

func appendAuthorization(dst []byte, accessKeyID, scope, signedHeaders string, signature []byte) []byte {
	dst = append(dst, algorithm+" Credential="...)
	dst = append(dst, accessKeyID...)
	dst = append(dst, '/')
	dst = append(dst, scope...)
	dst = append(dst, ", SignedHeaders="...)
	dst = append(dst, signedHeaders...)
	dst = append(dst, ", Signature="...)
	return hex.AppendEncode(dst, signature)
}
