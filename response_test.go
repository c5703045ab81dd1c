package gamelift_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// trackedBody counts what is read of it and when it was closed.
type trackedBody struct {
	io.Reader
	read, closed int
}

func TestResponseBodyBound(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	padded := func(size int) string { return okBody + strings.Repeat(" ", size-len(okBody)) }
	for _, tt := range []struct {
		size          int
		contentLength int64
		ok            bool
	}{{bound, -1, true}, {bound, bound, true}, {bound + 1, -1, false}, {bound + 1, bound + 1, false}, {4 * bound, -1, false}, {len(okBody), 1 << 62, true}} {
		body := &trackedBody{Reader: strings.NewReader(padded(tt.size))}
		resp := response(200, "")
		resp.Body, resp.ContentLength = body, tt.contentLength
		_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) { return resp, nil }), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Equal(t, tt.ok, err == nil, "%d bytes: %v", tt.size, err)
		require.LessOrEqual(t, body.read, bound+1)
		require.NotZero(t, body.closed)
	}
}

func TestResponseBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"AfterTransmit", "BeforeDeserialization", "AfterDeserialization", ""} {
		body := &trackedBody{Reader: strings.NewReader(okBody)}
		resp := response(200, "")
		resp.Body = body
		_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) { return resp, nil })).GetComputeAuthToken(t.Context(), authTokenInput(),
			at(point, func(*smithyhttp.InterceptorContext) error { return errors.New("hook failed") }))
		require.Equal(t, point != "", err != nil, point)
		require.NotZero(t, body.closed, point)
	}
	put := &trackedBody{Reader: strings.NewReader(okBody)}
	_, err := gamelift.New(answers(status(200, "")).Options()).GetComputeAuthToken(t.Context(), authTokenInput(),
		at("AfterTransmit", func(in *smithyhttp.InterceptorContext) error { in.Response.Body = put; return nil }))
	require.NoError(t, err)
	require.NotZero(t, put.closed, "the body that an interceptor put in its place")
}

func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *trackedBody) Close() error {
	b.closed++
	return nil
}

// What follows a 101 is the raw connection, which no context ends.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
		<-release // returns when the call has
	})
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	close(release)
	require.Equal(t, "OperationError ResponseError GenericAPIError", chain(err))
}
