package gamelift_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestMetadataOfNoCall(t *testing.T) {
	t.Parallel()
	md := gamelift.GetComputeAuthTokenOutput{}.ResultMetadata
	require.Empty(t, gamelift.RequestID(md))
	require.Zero(t, gamelift.Attempts(md))
	require.True(t, gamelift.ServerTime(md).IsZero())
}
