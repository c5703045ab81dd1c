package gamelifttest

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxBody is the maximum size of a request's body. A decoded body takes up to
// thirty times as much memory, and Requests keeps it. The longest valid input has
// 10 KiB, if every character is escaped. AWS does not publish its own limit.
const maxBody = 64 << 10

// respond makes the response to a request and fills in rec.
func (s *Server) respond(r *http.Request, rec *Request) *response {
	rec.Protocol = protocolOf(r)
	resp := &response{status: http.StatusOK, header: http.Header{}}
	resp.setDate(rec.Time)
	resp.header.Set("X-Amzn-Requestid", rec.ID)
	resp.header.Set("Content-Type", rec.Protocol.contentType())
	if rec.Protocol == CBOR {
		resp.header.Set("Smithy-Protocol", "rpc-v2-cbor")
	}

	out, fault, failed := s.handle(r, rec)
	if failed != nil {
		resp.status, out = failed.status, failed.body()
		rec.ErrorCode, rec.ErrorMessage = failed.code, failed.message
		if resp.status == http.StatusMethodNotAllowed {
			resp.header.Set("Allow", http.MethodPost)
		}
	}
	resp.body = rec.Protocol.encode(out)
	if fault != nil {
		rec.Faulted = true
		fault.apply(resp)
	}
	resp.finish()
	rec.Status = resp.status
	return resp
}

// handle makes every check of a request, in the order that the package
// documentation gives, and calls the operation. It returns either the output or
// an error, and the injected fault that the request gets, if any.
func (s *Server) handle(r *http.Request, rec *Request) (out map[string]any, fault *Fault, failed *apiError) {
	if failed := rec.Protocol.checkRequest(r); failed != nil {
		return nil, nil, failed
	}
	body, failed := readBody(r)
	if failed != nil {
		return nil, nil, failed
	}
	if rec.Input, failed = rec.Protocol.decode(body); failed != nil {
		if encoding := r.Header.Get("Content-Encoding"); encoding != "" {
			failed.message += fmt.Sprintf(". The Content-Encoding header is %q, which gamelifttest does not decode.", encoding)
		}
		return nil, nil, failed
	}
	name, failed := rec.Protocol.operation(r)
	if failed != nil {
		return nil, nil, failed
	}
	op := s.operations[name]
	if op == nil {
		return nil, nil, newError("UnknownOperationException",
			fmt.Sprintf("There is no operation %q: gamelifttest has %s.", name, operationNames(s.operations)))
	}
	rec.Operation = name
	if len(body) == 0 {
		return nil, nil, newError("SerializationException", "The body is empty.")
	}
	credentials, failed := s.authenticate(r, body, rec.Time)
	if failed != nil {
		return nil, nil, failed
	}
	rec.AccessKeyID = credentials.AccessKeyID
	in, failed := readMembers("", op.members, rec.Input)
	if failed != nil {
		return nil, nil, failed
	}
	if failed := s.authorize(credentials.AccessKeyID, name); failed != nil {
		return nil, nil, failed
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if fault = s.state.takeFault(name, in); fault != nil {
		if failed := fault.apiError(); failed != nil {
			return nil, fault, failed
		}
	}
	out, failed = s.call(op, name, in, rec.Time)
	return out, fault, failed
}

func (s *Server) authorize(accessKeyID, operation string) *apiError {
	if s.options.Authorize == nil || s.options.Authorize(accessKeyID, operation) {
		return nil
	}
	return newError("AccessDeniedException", fmt.Sprintf(
		"User: arn:%s:iam::%s:user/%s is not authorized to perform: gamelift:%s because no identity-based policy allows the gamelift:%[4]s action",
		partitionOf(s.options.Region), s.options.AccountID, accessKeyID, operation))
}

// call calls the operation if its quota and the model's constraints allow it. The
// caller holds mu.
func (s *Server) call(op *operation, name string, in input, now time.Time) (map[string]any, *apiError) {
	if failed := s.state.throttle(s.options.Quotas, name, now); failed != nil {
		return nil, failed
	}
	if failed := validate(op.members, in); failed != nil {
		return nil, failed
	}
	return op.serve(s, in, now)
}

func readBody(r *http.Request) ([]byte, *apiError) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, newError("SerializationException", "The body ended early: "+err.Error())
	case len(body) > maxBody:
		// A client that is still sending would not see the response.
		_, _ = io.CopyN(io.Discard, r.Body, 16<<20)
		return nil, &apiError{http.StatusRequestEntityTooLarge, "SerializationException", fmt.Sprintf("The body has more than %d bytes.", maxBody)}
	}
	return body, nil
}
