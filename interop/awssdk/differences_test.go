package awssdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	sdk "github.com/aws/aws-sdk-go-v2/service/gamelift"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// differences has a test for each row of the tables of differences in docs/migration.md.
var differences = map[string]func(*testing.T){
	"protocol":   protocolsDiffer,
	"throttling": throttlingDiffers,
	"an error that the API model does not name": unmodelledErrorsDiffer,
	"the text of an error":                      errorTextsDiffer,
	"a context that is done before the call":    doneContextsDiffer,
	"an empty required member":                  emptyMembersDiffer,
	"no region, but a base endpoint":            missingRegionsDiffer,
	"a pseudo region, such as `us-east-1-fips`": pseudoRegionsDiffer,
	"no deadline": deadlinesDiffer,
	"retries":     retriesDiffer,
	"keys that the service refuses as expired":   refusedKeysDiffer,
	"an `HTTPClient` that follows redirects":     redirectsDiffer,
	"outputs and keys in fmt and slog":           printedFormsDiffer,
	"`json.Marshal` of an output":                jsonDiffers,
	"the `User-Agent`, which CloudTrail records": userAgentsDiffer,
	"`Logger` of an `aws.Config`":                loggersDiffer,
}

func TestDifferences(t *testing.T) { testRows(t, "what", differences) }

// testRows runs the tests of the rows of a table in docs/migration.md.
func testRows(t *testing.T, heading string, tests map[string]func(*testing.T)) {
	var documented []string
	for _, row := range migrationTable(t, heading) {
		documented = append(documented, row[0])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(documented, slices.Sorted(maps.Keys(tests))); diff != "" {
		t.Errorf("rows (-docs/migration.md +tests):\n%s", diff)
	}
	for name, test := range tests {
		t.Run(name, test)
	}
}

func migrationGuide(t *testing.T) string {
	guide, err := os.ReadFile("../../docs/migration.md")
	require.NoError(t, err)
	return string(guide)
}

// migrationTable returns the rows of the table whose first column has the heading.
func migrationTable(t *testing.T, heading string) (rows [][]string) {
	_, text, found := strings.Cut(migrationGuide(t), "\n| "+heading+" |")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines[2:] { // below the headings
		rows = append(rows, strings.Split(strings.Trim(line, "| "), " | "))
	}
	return rows
}

func TestMissingOptionsAreListed(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(migrationGuide(t), "- `Options` has no ")
	require.True(t, found)
	list, _, _ := strings.Cut(section, ".")
	var listed, missing []string
	for i, word := range strings.Split(list, "`") {
		if i%2 == 1 {
			listed = append(listed, word)
		}
	}
	ours := reflect.TypeFor[gamelift.Options]()
	for field := range reflect.TypeFor[sdk.Options]().Fields() {
		if _, ok := ours.FieldByName(field.Name); !ok && field.IsExported() {
			missing = append(missing, field.Name)
		}
	}
	slices.Sort(missing)
	if diff := cmp.Diff(listed, missing); diff != "" {
		t.Errorf("options that only the SDK has (-docs/migration.md +fields):\n%s", diff)
	}
}

// sdkOptions are the server's ClientOptions for the SDK.
func sdkOptions(server *gamelifttest.Server) sdk.Options {
	o := server.ClientOptions()
	return sdk.Options{
		Region:       o.Region,
		BaseEndpoint: o.BaseEndpoint,
		HTTPClient:   o.HTTPClient,
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			keys, err := o.Credentials.Retrieve(ctx)
			return aws.Credentials(keys), err
		}),
	}
}

// result is the outcome of a call.
type result struct {
	err      error
	requests []gamelifttest.Request // that arrived
}

// callBoth makes the same call with the SDK and with ours, each against a server of its own with the same faults.
func callBoth(ctx context.Context, buildID *string, faults ...gamelifttest.Fault) (theirs, ours result) {
	server := gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	theirs.err = uploadWithSDK(ctx, sdk.New(sdkOptions(server)), buildID)
	theirs.requests = server.Requests()

	server = gamelifttest.NewUnstartedServer()
	server.Inject(faults...)
	ours.err = uploadWithOurs(ctx, gamelift.New(server.ClientOptions()), buildID)
	ours.requests = server.Requests()
	return theirs, ours
}

func uploadWithSDK(ctx context.Context, client *sdk.Client, buildID *string) error {
	_, err := client.RequestUploadCredentials(ctx, &sdk.RequestUploadCredentialsInput{BuildId: buildID})
	return err
}

func uploadWithOurs(ctx context.Context, client *gamelift.Client, buildID *string) error {
	_, err := client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: buildID})
	return err
}

var build = aws.String(gamelifttest.BuildID)

func protocolsDiffer(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), build)
	require.NoError(t, errors.Join(theirs.err, ours.err))
	require.Equal(t, gamelifttest.CBOR, theirs.requests[0].Protocol)
	require.Equal(t, gamelifttest.JSON, ours.requests[0].Protocol)
}

func throttlingDiffers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := callBoth(t.Context(), build,
			gamelifttest.Fault{Code: "ThrottlingException"})

		// Of a CBOR error that the API model does not name, the SDK keeps the namespace in the code, and so does not
		// know it.
		var apiErr smithy.APIError
		require.ErrorAs(t, theirs.err, &apiErr)
		require.Equal(t, "com.amazon.coral.availability#ThrottlingException", apiErr.ErrorCode())
		require.Len(t, theirs.requests, 1)

		require.NoError(t, ours.err)
		require.Len(t, ours.requests, 2)
	})
}

func unmodelledErrorsDiffer(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), build,
		gamelifttest.Fault{Code: "AccessDeniedException", Message: "not you"})

	var apiErr smithy.APIError
	require.ErrorAs(t, theirs.err, &apiErr)
	require.Equal(t, "com.amazon.coral.service#AccessDeniedException", apiErr.ErrorCode())
	require.Equal(t, "UnknownError", apiErr.ErrorMessage()) // the service spells it Message
	require.Equal(t, smithy.FaultUnknown, apiErr.ErrorFault())

	require.ErrorAs(t, ours.err, &apiErr)
	require.Equal(t, "AccessDeniedException", apiErr.ErrorCode())
	require.Equal(t, "not you", apiErr.ErrorMessage())
	require.Equal(t, smithy.FaultClient, apiErr.ErrorFault())
}

func errorTextsDiffer(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), build, gamelifttest.Fault{Code: "NotFoundException", Message: "no such build"})
	require.EqualError(t, theirs.err, "operation error GameLift: RequestUploadCredentials, https response error StatusCode: 400, RequestID: "+
		theirs.requests[0].ID+", NotFoundException: no such build")
	require.EqualError(t, ours.err, "operation error GameLift: RequestUploadCredentials, HTTP status 400, request ID "+
		ours.requests[0].ID+", NotFoundException: no such build")
}

func doneContextsDiffer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	theirs, ours := callBoth(ctx, build)

	var canceled *smithy.CanceledError
	require.ErrorIs(t, theirs.err, context.Canceled)
	require.False(t, errors.As(theirs.err, &canceled)) // as it would be, had the request been under way
	require.Empty(t, theirs.requests)

	require.ErrorIs(t, ours.err, context.Canceled)
	require.ErrorAs(t, ours.err, &canceled)
	require.Empty(t, ours.requests)
}

func emptyMembersDiffer(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), aws.String(""))
	var invalid smithy.InvalidParamsError
	require.Error(t, theirs.err)
	require.False(t, errors.As(theirs.err, &invalid))
	require.Len(t, theirs.requests, 1)
	require.ErrorAs(t, ours.err, &invalid)
	require.Empty(t, ours.requests)

	// A nil one is the same to both.
	theirs, ours = callBoth(t.Context(), nil)
	require.ErrorAs(t, theirs.err, &invalid)
	text := invalid.Error()
	require.ErrorAs(t, ours.err, &invalid)
	require.Equal(t, text, invalid.Error())
	require.Empty(t, theirs.requests)
	require.Empty(t, ours.requests)
}

func missingRegionsDiffer(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	theirs, ours := sdkOptions(server), server.ClientOptions()
	theirs.Region, ours.Region = "", ""

	// With a base endpoint, the SDK signs for no region, and the service refuses that.
	require.Error(t, uploadWithSDK(t.Context(), sdk.New(theirs), build))
	require.Len(t, server.Requests(), 1)

	require.ErrorContains(t, uploadWithOurs(t.Context(), gamelift.New(ours), build), "missing Region")
	require.Len(t, server.Requests(), 1)
}

// Pseudo regions lead to the same host. The SDK signs for the pseudo region, which no service knows, and our client for
// the region that is meant.
func pseudoRegionsDiffer(t *testing.T) {
	t.Parallel()
	for region, meant := range map[string]string{
		"fips-us-east-1": "us-east-1", "us-east-1-fips": "us-east-1", "us-fips-east-1": "us-east-1", "fips-us-gov-west-1": "us-gov-west-1",
		"us-west-2": "us-west-2",
	} {
		var hosts, authorizations []string
		capture := smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			authorizations = append(authorizations, r.Header.Get("Authorization"))
			return nil, errors.New("not sent")
		})
		server := gamelifttest.NewUnstartedServer()
		theirs, ours := sdkOptions(server), server.ClientOptions()
		theirs.BaseEndpoint, ours.BaseEndpoint = nil, nil
		theirs.Region, ours.Region = region, region
		theirs.HTTPClient, ours.HTTPClient = capture, capture
		theirs.RetryMaxAttempts, ours.RetryMaxAttempts = 1, 1
		require.Error(t, uploadWithSDK(t.Context(), sdk.New(theirs), build))
		require.Error(t, uploadWithOurs(t.Context(), gamelift.New(ours), build))
		require.Len(t, hosts, 2)
		require.Equal(t, hosts[0], hosts[1], region)
		require.Contains(t, authorizations[0], "/"+region+"/gamelift/aws4_request")
		require.Contains(t, authorizations[1], "/"+meant+"/gamelift/aws4_request")
	}
}

func deadlinesDiffer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := gamelifttest.Fault{Delay: time.Hour, Count: -1}
		theirs, ours := callBoth(t.Context(), build, slow)
		require.NoError(t, theirs.err)
		require.ErrorIs(t, ours.err, context.DeadlineExceeded)
		require.ErrorContains(t, ours.err, "AttemptTimeout of 30s")

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		theirs, ours = callBoth(ctx, build, slow)
		require.NoError(t, errors.Join(theirs.err, ours.err))
	})
}

// By the rules of 2026 a retry costs more, so that the retryer stops earlier when everything fails.
func retriesDiffer(t *testing.T) {
	const calls, attempts = 40, 3
	count := func(newCall func(*gamelifttest.Server) func(context.Context) error) (requests int) {
		synctest.Test(t, func(t *testing.T) {
			server := gamelifttest.NewUnstartedServer()
			server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Count: -1})
			call := newCall(server)
			for range calls {
				require.Error(t, call(t.Context()))
			}
			requests = len(server.Requests())
		})
		return requests
	}
	theirs := func(server *gamelifttest.Server) func(context.Context) error {
		client := sdk.New(sdkOptions(server))
		return func(ctx context.Context) error { return uploadWithSDK(ctx, client, build) }
	}
	ours := func(server *gamelifttest.Server) func(context.Context) error {
		client := gamelift.New(server.ClientOptions())
		return func(ctx context.Context) error { return uploadWithOurs(ctx, client, build) }
	}
	const rules2026 = calls + 500/14 // a quota of 500, and 14 for a retry
	for setting, want := range map[string]int{"": calls * attempts, "false": calls * attempts, "true": rules2026} {
		t.Setenv("AWS_NEW_RETRIES_2026", setting)
		require.Equal(t, want, count(theirs), setting)
		require.Equal(t, rules2026, count(ours), setting)
	}
}

// keysInTurn provides one pair of keys after another.
type keysInTurn struct {
	keys      []gamelift.Credentials
	retrieved int
}

func (p *keysInTurn) Retrieve(context.Context) (aws.Credentials, error) {
	keys := p.keys[min(p.retrieved, len(p.keys)-1)]
	p.retrieved++
	keys.CanExpire, keys.Expires = true, time.Now().Add(time.Hour) // as far as the provider knows
	return aws.Credentials(keys), nil
}

// expiringKeys returns a server and a cache of the SDK that provides keys that have expired there, and then other keys.
func expiringKeys() (*gamelifttest.Server, *aws.CredentialsCache) {
	expired := gamelift.Credentials{
		AccessKeyID: "ASIAEXPIRED", SecretAccessKey: "expired-secret", SessionToken: "expired-token",
		CanExpire: true, Expires: time.Now().Add(-time.Minute),
	}
	renewed := gamelift.Credentials{AccessKeyID: "ASIARENEWED", SecretAccessKey: "renewed-secret", SessionToken: "renewed-token"}
	server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) { o.Credentials = []gamelift.Credentials{expired, renewed} })
	return server, aws.NewCredentialsCache(&keysInTurn{keys: []gamelift.Credentials{expired, renewed}})
}

func refusedKeysDiffer(t *testing.T) {
	t.Parallel()
	server, cache := expiringKeys()
	theirs := sdkOptions(server)
	theirs.Credentials = cache
	require.ErrorContains(t, uploadWithSDK(t.Context(), sdk.New(theirs), build), "ExpiredTokenException")
	require.Len(t, server.Requests(), 1)

	server, cache = expiringKeys()
	cfg := aws.Config{Region: theirs.Region, BaseEndpoint: theirs.BaseEndpoint, HTTPClient: server.ClientOptions().HTTPClient, Credentials: cache}
	client, err := awsconfig.NewFromConfig(cfg)
	require.NoError(t, err)
	require.NoError(t, uploadWithOurs(t.Context(), client, build))
	require.Len(t, server.Requests(), 2)
	require.Equal(t, "ASIARENEWED", server.Requests()[1].AccessKeyID)
}

// The guide warns of two ways to pass the SDK's cache to the client.
func TestWrappedCachesAreNotRenewed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrap    func(*aws.CredentialsCache) gamelift.CredentialsProvider
		renewed bool
	}{
		"awsconfig.Credentials": {wrap: func(c *aws.CredentialsCache) gamelift.CredentialsProvider { return awsconfig.Credentials(c) }, renewed: true},
		"a function": {wrap: func(c *aws.CredentialsCache) gamelift.CredentialsProvider {
			return gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
				keys, err := c.Retrieve(ctx)
				return gamelift.Credentials(keys), err
			})
		}},
		"gamelift.CacheCredentials": {wrap: func(c *aws.CredentialsCache) gamelift.CredentialsProvider {
			return gamelift.CacheCredentials(awsconfig.Credentials(c))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, cache := expiringKeys()
			options := server.ClientOptions()
			options.Credentials = test.wrap(cache)
			err := uploadWithOurs(t.Context(), gamelift.New(options), build)
			if test.renewed {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "ExpiredTokenException")
			}
		})
	}
}

func redirectsDiffer(t *testing.T) {
	t.Parallel()
	const token = "token-of-the-session"
	var tokens []string // that arrived elsewhere
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("X-Amz-Security-Token"))
	}))
	defer elsewhere.Close()
	keys := gamelift.Credentials{AccessKeyID: "ASIASESSION", SecretAccessKey: "secret-of-the-session", SessionToken: token}
	server := gamelifttest.NewServer(func(o *gamelifttest.Options) { o.Credentials = []gamelift.Credentials{keys} })
	defer server.Close()
	server.Inject(gamelifttest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {elsewhere.URL}}, Count: -1})

	theirs := sdkOptions(server)
	theirs.HTTPClient = &http.Client{}
	_ = uploadWithSDK(t.Context(), sdk.New(theirs), build)
	require.Equal(t, []string{token}, tokens)

	tokens = nil
	ours := server.ClientOptions()
	ours.HTTPClient = &http.Client{}
	var response *apierrors.ResponseError
	require.ErrorAs(t, uploadWithOurs(t.Context(), gamelift.New(ours), build), &response)
	require.Equal(t, http.StatusFound, response.HTTPStatusCode())
	require.Empty(t, tokens)

	ours.HTTPClient = struct{ gamelift.HTTPClient }{&http.Client{}}
	require.ErrorContains(t, uploadWithOurs(t.Context(), gamelift.New(ours), build), "redirect")
}

// printed returns values as fmt and slog's JSON handler print them.
func printed(values ...any) (inFmt, inSlog string) {
	var b strings.Builder
	logger := slog.New(slog.NewJSONHandler(&b, nil))
	for _, value := range values {
		inFmt += fmt.Sprintf("%+v\n", value)
		logger.Info("value", "value", value)
	}
	return inFmt, b.String()
}

func printedFormsDiffer(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	theirs, err := sdk.New(sdkOptions(server)).RequestUploadCredentials(t.Context(), &sdk.RequestUploadCredentialsInput{BuildId: build})
	require.NoError(t, err)
	inFmt, inSlog := printed(theirs, aws.Credentials{SecretAccessKey: "secret-of-the-keys"})
	require.Contains(t, inFmt, "0x")
	require.Contains(t, inFmt, "secret-of-the-keys")
	require.Contains(t, inSlog, *theirs.UploadCredentials.SecretAccessKey)
	require.Contains(t, inSlog, "secret-of-the-keys")

	ours, err := gamelift.New(server.ClientOptions()).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: build})
	require.NoError(t, err)
	inFmt, inSlog = printed(ours, gamelift.Credentials{SecretAccessKey: "secret-of-the-keys"})
	require.NotContains(t, inFmt, "0x")
	require.Contains(t, inFmt, *ours.StorageLocation.Bucket)
	for _, secret := range []string{*ours.UploadCredentials.SecretAccessKey, *ours.UploadCredentials.SessionToken, "secret-of-the-keys"} {
		require.NotContains(t, inFmt+inSlog, secret)
	}
}

func jsonDiffers(t *testing.T) {
	t.Parallel()
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	theirs, err := json.Marshal(&sdk.GetComputeAuthTokenOutput{AuthToken: aws.String("token"), ExpirationTimestamp: &expires})
	require.NoError(t, err)
	require.JSONEq(t, `{"AuthToken":"token","ExpirationTimestamp":"2030-01-02T03:04:05Z",
		"ComputeArn":null,"ComputeName":null,"FleetArn":null,"FleetId":null,"ResultMetadata":{}}`, string(theirs))
	ours, err := json.Marshal(&gamelift.GetComputeAuthTokenOutput{AuthToken: aws.String("token"), ExpirationTimestamp: &expires})
	require.NoError(t, err)
	require.JSONEq(t, `{"AuthToken":"token","ExpirationTimestamp":1893553445}`, string(ours))
}

func userAgentsDiffer(t *testing.T) {
	t.Parallel()
	theirs, ours := callBoth(t.Context(), build)
	require.NoError(t, errors.Join(theirs.err, ours.err))
	require.Regexp(t, "^aws-sdk-go-v2/", theirs.requests[0].Header.Get("User-Agent"))
	require.Regexp(t, "^gamelift-go/", ours.requests[0].Header.Get("User-Agent"))
}

// unclosable sends requests, and the bodies of its responses fail to close. The SDK warns of that.
type unclosable struct{ gamelift.HTTPClient }

func (c unclosable) Do(r *http.Request) (*http.Response, error) {
	resp, err := c.HTTPClient.Do(r)
	if err == nil {
		resp.Body = unclosableBody{resp.Body}
	}
	return resp, err
}

type unclosableBody struct{ io.ReadCloser }

func (unclosableBody) Close() error { return errors.New("broken") }

func loggersDiffer(t *testing.T) {
	t.Parallel()
	for _, mode := range []aws.ClientLogMode{0, aws.LogRetries} {
		server := gamelifttest.NewUnstartedServer()
		theirs := sdkOptions(server)
		var log bytes.Buffer
		cfg := aws.Config{
			Region: theirs.Region, BaseEndpoint: theirs.BaseEndpoint, Credentials: theirs.Credentials,
			HTTPClient: unclosable{theirs.HTTPClient}, Logger: logging.NewStandardLogger(&log), ClientLogMode: mode,
		}
		require.NoError(t, uploadWithSDK(t.Context(), sdk.NewFromConfig(cfg), build))
		require.Contains(t, log.String(), "WARN")

		log.Reset()
		client, err := awsconfig.NewFromConfig(cfg)
		require.NoError(t, err)
		require.NoError(t, uploadWithOurs(t.Context(), client, build))
		require.Equal(t, mode != 0, log.Len() > 0)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigFiles(nil), config.WithSharedCredentialsFiles(nil))
	require.NoError(t, err)
	require.NotNil(t, cfg.Logger)
}
