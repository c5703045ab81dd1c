package awsconfig_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

type requestKey struct{}

// recorder is a logging.Logger that uses the context.
type recorder struct {
	lines *[]string
	ctx   context.Context
}

func (r recorder) Logf(c logging.Classification, format string, v ...any) {
	name, _ := r.ctx.Value(requestKey{}).(string)
	*r.lines = append(*r.lines, fmt.Sprintf("%s %s: ", name, c)+fmt.Sprintf(format, v...))
}

func (r recorder) WithContext(ctx context.Context) logging.Logger { return recorder{r.lines, ctx} }

func newRecorder() recorder { return recorder{new([]string), context.Background()} }

func TestLoggerHearsTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, mode := range []aws.ClientLogMode{0, aws.LogRetries, aws.LogRequest | aws.LogResponse} {
			server := gamelifttest.NewUnstartedServer()
			server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Message: "100% too much"})
			cfg := serverConfig(server)
			logger := newRecorder()
			cfg.Logger, cfg.ClientLogMode = logger, mode
			client, err := awsconfig.NewFromConfig(cfg)
			require.NoError(t, err)
			require.NoError(t, requestUpload(context.WithValue(t.Context(), requestKey{}, "upload"), client))
			if mode == 0 {
				require.Empty(t, *logger.lines)
				continue
			}
			require.Len(t, *logger.lines, 3) // a failed attempt, a retry, an attempt
			for i, want := range []string{"upload DEBUG: msg=attempt attempt=1 ", "upload DEBUG: msg=retry attempt=1 ", "upload DEBUG: msg=attempt attempt=2 "} {
				require.Contains(t, (*logger.lines)[i], want)
				require.Contains(t, (*logger.lines)[i], "operation=RequestUploadCredentials")
			}
			require.Contains(t, (*logger.lines)[0], "100% too much")
		}
	})
}

func TestLoggerHearsNoSecrets(t *testing.T) {
	t.Parallel()
	const everything = ^aws.ClientLogMode(0)
	server := gamelifttest.NewUnstartedServer()
	cfg := serverConfig(server)
	logger := newRecorder()
	cfg.Logger, cfg.ClientLogMode = logger, everything
	client, err := awsconfig.NewFromConfig(cfg)
	require.NoError(t, err)

	server.Inject(gamelifttest.Fault{Code: "UnauthorizedException", Message: "who is " + gamelifttest.SecretAccessKey})
	require.Error(t, requestUpload(t.Context(), client))
	upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
	require.NoError(t, err)
	token, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{
		FleetId: aws.String(gamelifttest.AnywhereFleetID), ComputeName: aws.String(gamelifttest.AnywhereCompute),
	})
	require.NoError(t, err)
	require.NotEmpty(t, *logger.lines)
	for _, line := range *logger.lines {
		for _, secret := range []string{
			gamelifttest.SecretAccessKey, *upload.UploadCredentials.SecretAccessKey, *upload.UploadCredentials.SessionToken, *token.AuthToken,
		} {
			require.NotContains(t, line, secret)
		}
	}
}

func TestLoggerWritesRecordsAsText(t *testing.T) {
	t.Parallel()
	logger := newRecorder()
	client, err := awsconfig.NewFromConfig(aws.Config{Logger: logger, ClientLogMode: aws.LogRetries})
	require.NoError(t, err)
	log := client.Options().Logger
	log.Debug("plain")
	log.Info("attributes", "text", "two words", "number", 1, "time", "kept", slog.Group("g", "level", "kept"))
	log.Warn("warning")
	log.With("a", 1).WithGroup("g").With("b", 2).Error("nested", "c", 3)
	log.With("a", 1).With("a", 2).Debug("twice")
	require.Equal(t, []string{
		" DEBUG: msg=plain",
		` DEBUG: msg=attributes text="two words" number=1 time=kept g.level=kept`,
		" WARN: msg=warning",
		" WARN: msg=nested a=1 g.b=2 g.c=3",
		" DEBUG: msg=twice a=1 a=2",
	}, *logger.lines)
}

// config.LoadDefaultConfig always sets a Logger, which writes to stderr.
func TestLoadLogsNothing(t *testing.T) {
	home(t)
	t.Setenv("AWS_REGION", "us-west-2")
	client, err := awsconfig.Load(t.Context())
	require.NoError(t, err)
	require.Nil(t, client.Options().Logger)

	client, err = awsconfig.Load(t.Context(), config.WithClientLogMode(aws.LogRetries))
	require.NoError(t, err)
	require.NotNil(t, client.Options().Logger)
	require.NotNil(t, gamelift.New(client.Options()))
}
