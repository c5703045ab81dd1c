package gamelift_test

import (
	"testing"

	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/internal/clienttest"
)

// The helpers of package clienttest that the tests of the root use most.
const (
	testAccessKeyID  = clienttest.AccessKeyID
	testSecretKey    = clienttest.SecretAccessKey
	testSessionToken = clienttest.SessionToken
	okBody           = clienttest.OKBody
)

var (
	operations      = clienttest.Operations
	testCredentials = clienttest.Credentials
	authTokenInput  = clienttest.AuthTokenInput
	oneAttempt      = clienttest.OneAttempt

	serve     = clienttest.Serve
	answering = clienttest.Answering
	response  = clienttest.Response
	answers   = clienttest.Answers
	status    = clienttest.Status
	fails     = clienttest.Fails
	never     = clienttest.Never

	chain           = clienttest.Chain
	requireNoSecret = clienttest.RequireNoSecret
)

var ignoreMetadata = cmpopts.IgnoreTypes(middleware.Metadata{})

// diff fails the test if the values differ.
func diff(t *testing.T, want, got any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// call requests a token and returns the number of attempts that it took.
func call(t *testing.T, c *gamelift.Client) (attempts int, err error) {
	t.Helper()
	out, err := c.GetComputeAuthToken(t.Context(), authTokenInput())
	if err != nil {
		return 0, err
	}
	return gamelift.Attempts(out.ResultMetadata), nil
}
