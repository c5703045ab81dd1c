package gamelifttest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestServer_servesTheClient(t *testing.T) {
	t.Parallel()
	listening := gamelifttest.NewServer()
	defer listening.Close()
	for name, server := range map[string]*gamelifttest.Server{
		"in-process": gamelifttest.NewUnstartedServer(),
		"listening":  listening,
	} {
		t.Run(name, func(t *testing.T) {
			client := gamelift.New(server.ClientOptions())
			token, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{
				FleetId: ptr(gamelifttest.AnywhereFleetID), ComputeName: ptr(gamelifttest.AnywhereCompute),
			})
			require.NoError(t, err)
			require.Len(t, *token.AuthToken, 36)
			access, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{
				FleetId: ptr(gamelifttest.ContainerFleetID), ComputeName: ptr(gamelifttest.ContainerCompute),
			})
			require.NoError(t, err)
			require.Len(t, access.ContainerIdentifiers, 1)
			upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
			require.NoError(t, err)
			require.Equal(t, "prod-gamescale-builds-us-west-2", *upload.StorageLocation.Bucket)
			server.Inject(gamelifttest.Fault{Code: "NotFoundException", Message: "gone"})
			_, err = client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
			require.ErrorContains(t, err, "gone")
			require.Empty(t, server.Unused())
		})
	}
}
