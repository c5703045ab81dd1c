package buildupload_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": "x"})
	for name, set := range map[string]func(*buildupload.Options){
		"PartSize is 5242879":     func(o *buildupload.Options) { o.PartSize = 5<<20 - 1 },
		"PartSize is -1":          func(o *buildupload.Options) { o.PartSize = -1 },
		"PartSize is 5368709121":  func(o *buildupload.Options) { o.PartSize = 5<<30 + 1 },
		"Concurrency is -1":       func(o *buildupload.Options) { o.Concurrency = -1 },
		"Concurrency is 10001":    func(o *buildupload.Options) { o.Concurrency = 10_001 },
		"Symlinks is 2":           func(o *buildupload.Options) { o.Symlinks = 2 },
		"want FollowSymlinks or ": func(o *buildupload.Options) { o.Symlinks = -1 },
	} {
		stub := newStub(t)
		_, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, dir, nil, set)
		require.ErrorContains(t, err, name)
		require.Empty(t, stub.Requests())
	}
	_, err := buildupload.Upload(t.Context(), nil, gamelifttest.BuildID, dir)
	require.EqualError(t, err, "buildupload: the client is nil")
	_, err = buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), "", dir)
	require.ErrorAs(t, err, new(smithy.InvalidParamsError))
}

func TestUpload(t *testing.T) {
	t.Parallel()
	for _, parts := range []int{0, 1, 2, 7} {
		dir := tree(t, map[string]string{"a": ""})
		if parts > 0 {
			dir = bigTree(t, parts)
		}
		stub, store := newStub(t), newFakeS3(t)
		var reported progress
		result, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, dir, endpoint(store.URL), reported.set)
		require.NoError(t, err)
		var total int
		files := onDisk(t, dir)
		for _, content := range files {
			total += len(content)
		}
		require.True(t, fmt.Sprint(files) == fmt.Sprint(unzip(t, store.object)))
		require.Equal(t, &buildupload.Result{Bucket: bucket, Key: key, Size: int64(len(store.object)), Files: max(parts, 1)}, result)
		reported.check(t, int64(total))
		require.Equal(t, 1, requested(stub))
		if parts == 0 {
			require.Equal(t, []string{"PutObject"}, store.requests)
			require.Empty(t, reported.calls) // but the last, 0 of 0
		} else if parts > 1 {
			require.Equal(t, parts, store.count("UploadPart"))
			require.Greater(t, len(reported.calls), 100) // not only after each part
		}
	}
}

func TestPartSizeAndConcurrency(t *testing.T) {
	t.Parallel()
	stub, store := newStub(t), newFakeS3(t)
	var sizes sync.Map
	var active, most atomic.Int64
	meet := make(chan struct{})
	store.fault = func(w http.ResponseWriter, r request) bool {
		if r.operation == "UploadPart" {
			sizes.Store(r.URL.Query().Get("partNumber"), r.ContentLength)
			n := active.Add(1)
			defer active.Add(-1)
			if most.Store(max(most.Load(), n)); n == 3 {
				close(meet)
			}
			<-meet // until three are in flight
		}
		return false
	}
	dir := tree(t, map[string]string{"a": noise(3*6<<20 - 1000)})
	_, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, dir, endpoint(store.URL),
		func(o *buildupload.Options) { o.PartSize, o.Concurrency = 6<<20, 3 })
	require.NoError(t, err)
	require.Equal(t, int64(3), most.Load())
	first, _ := sizes.Load("1")
	require.Equal(t, int64(6<<20), first)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	store := newFakeS3(t)
	var signed string
	store.fault = func(_ http.ResponseWriter, r request) bool {
		signed = r.Header.Get("Authorization") + " " + r.Header.Get("X-Amz-Security-Token")
		return false
	}
	var clients []string
	client := func(name string) aws.HTTPClient {
		return smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			clients = append(clients, name)
			return http.DefaultClient.Do(r)
		})
	}
	upload := func(optFns ...func(*buildupload.Options)) {
		_, err := buildupload.Upload(t.Context(), newClient(newStub(t), credentialsNumbered()), gamelifttest.BuildID,
			tree(t, map[string]string{"a": "x"}), append(optFns, func(o *buildupload.Options) {
				o.S3Options = append(o.S3Options, nil, func(o *s3.Options) { o.UsePathStyle = true })
			})...)
		require.NoError(t, err)
	}
	cfg := aws.Config{
		BaseEndpoint: &store.URL, HTTPClient: client("Config"), Region: "eu-west-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("not these") }),
	}
	upload(func(o *buildupload.Options) { o.Config = &cfg })
	require.Equal(t, []string{"Config"}, clients)
	require.Contains(t, signed, "Credential=ASIA1/")
	require.Contains(t, signed, "/us-west-2/s3/")
	require.Contains(t, signed, "very-secret-token-1")
	require.Equal(t, "eu-west-1", cfg.Region)

	upload(func(o *buildupload.Options) {
		o.Config = &cfg
		o.S3Options = append(o.S3Options, func(o *s3.Options) { o.HTTPClient = client("S3Options") })
	})
	require.Equal(t, []string{"Config", "S3Options"}, clients)
}

// S3 refuses an operation for good, and then perhaps the abort.
func TestStorageErrors(t *testing.T) {
	output := captureLog(t)
	small, big := tree(t, map[string]string{"a": "x"}), bigTree(t, 3)
	for _, operation := range []string{"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		for _, abort := range []string{"", "AccessDenied", "NoSuchUpload"} {
			t.Run(operation+" "+abort, func(t *testing.T) {
				stub, store := newStub(t), newFakeS3(t)
				store.fault = func(w http.ResponseWriter, r request) bool {
					switch {
					case r.operation == operation && (operation != "UploadPart" || r.before == 1):
						fail(w, http.StatusForbidden, "Forbidden"+operation, "no")
						return true
					case r.operation == "AbortMultipartUpload" && abort != "":
						fail(w, http.StatusForbidden, abort, "neither")
						return true
					}
					return false
				}
				dir := big
				if operation == "PutObject" {
					dir = small
				}
				var reported progress
				result, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, dir, endpoint(store.URL), reported.set)
				require.Nil(t, result)
				requireCode(t, err, "Forbidden"+operation)
				require.NotContains(t, err.Error(), "\n")
				reported.checkFailed(t)
				multipart := operation == "UploadPart" || operation == "CompleteMultipartUpload"
				require.Equal(t, map[bool]int{true: 1}[multipart], store.count("AbortMultipartUpload"))
				if abort == "AccessDenied" && multipart {
					requireCode(t, err, abort)
					require.ErrorContains(t, err, "upload-1")
				} else {
					require.NotContains(t, err.Error(), abort+": neither")
				}
				require.Equal(t, multipart && abort != "", store.pending())
				require.Nil(t, store.object)
			})
		}
	}
	require.Empty(t, output())
}

// captureLog returns what the standard logger prints, which the transfer manager
// writes to.
func captureLog(t *testing.T) func() string {
	var b bytes.Buffer
	log.SetOutput(&b)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	return b.String
}

// requireCode checks that an error of S3 with the code is in the chain.
func requireCode(t testing.TB, err error, code string) {
	t.Helper()
	var codes []string
	var walk func(error)
	walk = func(err error) {
		if api, ok := err.(smithy.APIError); ok {
			codes = append(codes, api.ErrorCode())
		}
		switch err := err.(type) {
		case interface{ Unwrap() error }:
			walk(err.Unwrap())
		case interface{ Unwrap() []error }:
			for _, err := range err.Unwrap() {
				walk(err)
			}
		}
	}
	walk(err)
	require.Contains(t, codes, code, "%v", err)
}

func TestCreateMultipartUploadWithoutAnID(t *testing.T) {
	t.Parallel()
	store := newFakeS3(t)
	store.fault = func(_ http.ResponseWriter, r request) bool { return r.operation == "CreateMultipartUpload" } // 200, and no body
	_, err := buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, bigTree(t, 2), endpoint(store.URL))
	require.EqualError(t, err, "buildupload: the response of CreateMultipartUpload has no UploadId")
}

func TestServiceErrors(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a": "x"})
	stub, store := newStub(t), newFakeS3(t)
	client := gamelift.New(stub.ClientOptions())
	_, err := buildupload.Upload(t.Context(), client, "build-9999", dir, endpoint(store.URL))
	require.ErrorAs(t, err, new(*types.NotFoundException))
	require.ErrorContains(t, err, "RequestUploadCredentials")

	stub.Inject(gamelifttest.Fault{Body: []byte(`{"UploadCredentials":{"AccessKeyId":"a","SecretAccessKey":"b","SessionToken":"c"}}`)})
	_, err = buildupload.Upload(t.Context(), client, gamelifttest.BuildID, dir, endpoint(store.URL))
	require.ErrorContains(t, err, "names no bucket and key")

	stub.Inject(gamelifttest.Fault{Body: []byte(`{"StorageLocation":{"Bucket":"a","Key":"b"}}`)})
	_, err = buildupload.Upload(t.Context(), client, gamelifttest.BuildID, dir, endpoint(store.URL))
	require.ErrorContains(t, err, "no credentials")
	require.Empty(t, store.requests)
}

func TestRetries(t *testing.T) {
	t.Parallel()
	dir := bigTree(t, 3)
	stub, store := newStub(t), newFakeS3(t)
	var slowed, cut atomic.Int64 // a part has three attempts
	store.fault = func(w http.ResponseWriter, r request) bool {
		switch {
		case r.before == 0 && r.operation != "UploadPart":
			fail(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
			return true
		case r.URL.Query().Get("partNumber") == "1" && slowed.Add(1) <= 2:
			fail(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
			return true
		}
		return false
	}
	store.cut = func(r request) bool { return r.URL.Query().Get("partNumber") == "2" && cut.Add(1) == 1 }
	var reported progress
	_, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, dir, endpoint(store.URL), reported.set)
	require.NoError(t, err)
	require.Equal(t, int64(3), slowed.Load())
	require.Equal(t, int64(2), cut.Load())
	require.True(t, fmt.Sprint(onDisk(t, dir)) == fmt.Sprint(unzip(t, store.object)))
	reported.check(t, reported.calls[0][1])

	store.fault = func(w http.ResponseWriter, r request) bool {
		fail(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		return true
	}
	before := store.count("PutObject")
	_, err = buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, tree(t, map[string]string{"a": ""}), endpoint(store.URL))
	requireCode(t, err, "SlowDown")
	require.Equal(t, 3, store.count("PutObject")-before)
}

// S3 refuses the first keys once all four parts are in flight. Three refusals
// arrive at once, and the last only after the new keys have been used.
func TestExpiredTokenLateRefusals(t *testing.T) {
	t.Parallel()
	dir := bigTree(t, 8)
	stub, store := newStub(t), newFakeS3(t)
	inFlight, renewed := make(chan struct{}), make(chan struct{})
	var waiting, refused atomic.Int64
	var once sync.Once
	store.fault = func(w http.ResponseWriter, r request) bool {
		if r.operation != "UploadPart" {
			return false
		}
		if r.accessKeyID != "ASIA1" {
			once.Do(func() { close(renewed) })
			return false
		}
		n := waiting.Add(1)
		if n == 4 {
			close(inFlight)
		}
		<-inFlight
		if n == 4 {
			<-renewed
		}
		refused.Add(1)
		fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
		return true
	}
	var reported progress
	_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, dir, endpoint(store.URL), reported.set)
	require.NoError(t, err)
	require.Equal(t, int64(4), refused.Load())
	require.Equal(t, 2, requested(stub))
	require.True(t, fmt.Sprint(onDisk(t, dir)) == fmt.Sprint(unzip(t, store.object)))
	reported.check(t, reported.calls[0][1])
}

// Every operation renews its keys.
func TestExpiredTokenEverywhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		parts      int
		operations []string
	}{
		{0, []string{"PutObject"}},
		{2, []string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}},
	} {
		dir := tree(t, map[string]string{"a": "x"})
		if test.parts > 0 {
			dir = bigTree(t, test.parts)
		}
		stub, store := newStub(t), newFakeS3(t)
		store.fault = func(w http.ResponseWriter, r request) bool {
			expired := r.before == 0
			if expired {
				fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
			}
			return expired
		}
		_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, dir,
			endpoint(store.URL), func(o *buildupload.Options) {
				o.Concurrency = 1
				o.S3Options = append(o.S3Options, func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }) // a renewal is no retry
			})
		require.NoError(t, err)
		require.Equal(t, 1+len(test.operations), requested(stub))
		require.True(t, fmt.Sprint(onDisk(t, dir)) == fmt.Sprint(unzip(t, store.object)))
	}
}

// All four parts in flight are refused, and the service is busy. New keys are
// requested once for the parts, and for each attempt of the abort.
func TestRenewalFails(t *testing.T) {
	t.Parallel()
	stub, store := newStub(t), newFakeS3(t)
	inFlight := make(chan struct{})
	var waiting atomic.Int64
	store.fault = func(w http.ResponseWriter, r request) bool {
		if r.operation != "UploadPart" {
			return false
		}
		if waiting.Add(1) == 4 {
			stub.Inject(gamelifttest.Fault{Code: "ThrottlingException", Count: -1})
			close(inFlight)
		}
		<-inFlight
		fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
		return true
	}
	client := gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) { o.RetryMaxAttempts = 1 })
	_, err := buildupload.Upload(t.Context(), client, gamelifttest.BuildID, bigTree(t, 8), endpoint(store.URL))
	requireCode(t, err, "ThrottlingException")
	require.ErrorContains(t, err, "is left behind")
	require.Equal(t, 1+1+3, requested(stub))
}

// Keys that are refused again and again cost a bounded number of requests. Even
// the abort is refused.
func TestExpiredTokenForEver(t *testing.T) {
	t.Parallel()
	stub, store := newStub(t), newFakeS3(t)
	store.fault = func(w http.ResponseWriter, r request) bool {
		if r.operation == "CreateMultipartUpload" {
			return false
		}
		fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
		return true
	}
	_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, bigTree(t, 4), endpoint(store.URL))
	requireCode(t, err, "ExpiredToken")
	require.ErrorContains(t, err, "is left behind")
	require.LessOrEqual(t, requested(stub), 1+2+1+2+1)
}

func TestCredentialsLifetime(t *testing.T) {
	t.Parallel()
	dir := bigTree(t, 3)
	for lifetime, want := range map[time.Duration]int{0: 1, -1: 1, time.Nanosecond: 1 + 1 + 3 + 1} {
		stub, store := newStub(t), newFakeS3(t)
		_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, dir, endpoint(store.URL),
			func(o *buildupload.Options) { o.CredentialsLifetime = lifetime })
		require.NoError(t, err)
		require.Equal(t, want, requested(stub))
	}
}

func TestRenewalNamesAnotherPlace(t *testing.T) {
	t.Parallel()
	dir := bigTree(t, 3)
	for _, other := range []gamelifttest.Build{
		{ID: gamelifttest.BuildID, Bucket: "other", Key: key},
		{ID: gamelifttest.BuildID, Bucket: bucket, Key: "other"},
	} {
		stub, store := newStub(t), newFakeS3(t)
		var moved sync.Once
		store.fault = func(w http.ResponseWriter, r request) bool {
			if r.operation != "UploadPart" {
				return false
			}
			moved.Do(func() { stub.AddBuild(other) })
			fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
			return true
		}
		_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, dir, endpoint(store.URL))
		require.ErrorContains(t, err, fmt.Sprintf("the renewed credentials are for s3://%s/%s, but the upload goes to s3://%s/%s", other.Bucket, other.Key, bucket, key))
		require.NotContains(t, err.Error(), "very-secret")
		require.Nil(t, store.object)
	}
}

func TestFileChangesItsSize(t *testing.T) {
	t.Parallel()
	content := noise(partSize + 2<<20) // of which 2 MiB are unread when the upload is created
	zipped := string(uploadBytes(t, tree(t, map[string]string{"a": content}), buildupload.FollowSymlinks))
	for name, change := range map[string]func(path string, size int64) error{
		"grows":   func(path string, size int64) error { return os.Truncate(path, size+1) },
		"shrinks": func(path string, size int64) error { return os.Truncate(path, size-1) },
		"empty":   func(path string, _ int64) error { return os.Truncate(path, 0) },
		"gone":    func(path string, _ int64) error { return os.Remove(path) },
	} {
		for file, files := range map[string]map[string]string{
			"a":         {"a": content},
			"z":         {"a": content, "z": "x"},
			"build.zip": {"build.zip": zipped},
		} {
			t.Run(name+" "+file, func(t *testing.T) {
				t.Parallel()
				source := tree(t, files)
				path := filepath.Join(source, file)
				if file == "build.zip" {
					source = path
				}
				stub, store := newStub(t), newFakeS3(t)
				store.fault = func(_ http.ResponseWriter, r request) bool {
					if r.operation == "CreateMultipartUpload" {
						info, err := os.Stat(path)
						require.NoError(t, err)
						require.NoError(t, change(path, info.Size()))
					}
					return false
				}
				var reported progress
				_, err := buildupload.Upload(t.Context(), gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, source, endpoint(store.URL), reported.set)
				if name == "gone" && file != "z" {
					require.NoError(t, err) // it is open
					return
				}
				require.ErrorContains(t, err, path+": ")
				if name == "gone" {
					require.ErrorIs(t, err, os.ErrNotExist)
				} else {
					require.ErrorContains(t, err, "the file changed its size during the upload")
				}
				require.Nil(t, store.object)
				require.False(t, store.pending())
				reported.checkFailed(t)
			})
		}
	}
}

// The context ends in the middle of each operation.
func TestCancel(t *testing.T) {
	cause := errors.New("the operator has left")
	small, big := tree(t, map[string]string{"a": "x"}), bigTree(t, 4)
	for _, operation := range []string{"RequestUploadCredentials", "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		for _, abort := range []bool{true, false} {
			t.Run(fmt.Sprint(operation, " ", abort), func(t *testing.T) {
				stub, store := newStub(t), newFakeS3(t)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				store.fault = func(w http.ResponseWriter, r request) bool {
					switch {
					case r.operation == operation && operation == "CreateMultipartUpload":
						cancel(cause)
						return false // the answer arrives after the cancel
					case r.operation == operation && (operation != "UploadPart" || r.before == 2):
						cancel(cause)
						<-r.Context().Done()
						return true
					case r.operation == "AbortMultipartUpload" && !abort:
						fail(w, http.StatusForbidden, "AccessDenied", "Access Denied")
						return true
					}
					return false
				}
				client := newClient(stub, func(ctx context.Context) (*types.AwsCredentials, error) {
					if operation == "RequestUploadCredentials" {
						cancel(cause)
						return nil, context.Cause(ctx)
					}
					return credentialsNumbered()(ctx)
				})
				dir := big
				if operation == "PutObject" {
					dir = small
				}
				var reported progress
				before := goleak.IgnoreCurrent()
				_, err := buildupload.Upload(ctx, client, gamelifttest.BuildID, dir, endpoint(store.URL), reported.set)
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, cause)
				require.NotContains(t, err.Error(), "\n")
				reported.checkFailed(t)
				multipart := slices.Contains([]string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}, operation)
				if multipart && !abort {
					requireCode(t, err, "AccessDenied")
				}
				require.Equal(t, multipart && !abort, store.pending())
				requireNothingRuns(t, client, before)
			})
		}
	}
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		stub := newStub(t)
		_, err := buildupload.Upload(ctx, gamelift.New(stub.ClientOptions()), gamelifttest.BuildID, tree(t, map[string]string{"a": "x"}))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.Empty(t, stub.Requests())
	})
}

// requireNothingRuns checks that there are no other goroutines than before, of
// the servers and of the client of GameLift aside.
func requireNothingRuns(t *testing.T, client *gamelift.Client, before goleak.Option) {
	t.Helper()
	if c, ok := client.Options().HTTPClient.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
	var err error
	for range 20 { // Find waits for less than a second
		if err = goleak.Find(before, goleak.IgnoreAnyFunction("net/http.(*conn).serve")); err == nil {
			break
		}
	}
	require.NoError(t, err)
}

func TestNothingRunsAfterSuccess(t *testing.T) {
	for _, parts := range []int{0, 3} {
		dir := tree(t, map[string]string{"a": "x"})
		if parts > 0 {
			dir = bigTree(t, parts)
		}
		stub, store := newStub(t), newFakeS3(t)
		client := gamelift.New(stub.ClientOptions())
		before := goleak.IgnoreCurrent()
		_, err := buildupload.Upload(t.Context(), client, gamelifttest.BuildID, dir, endpoint(store.URL))
		require.NoError(t, err)
		requireNothingRuns(t, client, before)
	}
}

// clientFunc is an HTTP client.
type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

// A transport may still read the body of a request that has failed.
func TestProgressEndsBeforeUpload(t *testing.T) {
	t.Parallel()
	called, returned := make(chan struct{}), make(chan struct{})
	late := make(chan bool, 1)
	client := clientFunc(func(req *http.Request) (*http.Response, error) {
		go func() { _, _ = io.ReadFull(req.Body, make([]byte, 500)) }()
		<-called
		return nil, errors.New("the connection is broken")
	})
	_, err := buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, tree(t, map[string]string{"a": noise(1000)}),
		endpoint("http://127.0.0.1"), func(o *buildupload.Options) {
			o.S3Options = append(o.S3Options, func(o *s3.Options) { o.HTTPClient, o.Retryer = client, aws.NopRetryer{} })
			o.Progress = func(int64, int64) {
				close(called)
				select {
				case <-returned:
					late <- true
				case <-time.After(100 * time.Millisecond): // Upload waits
					late <- false
				}
			}
		})
	close(returned)
	require.ErrorContains(t, err, "the connection is broken")
	require.False(t, <-late, "Progress still ran when Upload had returned")
}

// A panic on a goroutine of the HTTP client, which nobody could recover, ends the
// upload and not the process.
func TestProgressPanics(t *testing.T) {
	t.Parallel()
	for want, progress := range map[string]func(int64, int64){
		"Options.Progress panicked with a value of type string": func(int64, int64) { panic("canary") },
		"Options.Progress did not return":                       func(int64, int64) { runtime.Goexit() },
	} {
		store := newFakeS3(t)
		_, err := buildupload.Upload(t.Context(), gamelift.New(newStub(t).ClientOptions()), gamelifttest.BuildID, bigTree(t, 2),
			endpoint(store.URL), func(o *buildupload.Options) { o.Progress = progress })
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "canary")
		require.False(t, store.pending(), "the multipart upload is aborted")
	}
}

// Secrets are in no error, no log and nothing that an error leads to, although
// S3 repeats them.
func TestSecrets(t *testing.T) {
	t.Parallel()
	stub, store := newStub(t), newFakeS3(t)
	store.fault = func(w http.ResponseWriter, r request) bool {
		token := r.Header.Get("X-Amz-Security-Token")
		switch r.operation {
		case "UploadPart":
			fail(w, http.StatusBadRequest, "InvalidToken", "The token "+token+" is malformed, and not very-secret-key-1 either.")
			return true
		case "AbortMultipartUpload":
			fail(w, http.StatusForbidden, "Access"+token, "")
			return true
		}
		return false
	}
	var logged bytes.Buffer
	var mu sync.Mutex
	_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, bigTree(t, 3), endpoint(store.URL),
		func(o *buildupload.Options) {
			o.Config = &aws.Config{
				ClientLogMode: aws.LogSigning | aws.LogRequest | aws.LogResponseWithBody | aws.LogRetries,
				Logger: logging.LoggerFunc(func(_ logging.Classification, format string, v ...any) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintf(&logged, format+"\n", v...)
				}),
			}
		})
	requireCode(t, err, "InvalidToken")
	require.ErrorContains(t, err, "The token REDACTED is malformed")
	require.Contains(t, logged.String(), "X-Amz-Security-Token: REDACTED")
	require.NotContains(t, logged.String(), "very-secret")
	var walk func(error)
	walk = func(err error) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			require.NotContains(t, fmt.Sprintf(verb, err), "very-secret")
		}
		if response, ok := err.(*smithyhttp.ResponseError); ok {
			require.NotContains(t, fmt.Sprint(response.Response.Request.Header), "very-secret")
		}
		switch err := err.(type) {
		case interface{ Unwrap() error }:
			walk(err.Unwrap())
		case interface{ Unwrap() []error }:
			for _, err := range err.Unwrap() {
				walk(err)
			}
		}
	}
	walk(err)
}

// An answer that says nothing of the keys still has the request in its error.
func TestErrorsKeepNoRequest(t *testing.T) {
	t.Parallel()
	stub, store := newStub(t), newFakeS3(t)
	store.fault = func(w http.ResponseWriter, r request) bool {
		fail(w, http.StatusForbidden, "AccessDenied", "Access Denied")
		return true
	}
	_, err := buildupload.Upload(t.Context(), newClient(stub, credentialsNumbered()), gamelifttest.BuildID, tree(t, map[string]string{"a": ""}), endpoint(store.URL))
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	require.True(t, ok)
	require.NotContains(t, fmt.Sprint(response.Response.Request.Header), "very-secret")
	require.Equal(t, http.StatusForbidden, response.HTTPStatusCode())
	require.True(t, strings.HasPrefix(err.Error(), "buildupload: operation error S3: PutObject, https response error StatusCode: 403, "), err.Error())
}
