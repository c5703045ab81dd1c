package awssdk

import (
	"net/http"
	"net/http/httptest"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// The SDK's own HTTP client, which an aws.Config carries, follows a 307 and a 308 where it can send the body again. Ours
// does not let it: a signature is good for one host.
func TestRedirectsAreNotFollowedByTheSDKsHTTPClient(t *testing.T) {
	t.Parallel()
	elsewhere := 0
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer target.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := gamelifttest.NewServer()
		server.Inject(gamelifttest.Fault{Status: status, Header: http.Header{"Location": {target.URL}}})
		build := gamelifttest.BuildID
		_, err := gamelift.New(server.ClientOptions(), func(o *gamelift.Options) {
			o.HTTPClient = awshttp.NewBuildableClient()
		}).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: &build})
		server.Close()
		var response *apierrors.ResponseError
		require.ErrorAs(t, err, &response)
		require.Equal(t, status, response.HTTPStatusCode())
	}
	require.Zero(t, elsewhere)
}
