package gamelift_test

import (
	"net/http"
	"testing"

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
		for _, client := range []gamelift.HTTPClient{nil, http.DefaultClient, options.HTTPClient} {
			options.HTTPClient = client
			_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
			var response *apierrors.ResponseError
			require.ErrorAs(t, err, &response)
			require.Equal(t, status, response.HTTPStatusCode())
		}
		require.Zero(t, elsewhere)
	}
}

// redirecting is an HTTPClient of a caller's own that follows a 307 like
// aws-sdk-go-v2's does.
type redirecting struct{ http.Client }

func TestRedirectsAreNotFollowedByOtherHTTPClients(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	target := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	for _, code := range []int{307, 308} {
		options := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, *target.BaseEndpoint, code) })
		options.HTTPClient = &redirecting{}
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Equal(t, "OperationError ResponseError GenericAPIError", chain(err))
	}
	require.Zero(t, elsewhere)
}
