package gamelifttest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

// Request is a request that arrived, with what was answered. Printed or
// marshaled, its secrets are redacted.
type Request struct {
	Time      time.Time // of arrival, by the server's clock
	ID        string    // the answer's X-Amzn-Requestid
	Protocol  Protocol  // "" where it is neither
	Operation string    // "" where it names none that the server has

	// Input is the body: strings, float64, bool, nil, []byte (CBOR only), []any
	// and map[string]any, what the API model does not name included. Nil where
	// the body cannot be read.
	Input map[string]any

	Method string
	Path   string      // as it was sent
	Header http.Header // with signature and session token; not with Host

	// Attempt and MaxAttempts are what Amz-Sdk-Request says; zero where it is
	// absent.
	Attempt, MaxAttempts int

	// AccessKeyID is whose request it is; "" where that is not proven.
	AccessKeyID string

	Status    int    // the answer's, where it is not reset
	ErrorCode string // the answer's; "" where it has none
	Faulted   bool   // an injected fault took it
}

// Format prints the request with its secrets redacted, at every verb.
func (r Request) Format(f fmt.State, _ rune) { redact.Format(f, "Request", r.LogValue()) }

// LogValue is what slog records: the request with its secrets redacted.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Time("Time", r.Time),
		slog.String("ID", r.ID),
		slog.String("Protocol", string(r.Protocol)),
		slog.String("Operation", r.Operation),
		slog.Any("Input", r.Input),
		slog.String("Method", r.Method),
		slog.String("Path", r.Path),
		slog.Any("Header", r.redacted()),
		slog.Int("Attempt", r.Attempt),
		slog.Int("MaxAttempts", r.MaxAttempts),
		slog.String("AccessKeyID", r.AccessKeyID),
		slog.Int("Status", r.Status),
		slog.String("ErrorCode", r.ErrorCode),
		slog.Bool("Faulted", r.Faulted),
	)
}

func (r *Request) log(ctx context.Context, logger *slog.Logger) {
	logger.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("operation", r.Operation),
		slog.String("protocol", string(r.Protocol)),
		slog.Int("status", r.Status),
		slog.String("code", r.ErrorCode),
		slog.Bool("faulted", r.Faulted),
		slog.Int("attempt", r.Attempt),
		slog.String("key", r.AccessKeyID),
		slog.String("id", r.ID),
	)
}

// MarshalJSON writes the request with its secrets redacted. Numbers that CBOR
// has and JSON lacks are strings: "NaN", "+Inf", "-Inf".
func (r Request) MarshalJSON() ([]byte, error) {
	type plain Request
	r.Header = r.redacted()
	if r.Input != nil {
		r.Input = finite(r.Input).(map[string]any)
	}
	return json.Marshal(plain(r))
}

// finite is the value with strings for the numbers that JSON lacks.
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

func (r Request) redacted() http.Header {
	header := maps.Clone(r.Header)
	for _, name := range []string{"Authorization", "X-Amz-Security-Token", "Cookie", "Proxy-Authorization"} {
		if header[name] != nil {
			header[name] = []string{redact.Mark}
		}
	}
	return header
}

// attempts reads "attempt=N; max=M".
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

// history keeps the newest requests, in a ring once it is full.
type history struct {
	requests []Request
	oldest   int
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
