package gamelift

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// maxResponseBody is the maximum size of a response's body in bytes. The largest
// output of the API model has a few KiB.
const maxResponseBody = 1 << 20

// errBodyTooLarge reports a response that cannot be the service's.
var errBodyTooLarge = fmt.Errorf("response body has more than %d bytes", maxResponseBody)

// bodyReader reads response bodies into memory that it uses again.
type bodyReader struct {
	buffer  bytes.Buffer
	limited io.LimitedReader
}

var bodyReaders = sync.Pool{New: func() any { return new(bodyReader) }}

// read reads a response's body and closes it. The result is valid until the next
// call of read or release.
func (r *bodyReader) read(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusOK {
		return nil, nil // after 101, the body is the rest of the connection, and no context ends it
	}
	r.buffer.Reset()
	r.limited = io.LimitedReader{R: resp.Body, N: maxResponseBody + 1}
	_, err := r.buffer.ReadFrom(&r.limited)
	if err == nil && r.buffer.Len() > maxResponseBody {
		err = errBodyTooLarge
	}
	return r.buffer.Bytes(), err
}

func (r *bodyReader) release() {
	r.limited.R = nil
	if r.buffer.Cap() <= 64<<10 { // more is rare, and not worth keeping
		bodyReaders.Put(r)
	}
}

// headerValue returns the first value of a header, or "". The name must be
// canonical: unlike Header.Get, headerValue spends no time on that.
func headerValue(header http.Header, name string) string {
	if values := header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// checkResponse returns an error if an interceptor has removed the response. A
// body that was removed becomes an empty one.
func checkResponse(resp *http.Response) error {
	if resp == nil {
		return errors.New("an interceptor set the Response to nil")
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return nil
}
