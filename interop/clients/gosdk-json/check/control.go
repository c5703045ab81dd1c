package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// stub calls the control API of the program.
type stub struct{ url string }

// request is a request that the stub recorded.
type request struct {
	Time      time.Time
	ID        string
	Protocol  string
	Operation string
	Status    int
	ErrorCode string
}

func newStub() stub { return stub{os.Getenv("AWS_ENDPOINT_URL_GAMELIFT")} }

// post calls the control API. It panics with checkFailed if that fails.
func (s stub) post(path string, body any) {
	data, err := json.Marshal(body)
	must(err)
	response, err := http.Post(s.url+"/_stub/"+path, "application/json", bytes.NewReader(data))
	must(err)
	defer response.Body.Close()
	equal("status of the stub's "+path, http.StatusNoContent, response.StatusCode)
}

func (s stub) reset()             { s.post("reset", struct{}{}) }
func (s stub) inject(code string) { s.post("faults", map[string]string{"Code": code}) }
func (s stub) setClock(offset time.Duration) {
	s.post("clock", map[string]string{"Offset": offset.String()})
}
func (s stub) requests() (requests []request) { s.get("requests", &requests); return requests }
func (s stub) unused() (faults []any)         { s.get("unused", &faults); return faults }

func (s stub) get(path string, into any) {
	response, err := http.Get(s.url + "/_stub/" + path)
	must(err)
	defer response.Body.Close()
	must(json.NewDecoder(response.Body).Decode(into))
}

// responses returns protocol, operation, status and error code of each request since
// the reset.
func (s stub) responses() (responses []string) {
	for _, r := range s.requests() {
		responses = append(responses, fmt.Sprintf("%s %s %d %s", r.Protocol, r.Operation, r.Status, r.ErrorCode))
	}
	return responses
}
