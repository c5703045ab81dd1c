package gamelifttest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// redacted replaces a secret.
const redacted = "REDACTED"

// Request is a request that arrived, and how the server responded. If it is
// printed, logged or marshaled, its secrets are redacted.
type Request struct {
	// Time is when the request arrived, by the server's clock.
	Time time.Time

	// ID is the X-Amzn-Requestid header of the response.
	ID string

	// Protocol is the protocol of the request. It is empty if the server does
	// not speak it.
	Protocol Protocol

	// Operation is the name of the operation. It is empty if the server does not
	// have it.
	Operation string

	// Input is the decoded body, including members that the API model does not
	// name. Its values are of type string, float64, bool, nil, []any,
	// map[string]any and, with CBOR, []byte. It is nil if the body cannot be
	// decoded.
	Input map[string]any

	// Method is the HTTP method.
	Method string

	// Path is the path of the URL, escaped as it was sent.
	Path string

	// Header is the header, including the signature and the session token but
	// not Host.
	Header http.Header

	// Attempt is the number of the attempt in the Amz-Sdk-Request header, or 0.
	Attempt int

	// MaxAttempts is the maximum number of attempts in the Amz-Sdk-Request
	// header, or 0.
	MaxAttempts int

	// AccessKeyID is the access key ID of the caller. It is empty unless the
	// request passed authentication.
	AccessKeyID string

	// Status is the HTTP status of the response. It is not sent if a fault resets
	// the connection.
	Status int

	// ErrorCode is the error code of the response. It is empty if there was no
	// error.
	ErrorCode string

	// ErrorMessage is the error message of the response. It is empty if there
	// was none.
	ErrorMessage string

	// Faulted reports whether the request got an injected fault.
	Faulted bool
}

// Format prints the request with its secrets redacted, whatever the verb.
func (r Request) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "Request"+r.LogValue().String())
}

// LogValue returns the request as a slog group, with its secrets redacted.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Time("Time", r.Time),
		slog.String("ID", r.ID),
		slog.String("Protocol", string(r.Protocol)),
		slog.String("Operation", r.Operation),
		slog.Any("Input", r.Input),
		slog.String("Method", r.Method),
		slog.String("Path", r.Path),
		slog.Any("Header", redactedHeader(r.Header)),
		slog.Int("Attempt", r.Attempt),
		slog.Int("MaxAttempts", r.MaxAttempts),
		slog.String("AccessKeyID", r.AccessKeyID),
		slog.Int("Status", r.Status),
		slog.String("ErrorCode", r.ErrorCode),
		slog.String("ErrorMessage", r.ErrorMessage),
		slog.Bool("Faulted", r.Faulted),
	)
}

func (r *Request) log(ctx context.Context, logger *slog.Logger) {
	logger.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("operation", r.Operation),
		slog.String("protocol", string(r.Protocol)),
		slog.Int("status", r.Status),
		slog.String("code", r.ErrorCode),
		slog.String("message", r.ErrorMessage),
		slog.Bool("faulted", r.Faulted),
		slog.Int("attempt", r.Attempt),
		slog.String("key", r.AccessKeyID),
		slog.String("id", r.ID),
	)
}

// MarshalJSON marshals the request with its secrets redacted. Numbers of CBOR
// that JSON does not have become the strings "NaN", "+Inf" and "-Inf".
func (r Request) MarshalJSON() ([]byte, error) {
	type plain Request
	r.Header = redactedHeader(r.Header)
	if r.Input != nil {
		r.Input = finite(r.Input).(map[string]any)
	}
	return json.Marshal(plain(r))
}

// finite replaces the numbers that JSON does not have by strings.
func finite(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			object[name] = finite(member)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = finite(item)
		}
		return list
	}
	return value
}

// redactedHeader returns a copy of a header without its secrets.
func redactedHeader(header http.Header) http.Header {
	header = maps.Clone(header)
	for _, name := range []string{"Authorization", "X-Amz-Security-Token", "Cookie", "Proxy-Authorization"} {
		if header[name] != nil {
			header[name] = []string{redacted}
		}
	}
	return header
}

// attempts parses the Amz-Sdk-Request header, "attempt=N; max=M".
func attempts(header http.Header) (attempt, maximum int) {
	for part := range strings.SplitSeq(header.Get("Amz-Sdk-Request"), ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(value)
		switch {
		case err != nil:
		case key == "attempt":
			attempt = n
		case key == "max":
			maximum = n
		}
	}
	return attempt, maximum
}

// history keeps the newest requests. Once it is full, it is a ring.
type history struct {
	requests []Request
	oldest   int // index of the oldest request
}

func (h *history) add(r Request, limit int) {
	switch {
	case limit < 0:
	case len(h.requests) < limit:
		h.requests = append(h.requests, r)
	default:
		h.requests[h.oldest] = r
		h.oldest = (h.oldest + 1) % limit
	}
}

func (h *history) list() []Request {
	return slices.Concat(h.requests[h.oldest:], h.requests[:h.oldest])
}
