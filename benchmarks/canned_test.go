package benchmarks

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// A canned is the stub's answer to one call, given again to every request:
// in-process as an HTTP client or a RoundTripper, over a network as a handler.
type canned struct {
	requestHeader http.Header // of the request that the stub answered
	answer        http.Response
	content       []byte

	// What Do returns. It is made once, so that an in-process benchmark counts
	// the client's allocations only. One request at a time can be under way.
	response http.Response
	body     body
}

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	c.body.Reset(c.content)
	c.response = c.answer
	c.response.Request, c.response.Body = r, &c.body
	return &c.response, nil
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) { return c.Do(r) }

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for name, values := range c.answer.Header {
		if name != "Date" { // net/http sends the time of day
			w.Header()[name] = values
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(c.content)))
	w.WriteHeader(c.answer.StatusCode)
	_, _ = w.Write(c.content)
}

// record makes one call to the stub and keeps its answer. Every stub has the
// same clock and makes up the same secrets, so that all peers get the same
// answer, each in its own protocol.
func record(p *peer, operation string) *canned {
	stub := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) { o.Now = func() time.Time { return started } })
	r := &recorder{client: stub.ClientOptions().HTTPClient}
	_, _ = p.calls(p.client(stub.URL(), r, nil))[operation](context.Background()) // some are meant to fail
	return &r.canned
}

var started = time.Now()

// recorder is an HTTP client that keeps what another one answers.
type recorder struct {
	client gamelift.HTTPClient
	canned
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if r.content, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	r.requestHeader, r.answer = request.Header.Clone(), *response
	return r.canned.Do(request)
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) { return r.Do(request) }
