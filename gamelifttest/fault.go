package gamelifttest

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is a failure that requests get, in place of or in addition to the
// response of the service. The first fields select requests; the others say what
// happens to them. The zero value selects the next request and does nothing to
// it.
//
// Only requests that pass authentication and authorization get faults; others
// use none up. A request gets at most one fault: of those that select it, the
// one that was injected first.
type Fault struct {
	// Operation selects requests that call this operation. Empty selects all.
	Operation string

	// FleetID selects requests whose FleetId is this ID or its ARN. Empty
	// selects all.
	FleetID string

	// ComputeName selects requests whose ComputeName is this name or its ARN.
	// Empty selects all.
	ComputeName string

	// BuildID selects requests whose BuildId is this ID or its ARN. Empty
	// selects all.
	BuildID string

	// Skip is the number of matching requests to let through first. Requests
	// that get an earlier fault are not counted.
	Skip int

	// Probability is the chance, above 0 and up to 1, that a matching request
	// gets the fault. Options.Seed makes it reproducible. Zero means 1.
	Probability float64

	// Count is the number of requests that get the fault. Zero means one. A
	// negative number means no limit.
	Count int

	// Status is the HTTP status of the response. Zero means the status that
	// AWS uses with Code, or the status of the service's response if Code is
	// empty. A status of 300 or more without a Code makes an error without a
	// code. A 2xx status without a Code keeps the body of the service's response.
	// A 1xx status is sent ahead of the response.
	Status int

	// Code is the error code of the response, in the protocol of the request.
	// Empty means no error, unless Status is 300 or more.
	Code string

	// Message is the error message. Empty means the message of AWS for
	// ThrottlingException, ExpiredTokenException and
	// UnrecognizedClientException, and otherwise none.
	Message string

	// Header is set on the response and replaces the values that were there. A
	// name without values removes the header, unless it is Content-Length. A
	// Content-Length that is too large ends the connection early. One that is
	// too small cuts off the body.
	Header http.Header

	// RetryAfter sets the Retry-After header, in seconds and rounded up, and
	// X-Amz-Retry-After, in milliseconds. Zero sets neither.
	RetryAfter time.Duration

	// Body replaces the body of the response. Nil leaves it as it is.
	Body []byte

	// DateSkew is added to the Date header of the response.
	DateSkew time.Duration

	// Delay is the time to wait before the first byte of the response is sent.
	Delay time.Duration

	// Drip sends the body byte by byte and is the time to wait before each. Zero
	// sends it at once.
	Drip time.Duration

	// Break damages the response. Empty leaves it whole.
	Break Break
}

// Break is a way in which a response is damaged.
type Break string

const (
	// Reset resets the connection before the first byte.
	Reset Break = "reset"

	// ResetBody resets the connection after half of the body.
	ResetBody Break = "reset-body"

	// Truncated ends the connection after half of the body.
	Truncated Break = "truncated"

	// Empty drops the body.
	Empty Break = "empty"

	// HTML replaces the body with a page of HTML, as a proxy would send.
	HTML Break = "html"

	// Oversized adds 4 MiB of spaces to the body.
	Oversized Break = "oversized"
)

const (
	htmlPage     = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Gateway</h1></body></html>\n"
	oversizeFill = 4 << 20
)

// Validate returns an error that names the first invalid field, or nil.
// [Server.Inject] panics with this error.
func (f Fault) Validate() error {
	switch {
	case f.Operation != "" && operations[f.Operation] == nil:
		return fmt.Errorf("Fault.Operation is %q: want one of %s, or none", f.Operation, operationNames(operations))
	case f.Skip < 0:
		return fmt.Errorf("Fault.Skip is %d: want 0 or more", f.Skip)
	case math.IsNaN(f.Probability) || f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("Fault.Probability is %v: want 0 to 1", f.Probability)
	case f.Status != 0 && (f.Status < 100 || f.Status > 999), f.Status == http.StatusSwitchingProtocols:
		return fmt.Errorf("Fault.Status is %d: want 100 to 999 except 101, or 0", f.Status)
	case f.RetryAfter < 0:
		return fmt.Errorf("Fault.RetryAfter is %v: want 0 or more", f.RetryAfter)
	case f.Delay < 0:
		return fmt.Errorf("Fault.Delay is %v: want 0 or more", f.Delay)
	case f.Drip < 0:
		return fmt.Errorf("Fault.Drip is %v: want 0 or more", f.Drip)
	}
	if err := checkHeader(f.Header); err != nil {
		return err
	}
	switch f.Break {
	case "", Reset, ResetBody, Truncated, Empty, HTML, Oversized:
		return nil
	}
	return fmt.Errorf("Fault.Break is %q: want one of %q", f.Break, []Break{Reset, ResetBody, Truncated, Empty, HTML, Oversized})
}

// checkHeader returns an error if HTTP cannot carry the header. net/http would
// drop or change it.
func checkHeader(header http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !headerName.MatchString(name) {
			return fmt.Errorf("Fault.Header has the name %q, which HTTP does not allow", name)
		}
		for _, value := range header[name] {
			if strings.ContainsFunc(value, isControl) {
				return fmt.Errorf("Fault.Header[%q] has a control character, such as a line break", name)
			}
			if length, err := strconv.Atoi(value); http.CanonicalHeaderKey(name) == "Content-Length" && (err != nil || length < 0) {
				return fmt.Errorf("Fault.Header[%q] is %q: want 0 or more", name, value)
			}
		}
	}
	return nil
}

// headerName matches a token of RFC 9110.
var headerName = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+.^_`|~-]+$")

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// injected is an injected fault and how often it was skipped and used.
type injected struct {
	Fault
	skipped int
	used    int
}

func (st *state) inject(faults []Fault) {
	for _, f := range faults {
		f.Header, f.Body = f.Header.Clone(), bytes.Clone(f.Body)
		st.faults = append(st.faults, &injected{Fault: f})
	}
}

// takeFault returns the fault that the request gets, or nil. It removes a fault
// that is used up.
func (st *state) takeFault(operation string, in input) *Fault {
	for i, f := range st.faults {
		if f.take(operation, in, st.random) {
			if f.used == f.limit() {
				st.faults = slices.Delete(st.faults, i, i+1)
			}
			return &f.Fault
		}
	}
	return nil
}

func (f *injected) limit() int {
	if f.Count == 0 {
		return 1
	}
	return f.Count
}

// take reports whether the request gets this fault, and counts it.
func (f *injected) take(operation string, in input, random *rand.Rand) bool {
	if !f.matches(operation, in) {
		return false
	}
	if f.skipped < f.Skip {
		f.skipped++
		return false
	}
	if f.Probability > 0 && random.Float64() >= f.Probability {
		return false
	}
	f.used++
	return true
}

func (f *injected) matches(operation string, in input) bool {
	is := func(want, member string) bool {
		return want == "" || parseReference(want).id == parseReference(in.text(member)).id
	}
	return (f.Operation == "" || f.Operation == operation) &&
		is(f.FleetID, "FleetId") && is(f.ComputeName, "ComputeName") && is(f.BuildID, "BuildId")
}

// unused returns the fault with the Count that is left. It reports false if the
// fault has no limit and a request got it.
func (f *injected) unused() (Fault, bool) {
	left := f.Fault
	left.Header, left.Body = f.Header.Clone(), bytes.Clone(f.Body)
	if f.Count >= 0 && f.used > 0 {
		left.Count = f.limit() - f.used
	}
	return left, f.Count >= 0 || f.used == 0
}

// apiError returns the error that replaces the service's response, or nil.
func (f *Fault) apiError() *apiError {
	if f.Code == "" && f.Status < 300 {
		return nil
	}
	failed := newError(f.Code, f.Message)
	if f.Status >= 200 {
		failed.status = f.Status
	}
	if f.Message == "" {
		failed.message = defaultMessages[f.Code]
	}
	return failed
}

var defaultMessages = map[string]string{
	"ThrottlingException":         "Rate exceeded",
	"ExpiredTokenException":       expiredToken,
	"UnrecognizedClientException": invalidToken,
}

// apply changes the response as the fault says.
func (f *Fault) apply(r *response) {
	switch f.Break {
	case Empty:
		r.body = nil
	case HTML:
		r.body = []byte(htmlPage)
		r.header.Set("Content-Type", "text/html")
		r.header.Del("Smithy-Protocol")
	case Oversized:
		r.body = append(r.body, strings.Repeat(" ", oversizeFill)...)
	}
	if f.Body != nil {
		r.body = f.Body
	}
	switch {
	case f.Status >= 100 && f.Status < 200:
		r.informational = f.Status
	case f.Status != 0:
		r.status = f.Status
	}
	if f.DateSkew != 0 {
		r.setDate(r.date.Add(f.DateSkew))
	}
	if f.RetryAfter > 0 {
		r.header.Set("Retry-After", strconv.FormatFloat(math.Ceil(f.RetryAfter.Seconds()), 'f', 0, 64))
		r.header.Set("X-Amz-Retry-After", strconv.FormatInt(f.RetryAfter.Milliseconds(), 10))
	}
	for name, values := range f.Header {
		r.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	r.delay, r.drip, r.broken = f.Delay, f.Drip, f.Break
}
