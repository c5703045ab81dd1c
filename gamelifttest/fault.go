package gamelifttest

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong with requests. The zero value matches the
// next request and does nothing to it: the first fields say which requests, and
// the others what they get.
//
// Faults come after the front door, to requests that are rightly signed: one
// that is not gets its own answer, and uses up no fault. A request gets at most
// one fault: the first one injected that takes it.
type Fault struct {
	// Operation, FleetID, ComputeName and BuildID match requests that name
	// these; empty ones match all. IDs and ARNs match each other.
	Operation   string
	FleetID     string
	ComputeName string
	BuildID     string

	// Skip lets so many matching requests pass first, those not counted that an
	// earlier fault took.
	Skip int

	// Probability is the chance, above 0 and up to 1, that a matching request
	// gets the fault; Options.Seed makes the choices. Zero: 1.
	Probability float64

	// Count is how many requests get the fault. Zero: one. Negative: no limit.
	Count int

	// Status and Code answer with an error in place of the service's answer,
	// in the protocol of the request. A Code alone has the status that AWS
	// gives it; a Status alone leaves the code out. A 2xx Status without a Code
	// keeps the service's answer under that status. A 1xx Status goes ahead of
	// the answer, whichever that is. Zero: the service's answer.
	Status int
	Code   string

	// Message is the error's. Empty: AWS's for ThrottlingException and a few
	// others, else none.
	Message string

	// Header is set on the answer, over whatever was there. A Content-Length
	// that is too large ends the connection early, and one that is too small
	// cuts the body.
	Header http.Header

	// RetryAfter sets Retry-After (in seconds, rounded up) and
	// X-Amz-Retry-After (in milliseconds). Zero: neither.
	RetryAfter time.Duration

	// Body replaces the answer's body. Nil: not replaced.
	Body []byte

	// DateSkew shifts the answer's Date. Zero: the server's time.
	DateSkew time.Duration

	// Delay is how long the answer waits before its first byte is sent.
	Delay time.Duration

	// Drip sends the body byte by byte, with such a wait before each.
	Drip time.Duration

	// Break is what else happens to the answer. Zero: it arrives whole.
	Break Break
}

// Break is a way in which an answer does not arrive as it should.
type Break string

// What can happen to an answer.
const (
	Reset     Break = "reset"      // the connection is reset before the first byte
	ResetBody Break = "reset-body" // the connection is reset after half of the body
	Truncated Break = "truncated"  // the connection ends after half of the body
	Empty     Break = "empty"      // there is no body
	HTML      Break = "html"       // the body is a page of HTML, as proxies send it
	Oversized Break = "oversized"  // 4 MiB of spaces follow the body
)

const (
	htmlPage     = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Gateway</h1></body></html>\n"
	oversizeFill = 4 << 20
)

// Validate tells what is wrong with the fault, if anything. A server answers
// requests that match an invalid fault with status 500 and this error.
func (f Fault) Validate() error {
	switch {
	case f.Operation != "" && operations[f.Operation] == nil:
		return fmt.Errorf("Fault.Operation is %q: want one of %s, or none", f.Operation, operationNames())
	case f.Skip < 0:
		return fmt.Errorf("Fault.Skip is %d: want 0 or more", f.Skip)
	case math.IsNaN(f.Probability) || f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("Fault.Probability is %v: want 0 to 1", f.Probability)
	case f.Status != 0 && (f.Status < 100 || f.Status > 999), f.Status == http.StatusSwitchingProtocols:
		return fmt.Errorf("Fault.Status is %d: want 100 to 999 but 101, or 0", f.Status)
	case f.RetryAfter < 0, f.Delay < 0, f.Drip < 0:
		return fmt.Errorf("Fault.RetryAfter is %v, Delay %v, Drip %v: want 0 or more", f.RetryAfter, f.Delay, f.Drip)
	}
	switch f.Break {
	case "", Reset, ResetBody, Truncated, Empty, HTML, Oversized:
		return nil
	}
	return fmt.Errorf("Fault.Break is %q: want one of %q", f.Break, []Break{Reset, ResetBody, Truncated, Empty, HTML, Oversized})
}

// armed is a fault with what came of it.
type armed struct {
	Fault
	passed int // of Skip
	used   int // of Count
}

func (st *state) inject(faults []Fault) {
	for _, f := range faults {
		f.Header, f.Body = f.Header.Clone(), bytes.Clone(f.Body)
		st.faults = append(st.faults, &armed{Fault: f})
	}
}

// takeFault finds the fault that the request gets, or nil. One that is used up
// is forgotten.
func (st *state) takeFault(operation string, in input) *Fault {
	for i, a := range st.faults {
		if a.takes(operation, in, st.chance) {
			if a.used == a.limit() {
				st.faults = slices.Delete(st.faults, i, i+1)
			}
			return &a.Fault
		}
	}
	return nil
}

func (a *armed) limit() int {
	if a.Count == 0 {
		return 1
	}
	return a.Count
}

// takes reports whether the request gets this fault, and counts it.
func (a *armed) takes(operation string, in input, chance *rand.Rand) bool {
	if !a.matches(operation, in) {
		return false
	}
	if a.passed < a.Skip {
		a.passed++
		return false
	}
	if a.Probability > 0 && chance.Float64() >= a.Probability {
		return false
	}
	a.used++
	return true
}

func (a *armed) matches(operation string, in input) bool {
	is := func(want, member string) bool {
		return want == "" || parseReference(want).id == parseReference(in[member]).id
	}
	return (a.Operation == "" || a.Operation == operation) &&
		is(a.FleetID, "FleetId") && is(a.ComputeName, "ComputeName") && is(a.BuildID, "BuildId")
}

// unused is what is left of the fault, if any.
func (a *armed) unused() (Fault, bool) {
	left := a.Fault
	if a.Count >= 0 && a.used > 0 {
		left.Count = a.limit() - a.used
	}
	return left, a.Count >= 0 || a.used == 0
}

// failure is the error that the fault puts in place of the service's answer, or
// nil.
func (f *Fault) failure() *failure {
	if err := f.Validate(); err != nil {
		return &failure{http.StatusInternalServerError, "InternalServiceException", err.Error()}
	}
	if f.Code == "" && f.Status < 300 {
		return nil
	}
	failed := fail(f.Code, f.Message)
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

// spoil does to the answer what the fault says.
func (f *Fault) spoil(a *answer) {
	if f.Validate() != nil {
		return
	}
	switch f.Break {
	case Empty:
		a.body = nil
	case HTML:
		a.body = []byte(htmlPage)
		a.header.Set("Content-Type", "text/html")
		a.header.Del("Smithy-Protocol")
	case Oversized:
		a.body = append(a.body, strings.Repeat(" ", oversizeFill)...)
	}
	if f.Body != nil {
		a.body = f.Body
	}
	switch {
	case f.Status >= 100 && f.Status < 200:
		a.informational = f.Status
	case f.Status != 0:
		a.status = f.Status
	}
	if f.DateSkew != 0 {
		a.setDate(a.date.Add(f.DateSkew))
	}
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.FormatFloat(math.Ceil(f.RetryAfter.Seconds()), 'f', 0, 64))
		a.header.Set("X-Amz-Retry-After", strconv.FormatInt(f.RetryAfter.Milliseconds(), 10))
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	a.delay, a.drip, a.broken = f.Delay, f.Drip, f.Break
}
