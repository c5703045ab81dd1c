package gamelift_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
)

// A signature is good for one host: neither it nor the session token may travel
// to another, also with an HTTP client that follows redirects by itself.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := 0
		target := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
		options := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, *target.BaseEndpoint, status)
		})
		for _, client := range []gamelift.HTTPClient{
			nil, http.DefaultClient, options.HTTPClient,
			&http.Client{Timeout: time.Minute}, &http.Client{Jar: new(cookies)},
			&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
		} {
			options.HTTPClient = client
			_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
			var response *apierrors.ResponseError
			require.ErrorAs(t, err, &response)
			require.Equal(t, status, response.HTTPStatusCode())
			require.ErrorContains(t, err, fmt.Sprintf("a redirect to %q", *target.BaseEndpoint))
		}
		require.Zero(t, elsewhere)
	}
}

// cookies is a jar without cookies.
type cookies struct{}

func (*cookies) SetCookies(*url.URL, []*http.Cookie) {}

func (*cookies) Cookies(*url.URL) []*http.Cookie { return nil }

// Coding names have no case.
func TestGzipInUpperCase(t *testing.T) {
	t.Parallel()
	options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "GZIP")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, okBody)
		_ = z.Close()
	})
	options.HTTPClient = nil
	client := gamelift.New(options)
	defer client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	var encoding string
	out, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), at("AfterTransmit", func(in *smithyhttp.InterceptorContext) error {
		encoding = in.Response.Header.Get("Content-Encoding")
		return nil
	}))
	require.NoError(t, err)
	require.Equal(t, "token-1", *out.AuthToken)
	require.Empty(t, encoding, "an interceptor must not decompress again")
}

// A decompressed body has the same bound as any other, and one that breaks off is
// a broken connection.
func TestGzipThatIsMalformed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		write func(io.Writer)
		want  string
	}{
		{func(w io.Writer) { _, _ = io.WriteString(w, okBody) }, "OperationError MaxAttemptsError ResponseError RequestSendError"},
		{func(io.Writer) {}, ""}, // like any empty body
		{func(w io.Writer) {
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, okBody)
			_ = z.Flush() // without its end
		}, "OperationError MaxAttemptsError ResponseError RequestSendError"},
		{func(w io.Writer) {
			z := gzip.NewWriter(w)
			_, _ = io.Copy(z, io.LimitReader(zeros{}, 2<<20))
			_ = z.Close()
		}, "OperationError ResponseError DeserializationError"},
	} {
		options := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			tt.write(w)
		})
		options.HTTPClient = nil
		client := gamelift.New(options, oneAttempt)
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput())
		client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
		require.Equal(t, tt.want, chain(err), "%v", err)
	}
}

// zeros reads as zeros for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// As with an *http.Client, the error has the method and the URL, and names the
// scheme if a server does not speak TLS.
func TestErrorsOfTheTransport(t *testing.T) {
	t.Parallel()
	options := serve(t, func(http.ResponseWriter, *http.Request) {})
	options.BaseEndpoint = new("https" + strings.TrimPrefix(*options.BaseEndpoint, "http"))
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorIs(t, err, http.ErrSchemeMismatch)
	urlErr, ok := errors.AsType[*url.Error](err)
	require.True(t, ok)
	require.Equal(t, "Post", urlErr.Op)
	require.Equal(t, *options.BaseEndpoint+"/", urlErr.URL)
}
