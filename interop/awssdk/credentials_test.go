package awssdk

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

func TestCredentialsConvert(t *testing.T) {
	t.Parallel()
	theirs := aws.Credentials{
		AccessKeyID:     "id",
		SecretAccessKey: "secret",
		SessionToken:    "token",
		Source:          "source",
		CanExpire:       true,
		Expires:         time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC),
		AccountID:       "111122223333",
	}
	ours := gamelift.Credentials(theirs)
	require.Equal(t, gamelift.Credentials{
		AccessKeyID:     "id",
		SecretAccessKey: "secret",
		SessionToken:    "token",
		Source:          "source",
		CanExpire:       true,
		Expires:         time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC),
		AccountID:       "111122223333",
	}, ours)
	require.Equal(t, theirs, aws.Credentials(ours))
}
