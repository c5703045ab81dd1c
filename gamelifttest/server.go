package gamelifttest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// Server is the stub. It is safe for concurrent use.
type Server struct {
	options Options
	keys    signingKeys
	closed  chan struct{}

	close    sync.Once        // closes closed
	mu       sync.Mutex       // guards what follows
	listener *httptest.Server // nil until Start
	state    state
}

// inProcessURL is the endpoint of a server that does not listen. No resolver
// knows it.
const inProcessURL = "http://gamelift.gamelifttest.invalid"

// NewServer starts a server that listens on a port of the loopback interface.
// Close it when done. Like httptest.NewServer it panics when there is no port.
func NewServer(optFns ...func(*Options)) *Server {
	s := NewUnstartedServer(optFns...)
	s.Start()
	return s
}

// NewUnstartedServer makes a server that does not listen. Its ClientOptions
// reach it in-process, with neither network nor goroutines, so that it serves in
// a testing/synctest bubble. Start makes it listen; without, it needs no Close.
func NewUnstartedServer(optFns ...func(*Options)) *Server {
	s := &Server{options: newOptions(optFns), closed: make(chan struct{})}
	s.Reset()
	return s
}

// Start makes the server listen on a port of the loopback interface; clients
// made before keep calling it in-process. A second Start does nothing. It panics
// when there is no port.
func (s *Server) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return
	}
	s.listener = httptest.NewUnstartedServer(s)
	s.listener.Config.DisableGeneralOptionsHandler = true // so that "OPTIONS *" is answered here too
	s.listener.Start()
	// The default of two idle connections would have concurrent callers dial.
	s.listener.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 512
}

// Close stops listening, breaks off the answers over the network that a fault
// delays, and waits for the requests under way. A second Close does nothing, and
// clients that call in-process can go on.
func (s *Server) Close() {
	s.close.Do(func() { close(s.closed) })
	s.mu.Lock()
	listener := s.listener
	s.mu.Unlock()
	if listener != nil {
		listener.Close()
	}
}

// URL is the endpoint: http://127.0.0.1:port, or before Start one that only the
// HTTPClient of ClientOptions can reach.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url()
}

// url is URL, with mu held.
func (s *Server) url() string {
	if s.listener == nil {
		return inProcessURL
	}
	return s.listener.URL
}

// ClientOptions are the options of a client that calls this server: Region,
// Credentials, BaseEndpoint, and an HTTPClient whose connections end with Close.
// The HTTPClient is an *http.Client, and serves other SDKs too.
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

// ServeHTTP answers one request. To break an answer off it takes the connection
// from w (http.Hijacker), and where there is none it panics with
// http.ErrAbortHandler, as net/http wants it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.answer(r).send(r.Context(), s.closed, w)
}

// Format prints region and URL, at every verb: the keys are secrets, if only of
// a test.
func (s *Server) Format(f fmt.State, _ rune) { redact.Format(f, "Server", s.LogValue()) }

// LogValue is what slog records: region and URL.
func (s *Server) LogValue() slog.Value {
	return slog.GroupValue(slog.String("Region", s.options.Region), slog.String("URL", s.URL()))
}

// AddCompute adds a compute, and its fleet where that is new. A compute of the
// same fleet and name is replaced, its token too.
func (s *Server) AddCompute(c Compute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addCompute(c)
}

// AddBuild adds a build, or replaces the one of the same ID.
func (s *Server) AddBuild(b Build) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addBuild(b)
}

// Inject adds faults behind those that are there already.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.inject(faults)
}

// Unused returns the faults that no request got. Of those that fewer requests
// got than Count says, it returns the rest; one without a limit needs a single
// request.
func (s *Server) Unused() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unused []Fault
	for _, a := range s.state.faults {
		if left, ok := a.unused(); ok {
			unused = append(unused, left)
		}
	}
	return unused
}

// Requests returns what arrived, oldest first, at most the last
// Options.MaxRequests. A request is in it from when its answer is known, before
// that is sent. Do not change their Input and Header: later results share them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.history.list()
}

// Reset goes back to the state that NewServer left: the computes, builds and
// faults of the Options, no tokens, no requests, full quotas. A server that
// listens goes on listening.
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

// answer makes the answer to a request and remembers both.
func (s *Server) answer(r *http.Request) *answer {
	r = arriving(r)
	rec := Request{
		Time:   s.options.Now(),
		ID:     s.newRequestID(),
		Method: r.Method,
		Path:   r.URL.EscapedPath(),
		Header: r.Header,
	}
	rec.Attempt, rec.MaxAttempts = attempts(r.Header)
	a := s.serve(r, &rec)
	s.mu.Lock()
	s.state.history.add(rec, s.options.MaxRequests)
	s.mu.Unlock()
	if s.options.Logger != nil {
		rec.log(r.Context(), s.options.Logger)
	}
	return a
}

// arriving is the request as a server of net/http sees it, which one made
// in-process need not be: with a host, a path and canonical header names. Its
// header is a copy, which can be kept.
func arriving(r *http.Request) *http.Request {
	arrived := *r
	arrived.Host = cmp.Or(r.Host, r.URL.Host)
	if r.URL.Path == "" {
		url := *r.URL
		url.Path = "/"
		arrived.URL = &url
	}
	arrived.Header = r.Header.Clone()
	for name, values := range r.Header {
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(arrived.Header, name)
			arrived.Header[canonical] = append(arrived.Header[canonical], values...)
		}
	}
	return &arrived
}

func (s *Server) newRequestID() string {
	s.mu.Lock()
	s.state.arrived++
	arrived := s.state.arrived
	s.mu.Unlock()
	return uuid(s.made("request", strconv.Itoa(arrived)))
}

// inProcess is the transport of a server that does not listen.
type inProcess struct{ server *Server }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if r.Context().Err() != nil {
		return nil, context.Cause(r.Context())
	}
	return t.server.answer(r).response(r)
}
