package awsconfig_test

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func requestUpload(ctx context.Context, client *gamelift.Client) error {
	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: aws.String(gamelifttest.BuildID)})
	return err
}

func TestCredentialsPassEveryField(t *testing.T) {
	t.Parallel()
	theirs := aws.Credentials{
		AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: "token", Source: "source",
		CanExpire: true, Expires: time.Unix(1_900_000_000, 0), AccountID: "111122223333",
	}
	got, err := awsconfig.Credentials(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return theirs, nil })).Retrieve(t.Context())
	require.NoError(t, err)
	want := gamelift.Credentials{
		AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: "token", Source: "source",
		CanExpire: true, Expires: time.Unix(1_900_000_000, 0), AccountID: "111122223333",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
}

func TestCredentialsPassTheProvidersErrorOn(t *testing.T) {
	t.Parallel()
	cause := errors.New("no profile")
	server := gamelifttest.NewUnstartedServer()
	for _, test := range []struct {
		provider aws.CredentialsProvider
		want     string
	}{
		{aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, cause }), "no profile"},
		{aws.AnonymousCredentials{}, "AnonymousCredentials"},
		{nil, "awsconfig.Credentials: provider is nil"},
		{(*aws.CredentialsCache)(nil), "awsconfig.Credentials: provider is a nil *aws.CredentialsCache"},
		{(*aws.AnonymousCredentials)(nil), "awsconfig.Credentials: provider is a nil *aws.AnonymousCredentials"},
		{aws.CredentialsProviderFunc(nil), "awsconfig.Credentials: provider is a nil aws.CredentialsProviderFunc"},
	} {
		options := server.ClientOptions()
		options.Credentials = awsconfig.Credentials(test.provider)
		err := requestUpload(t.Context(), gamelift.New(options))
		require.ErrorContains(t, err, test.want)
		require.Equal(t, test.want == "no profile", errors.Is(err, cause))
	}
	require.Empty(t, server.Requests())
}

// keysInTurn provides one pair of keys after another, each until its expiry.
type keysInTurn struct {
	keys      []aws.Credentials
	retrieved int
}

func (p *keysInTurn) Retrieve(context.Context) (aws.Credentials, error) {
	keys := p.keys[min(p.retrieved, len(p.keys)-1)]
	p.retrieved++
	return keys, nil
}

// The keys end before their Expires, as they do if their session is revoked.
func TestCredentialsAreRenewedAfterTheServiceRefusesThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		old := gamelift.Credentials{AccessKeyID: "ASIAOLD", SecretAccessKey: "old-secret", SessionToken: "old-token", CanExpire: true, Expires: start.Add(time.Minute)}
		renewed := gamelift.Credentials{AccessKeyID: "ASIANEW", SecretAccessKey: "new-secret", SessionToken: "new-token", CanExpire: true, Expires: start.Add(2 * time.Hour)}
		server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) { o.Credentials = []gamelift.Credentials{old, renewed} })

		said := aws.Credentials(old)
		said.Expires = start.Add(time.Hour)
		source := &keysInTurn{keys: []aws.Credentials{said, aws.Credentials(renewed)}}
		options := server.ClientOptions()
		options.Credentials = awsconfig.Credentials(aws.NewCredentialsCache(source))
		client := gamelift.New(options)

		require.NoError(t, requestUpload(t.Context(), client))
		require.NoError(t, requestUpload(t.Context(), client))
		require.Equal(t, 1, source.retrieved)

		time.Sleep(2 * time.Minute)
		require.NoError(t, requestUpload(t.Context(), client))
		require.NoError(t, requestUpload(t.Context(), client))
		require.Equal(t, 2, source.retrieved)
		var signers []string
		for _, r := range server.Requests() {
			signers = append(signers, r.AccessKeyID+" "+r.ErrorCode)
		}
		require.Equal(t, []string{"ASIAOLD ", "ASIAOLD ", " ExpiredTokenException", "ASIANEW ", "ASIANEW "}, signers)
	})
}

func TestCredentialsOfAProviderWithoutACacheAreRenewedToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		options := server.ClientOptions()
		good, err := options.Credentials.Retrieve(t.Context())
		require.NoError(t, err)
		source := &keysInTurn{keys: []aws.Credentials{{AccessKeyID: "AKIANOBODY", SecretAccessKey: "unknown-secret"}, aws.Credentials(good)}}
		options.Credentials = awsconfig.Credentials(source)
		require.NoError(t, requestUpload(t.Context(), gamelift.New(options)))
		require.Len(t, server.Requests(), 2)
	})
}

// A provider without Invalidate is asked only once whether it has other keys.
func TestCredentialsHaveInvalidateIfTheProviderHas(t *testing.T) {
	t.Parallel()
	options := gamelifttest.NewUnstartedServer().ClientOptions()
	source := &keysInTurn{keys: []aws.Credentials{{AccessKeyID: "AKIANOBODY", SecretAccessKey: "unknown-secret"}}}
	options.Credentials = awsconfig.Credentials(source)
	require.NotImplements(t, (*interface{ Invalidate() })(nil), options.Credentials)
	require.Implements(t, (*interface{ Invalidate() })(nil), awsconfig.Credentials(aws.NewCredentialsCache(source)))

	require.ErrorContains(t, requestUpload(t.Context(), gamelift.New(options)), "UnrecognizedClientException")
	require.Equal(t, 2, source.retrieved, "for the attempt, and then for other keys")
}

// If a caller does not wait, the SDK's cache returns a different error.
func TestCredentialsLeaveACanceledCallRecognizable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		options := server.ClientOptions()
		options.Credentials = awsconfig.Credentials(aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			time.Sleep(time.Hour)
			return aws.Credentials{}, errors.New("too late")
		})))
		client := gamelift.New(options)
		var canceled *smithy.CanceledError

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := requestUpload(ctx, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorAs(t, err, &canceled)
		require.False(t, apierrors.IsCredentials(err))

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err = requestUpload(ctx, client)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorAs(t, err, &canceled)
		require.False(t, apierrors.IsCredentials(err))
		require.Empty(t, server.Requests())
		time.Sleep(2 * time.Hour) // until the cache has stopped waiting
	})
}

func TestCredentialsPrintNoSecrets(t *testing.T) {
	t.Parallel()
	static := credentials.NewStaticCredentialsProvider("AKIAID", "the-secret", "the-token")
	requireNoSecrets(t, awsconfig.Credentials(static), "the-secret", "the-token")
	requireNoSecrets(t, awsconfig.Credentials(&static), "the-secret", "the-token")
	cache := aws.NewCredentialsCache(static)
	_, err := cache.Retrieve(t.Context())
	require.NoError(t, err)
	requireNoSecrets(t, awsconfig.Credentials(cache), "the-secret", "the-token")
}

// processOf is a provider whose credential process is the program.
func processOf(timeout time.Duration, name string, args ...string) aws.CredentialsProvider {
	command := processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, name, args...), nil
	})
	return aws.NewCredentialsCache(processcreds.NewProviderCommand(command, func(o *processcreds.Options) { o.Timeout = timeout }))
}

// If the output of a credential process cannot be parsed, the SDK's error repeats
// it, with the keys in it.
func TestOutputOfACredentialProcessIsNotRepeated(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	output := writeFile(t, t.TempDir(), "keys", `{"Version": "1", "AccessKeyId": "id", "SecretAccessKey": "`+secret+`"}`)
	process := processOf(time.Minute, "cat", output)
	twice := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		_, err := process.Retrieve(ctx)
		return aws.Credentials{}, errors.Join(err, err)
	})
	for _, provider := range []aws.CredentialsProvider{process, twice} {
		_, err := awsconfig.Credentials(provider).Retrieve(t.Context())
		require.ErrorContains(t, err, "credential_process: ")
		var cause *json.UnmarshalTypeError
		require.ErrorAs(t, err, &cause)
		for ; err != nil; err = errors.Unwrap(err) {
			requireNoSecrets(t, err, secret)
		}
	}
}

func TestErrorsOfACredentialProcessKeepTheirCause(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		provider aws.CredentialsProvider
		want     string
	}{
		{processOf(time.Minute, "false"), "error in credential_process: exit status 1"},
		{processOf(100*time.Millisecond, "sleep", "60"), "credential process timed out"},
	} {
		_, err := awsconfig.Credentials(test.provider).Retrieve(t.Context())
		require.ErrorContains(t, err, test.want)
		var failed *processcreds.ProviderError
		require.ErrorAs(t, err, &failed)
	}
}
