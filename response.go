package gamelift

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxResponseBody is the number of bytes that are read of a response. The
// largest output of the API model has a few KiB.
const maxResponseBody = 1 << 20

// errBodyTooLarge reports a response that cannot be the service's.
var errBodyTooLarge = fmt.Errorf("response body has more than %d bytes", maxResponseBody)

// readBody reads a response's body and closes it.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusOK {
		return nil, nil // after 101, the rest of the connection, which no context ends
	}
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxResponseBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, maxResponseBody+1))
	if err == nil && b.Len() > maxResponseBody {
		err = errBodyTooLarge
	}
	return b.Bytes(), err
}

// checkResponse returns an error if an HTTPClient returned no response, or an
// interceptor removed it. A body that is missing becomes an empty one.
func checkResponse(resp *http.Response) error {
	if resp == nil {
		return errors.New("an interceptor set the Response to nil")
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return nil
}
