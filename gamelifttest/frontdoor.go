package gamelifttest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxBody bounds a request's body, and so what Requests holds: decoded it can
// take thirty times as much. The longest valid input has 10 KiB, every character
// escaped; AWS's own bound is not published.
const maxBody = 64 << 10

// serve makes the answer to a request: first what AWS checks of every request
// to any service, in AWS's order, then faults, quotas and the service. What it
// learns on the way stands in rec.
func (s *Server) serve(r *http.Request, rec *Request) *answer {
	rec.Protocol = protocolOf(r)
	a := &answer{status: http.StatusOK, header: http.Header{}}
	a.setDate(rec.Time)
	a.header.Set("X-Amzn-Requestid", rec.ID)
	a.header.Set("Content-Type", rec.Protocol.contentType())
	if rec.Protocol == CBOR {
		a.header.Set("Smithy-Protocol", "rpc-v2-cbor")
	}

	out, fault, failed := s.handle(r, rec)
	if failed != nil {
		a.status, out = failed.status, failed.body()
		rec.ErrorCode = failed.code
		if a.status == http.StatusMethodNotAllowed {
			a.header.Set("Allow", http.MethodPost)
		}
	}
	a.body = rec.Protocol.encode(out)
	if fault != nil {
		rec.Faulted = true
		fault.spoil(a)
	}
	a.seal()
	rec.Status = a.status
	return a
}

func (s *Server) handle(r *http.Request, rec *Request) (out map[string]any, fault *Fault, failed *failure) {
	if r.Method != http.MethodPost {
		return nil, nil, &failure{http.StatusMethodNotAllowed, "UnknownOperationException", spoken + "."}
	}
	if rec.Protocol == "" {
		return nil, nil, &failure{http.StatusUnsupportedMediaType, "UnknownOperationException", spoken + "."}
	}
	body, failed := readBody(r)
	if failed != nil {
		return nil, nil, failed
	}
	var err error
	if rec.Input, err = rec.Protocol.decode(body); err != nil {
		return nil, nil, fail("SerializationException", "The body cannot be read: "+err.Error())
	}
	target := rec.Protocol.target(r)
	op := operations[target]
	if op == nil {
		return nil, nil, fail("UnknownOperationException", "gamelifttest has the operations "+operationNames()+".")
	}
	rec.Operation = target
	in, failed := op.read(rec.Input)
	if failed != nil {
		return nil, nil, failed
	}
	credentials, failed := s.authenticate(r, body, rec.Time)
	if failed != nil {
		return nil, nil, failed
	}
	rec.AccessKeyID = credentials.AccessKeyID
	if allow := s.options.Authorize; allow != nil && !allow(credentials.AccessKeyID, target) {
		return nil, nil, fail("AccessDeniedException", fmt.Sprintf(
			"User: arn:%s:iam::%s:user/%s is not authorized to perform: gamelift:%s because no identity-based policy allows the gamelift:%[4]s action",
			partition(s.options.Region), s.options.AccountID, credentials.AccessKeyID, target))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if fault = s.state.takeFault(target, in); fault != nil {
		if failed := fault.failure(); failed != nil {
			return nil, fault, failed
		}
	}
	out, failed = s.perform(op, target, in, rec.Time)
	return out, fault, failed
}

func (s *Server) perform(op *operation, name string, in input, now time.Time) (map[string]any, *failure) {
	if !s.state.take(s.options.Quotas, name, now) {
		return nil, fail("ThrottlingException", "Rate exceeded")
	}
	if failed := op.check(in); failed != nil {
		return nil, failed
	}
	return op.serve(s, in, now)
}

func readBody(r *http.Request) ([]byte, *failure) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fail("SerializationException", "The body ended early: "+err.Error())
	case len(body) > maxBody:
		// A client that is still sending would not get to see the answer.
		_, _ = io.CopyN(io.Discard, r.Body, 16<<20)
		return nil, &failure{http.StatusRequestEntityTooLarge, "SerializationException", fmt.Sprintf("The body has more than %d bytes.", maxBody)}
	}
	return body, nil
}
