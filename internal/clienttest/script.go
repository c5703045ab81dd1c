package clienttest

import (
	"net/http"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// OKBody is an output of GetComputeAuthToken.
const OKBody = `{"AuthToken":"token-1"}`

// Script answers the requests of a test one after the other, the last answer
// for ever, and keeps when they came and with which headers. It is not safe for
// concurrent use.
type Script struct {
	Answers []Answer      // what is still to be answered, and what was
	At      []time.Time   // when each request came
	Headers []http.Header // of each request
}

// An Answer returns a response or an error. If it returns neither, the request
// waits for the end of its context.
type Answer func() (*http.Response, error)

// Answers returns a Script.
func Answers(answers ...Answer) *Script { return &Script{Answers: answers} }

// Do answers the next request.
func (s *Script) Do(r *http.Request) (*http.Response, error) {
	s.At = append(s.At, time.Now())
	s.Headers = append(s.Headers, r.Header.Clone())
	answer := s.Answers[min(len(s.At), len(s.Answers))-1]
	if resp, err := answer(); resp != nil || err != nil {
		return resp, err
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Options returns options that call the Script.
func (s *Script) Options() gamelift.Options { return Answering(s.Do) }

// Status answers with a response; header is a list of names and values.
func Status(code int, body string, header ...string) Answer {
	return func() (*http.Response, error) { return Response(code, body, header...), nil }
}

// Fails answers with an error.
func Fails(err error) Answer {
	return func() (*http.Response, error) { return nil, err }
}

// Never does not answer.
func Never() (*http.Response, error) { return nil, nil }
