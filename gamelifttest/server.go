package gamelifttest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// Server is a stub endpoint of Amazon GameLift Servers. Its methods are safe for
// concurrent use.
type Server struct {
	options    Options
	operations map[string]*operation
	keys       signingKeys
	closed     chan struct{}
	closeOnce  sync.Once // closes closed

	// closeWarning is how long Close waits until it logs what it waits for.
	closeWarning time.Duration

	mu       sync.Mutex
	listener *httptest.Server            // nil until Start
	open     map[*http.Request]time.Time // requests over the network, by arrival
	state    state
}

// inProcessURL is the endpoint of a server that does not listen. The name does
// not resolve.
const inProcessURL = "http://gamelift.gamelifttest.invalid"

// NewServer starts a server that listens on a free port of the loopback
// interface. The caller should call Close when finished. Functions that are nil
// are skipped. NewServer panics if the Options are invalid and, like
// httptest.NewServer, if it cannot listen.
func NewServer(optFns ...func(*Options)) *Server {
	s := NewUnstartedServer(optFns...)
	s.Start()
	return s
}

// NewUnstartedServer returns a server that does not listen. The HTTPClient of its
// ClientOptions calls it in-process, without network and goroutines, so that it
// works in a testing/synctest bubble. Such a server need not be closed. Start
// makes it listen. NewUnstartedServer panics if the Options are invalid.
func NewUnstartedServer(optFns ...func(*Options)) *Server {
	s := &Server{
		options:      newOptions(optFns),
		operations:   operations,
		closed:       make(chan struct{}),
		closeWarning: 5 * time.Second,
		open:         map[*http.Request]time.Time{},
	}
	s.Reset()
	return s
}

// Start makes the server listen on a free port of the loopback interface. Clients
// made before continue to call it in-process. Start panics if it cannot listen.
// Calls after the first have no effect.
func (s *Server) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return
	}
	s.listener = httptest.NewUnstartedServer(s)
	s.listener.Config.DisableGeneralOptionsHandler = true // so that "OPTIONS *" reaches ServeHTTP
	s.listener.Start()
	// With the default of two idle connections, concurrent callers would dial.
	s.listener.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 512
}

// Close stops listening, aborts responses that a fault delays, and waits for the
// other requests that came over the network. After 5 seconds it logs which
// requests it waits for, to Options.Logger or, if that is nil, with package log.
// Calls after the first have no effect. Clients that call in-process are not
// affected.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
	s.mu.Lock()
	listener := s.listener
	s.mu.Unlock()
	if listener == nil {
		return
	}
	warning := time.AfterFunc(s.closeWarning, s.logOpenRequests)
	defer warning.Stop()
	listener.Close()
}

// logOpenRequests logs the requests that have no response yet.
func (s *Server) logOpenRequests() {
	s.mu.Lock()
	var requests []string
	for r, arrived := range s.open {
		operation, _ := protocolOf(r).operation(r)
		requests = append(requests, fmt.Sprintf("%s %s %s from %s, for %v",
			r.Method, r.URL.EscapedPath(), operation, r.RemoteAddr, time.Since(arrived).Round(time.Millisecond)))
	}
	s.mu.Unlock()
	slices.Sort(requests)
	message := fmt.Sprintf("gamelifttest.Server blocked in Close, waiting for %d requests: %s", len(requests), strings.Join(requests, "; "))
	if s.options.Logger != nil {
		s.options.Logger.Warn(message)
		return
	}
	log.Print(message)
}

// URL returns the endpoint of the server, http://127.0.0.1:port. Before Start it
// returns a URL that only the HTTPClient of ClientOptions can reach.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url()
}

// url is URL for callers that hold mu.
func (s *Server) url() string {
	if s.listener == nil {
		return inProcessURL
	}
	return s.listener.URL
}

// ClientOptions returns options for a client of this server. It sets Region,
// Credentials, BaseEndpoint and HTTPClient. The HTTPClient is an *http.Client,
// which other SDKs can use too; Close closes its connections.
func (s *Server) ClientOptions() gamelift.Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	url := s.url()
	o := gamelift.Options{
		Region:       s.options.Region,
		Credentials:  gamelift.StaticCredentials(AccessKeyID, SecretAccessKey, ""),
		BaseEndpoint: &url,
		HTTPClient:   &http.Client{Transport: inProcess{s}},
	}
	if len(s.options.Credentials) > 0 {
		c := s.options.Credentials[0]
		o.Credentials = gamelift.StaticCredentials(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
	}
	if s.listener != nil {
		o.HTTPClient = s.listener.Client()
	}
	return o
}

// ServeHTTP responds to a request. To abort a response it takes over the
// connection (http.Hijacker); if w does not support that, it panics with
// http.ErrAbortHandler, as net/http expects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.open[r] = time.Now()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.open, r)
		s.mu.Unlock()
	}()
	s.record(r).send(r.Context(), s.closed, w)
}

// Format prints the region and the URL of the server, whatever the verb. It does
// not print credentials.
func (s *Server) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "Server"+s.LogValue().String())
}

// LogValue returns the region and the URL of the server as a slog group.
func (s *Server) LogValue() slog.Value {
	return slog.GroupValue(slog.String("Region", s.options.Region), slog.String("URL", s.URL()))
}

// Inject adds faults to those that are already injected. It panics if one of them
// is invalid.
func (s *Server) Inject(faults ...Fault) {
	for _, f := range faults {
		if err := f.Validate(); err != nil {
			panic("gamelifttest: " + err.Error())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.inject(faults)
}

// ClearFaults removes all injected faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.faults = nil
}

// Unused returns the injected faults that have not been used up. The Count of a
// fault that some requests got is the number of requests left. A fault without a
// limit is unused until one request gets it.
func (s *Server) Unused() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unused []Fault
	for _, f := range s.state.faults {
		if left, ok := f.unused(); ok {
			unused = append(unused, left)
		}
	}
	return unused
}

// Requests returns the requests that arrived, oldest first, at most
// Options.MaxRequests. A request is included before its response is sent. The
// Input and Header of a Request are shared by later results and must not be
// changed.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.history.list()
}

// Reset returns the server to its initial state: the computes, builds and faults
// of its Options, no tokens, no requests and full quotas. A server that listens
// continues to listen.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = newState(s.options.Seed)
	for _, c := range s.options.Computes {
		s.addCompute(c)
	}
	for _, b := range s.options.Builds {
		s.addBuild(b)
	}
	s.state.inject(s.options.Faults)
}

// record makes the response to a request, and records and logs both.
func (s *Server) record(r *http.Request) *response {
	r = received(r)
	rec := Request{
		Time:   s.options.Now(),
		ID:     s.newRequestID(),
		Method: r.Method,
		Path:   r.URL.EscapedPath(),
		Header: r.Header,
	}
	rec.Attempt, rec.MaxAttempts = attempts(r.Header)
	resp := s.respond(r, &rec)
	s.mu.Lock()
	s.state.history.add(rec, s.options.MaxRequests)
	s.mu.Unlock()
	if s.options.Logger != nil {
		rec.log(r.Context(), s.options.Logger)
	}
	return resp
}

// received returns the request as an HTTP server sees it. A request made
// in-process may have no host, no path or header names that are not canonical.
// The returned request has a copy of the header.
func received(r *http.Request) *http.Request {
	seen := *r
	seen.Host = cmp.Or(r.Host, r.URL.Host)
	if r.URL.Path == "" {
		url := *r.URL
		url.Path = "/"
		seen.URL = &url
	}
	seen.Header = r.Header.Clone()
	for name, values := range r.Header {
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(seen.Header, name)
			seen.Header[canonical] = append(seen.Header[canonical], values...)
		}
	}
	return &seen
}

func (s *Server) newRequestID() string {
	s.mu.Lock()
	s.state.requested++
	number := s.state.requested
	s.mu.Unlock()
	return s.uuid("request", strconv.Itoa(number))
}

// inProcess is the transport of a server that does not listen.
type inProcess struct{ server *Server }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if r.Context().Err() != nil {
		return nil, context.Cause(r.Context())
	}
	return t.server.record(r).roundTrip(r)
}
