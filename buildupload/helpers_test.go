package buildupload_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

const (
	region = "us-west-2"
	bucket = "builds"
	key    = "111122223333/build"

	partSize = 5 << 20 // the smallest that S3 takes
)

// newStub starts a stub of GameLift that sends the build to bucket and key.
func newStub(t testing.TB) *gamelifttest.Server {
	stub := gamelifttest.NewServer()
	t.Cleanup(stub.Close)
	stub.AddBuild(gamelifttest.Build{ID: gamelifttest.BuildID, Bucket: bucket, Key: key})
	return stub
}

// requested is how often credentials were requested of the stub.
func requested(stub *gamelifttest.Server) int { return len(stub.Requests()) }

// issue is an interceptor that replaces the credentials that the stub makes up.
type issue func(context.Context) (*types.AwsCredentials, error)

func (issue issue) AfterDeserialization(ctx context.Context, in *smithyhttp.InterceptorContext) (err error) {
	if out, ok := in.Output.(*gamelift.RequestUploadCredentialsOutput); ok {
		out.UploadCredentials, err = issue(ctx)
	}
	return err
}

// endpoint makes Upload call S3 at url, and retry without waiting.
func endpoint(url string) func(*buildupload.Options) {
	return func(o *buildupload.Options) {
		o.PartSize = partSize
		o.S3Options = append(o.S3Options, func(o *s3.Options) {
			o.BaseEndpoint, o.UsePathStyle = &url, true
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		})
	}
}

// tree makes a directory of files by their names; one that ends in a slash is a
// directory, and a content that begins with "->" is a link's target.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		target, isLink := strings.CutPrefix(content, "->")
		switch {
		case strings.HasSuffix(name, "/"):
			require.NoError(t, os.MkdirAll(at, 0o755))
		case isLink:
			require.NoError(t, os.Symlink(target, at))
		default:
			require.NoError(t, os.WriteFile(at, []byte(content), 0o644))
		}
	}
	return dir
}

// noise returns n bytes that do not compress.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
}

// bigTree makes a directory whose archive has so many parts.
func bigTree(t testing.TB, parts int) string {
	files := map[string]string{}
	for i := range parts {
		files[fmt.Sprintf("data/%02d.bin", i)] = noise(partSize - partSize/parts/2)
	}
	return tree(t, files)
}

// unzip returns the files of an archive by their names.
func unzip(t testing.TB, archive []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	files := map[string]string{}
	for _, file := range r.File {
		content, err := file.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(content)
		require.NoError(t, err)
		files[file.Name] = string(b)
	}
	return files
}

// onDisk returns the files of a directory as unzip does, without links.
func onDisk(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case d.Type() == fs.ModeSymlink:
			return nil
		case d.IsDir():
			files[name+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(b)
		return err
	}))
	return files
}

// fakeS3 has one object.
type fakeS3 struct {
	*httptest.Server
	fault func(w http.ResponseWriter, r request) (answered bool) // sees every request first, its body read; may be nil
	cut   func(r request) bool                                   // whether the connection breaks after 1 MiB; may be nil

	mu       sync.Mutex
	requests []string       // the operations, in the order of arrival
	parts    map[int][]byte // of the multipart upload, while it is pending
	object   []byte         // nil if there is none
}

// request is a request with its operation, and how many of that operation came
// before.
type request struct {
	*http.Request
	operation   string
	before      int
	accessKeyID string
}

func newFakeS3(t testing.TB) *fakeS3 {
	f := startFakeS3()
	t.Cleanup(f.Close)
	return f
}

func startFakeS3() *fakeS3 {
	f := &fakeS3{}
	f.Server = httptest.NewServer(f)
	return f
}

// record notes a request.
func (f *fakeS3) record(r *http.Request) request {
	query := r.URL.Query()
	name := r.Method
	switch {
	case query.Has("partNumber"):
		name += " part"
	case query.Has("uploadId"):
		name += " id"
	}
	operation := map[string]string{
		"PUT": "PutObject", "PUT part": "UploadPart", "POST": "CreateMultipartUpload",
		"POST id": "CompleteMultipartUpload", "DELETE id": "AbortMultipartUpload",
	}[name]
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	accessKeyID, _, _ := strings.Cut(scope, "/")

	f.mu.Lock()
	defer f.mu.Unlock()
	before := 0
	for _, earlier := range f.requests {
		if earlier == operation {
			before++
		}
	}
	f.requests = append(f.requests, operation)
	return request{r, operation, before, accessKeyID}
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorded := f.record(r)
	if f.cut != nil && f.cut(recorded) {
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
		panic(http.ErrAbortHandler)
	}
	// A client that still sends when the answer comes might see a broken
	// connection in its place.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if f.fault != nil && f.fault(w, recorded) {
		return
	}
	if r.URL.Path != "/"+bucket+"/"+key {
		fail(w, http.StatusNotFound, "NoSuchBucket", r.URL.Path)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Query().Has("uploadId") && f.parts == nil {
		fail(w, http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist.")
		return
	}
	switch recorded.operation {
	case "PutObject":
		f.object = body
	case "CreateMultipartUpload":
		f.parts = map[int][]byte{}
		fmt.Fprint(w, `<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>`)
	case "UploadPart":
		number, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
		f.parts[number] = body
		w.Header().Set("ETag", `"etag"`)
	case "CompleteMultipartUpload":
		var complete struct {
			Part []struct{ PartNumber int }
		}
		_ = xml.Unmarshal(body, &complete)
		for _, part := range complete.Part {
			f.object = append(f.object, f.parts[part.PartNumber]...)
		}
		f.parts = nil
		fmt.Fprint(w, `<CompleteMultipartUploadResult><ETag>"etag"</ETag></CompleteMultipartUploadResult>`)
	case "AbortMultipartUpload":
		f.parts = nil
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusNotImplemented, "NotImplemented", r.Method)
	}
}

// fail answers with an error of S3.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

// count is how many requests of the operation there were.
func (f *fakeS3) count(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(f.requests), func(o string) bool { return o != operation }))
}

// pending reports whether there is a multipart upload.
func (f *fakeS3) pending() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.parts != nil
}

// credentialsNumbered issues keys named "ASIA1", "ASIA2" and so on.
func credentialsNumbered() issue {
	var mu sync.Mutex
	issued := 0
	return func(context.Context) (*types.AwsCredentials, error) {
		mu.Lock()
		defer mu.Unlock()
		issued++
		return &types.AwsCredentials{
			AccessKeyId:     aws.String(fmt.Sprintf("ASIA%d", issued)),
			SecretAccessKey: aws.String(fmt.Sprintf("very-secret-key-%d", issued)),
			SessionToken:    aws.String(fmt.Sprintf("very-secret-token-%d", issued)),
		}, nil
	}
}

// newClient makes a client of the stub that is issued the credentials.
func newClient(stub *gamelifttest.Server, issue issue) *gamelift.Client {
	return gamelift.New(stub.ClientOptions(), func(o *gamelift.Options) { o.Interceptors.AddAfterDeserialization(issue) })
}

// progress records the calls of Options.Progress.
type progress struct {
	mu    sync.Mutex
	calls [][2]int64
}

func (p *progress) set(o *buildupload.Options) {
	o.Progress = func(done, total int64) {
		if !p.mu.TryLock() {
			panic("Progress is called by two goroutines at one time")
		}
		defer p.mu.Unlock()
		p.calls = append(p.calls, [2]int64{done, total})
	}
}

// check checks what Options.Progress promises of an upload that succeeded.
func (p *progress) check(t testing.TB, total int64) {
	t.Helper()
	require.NotEmpty(t, p.calls)
	last := len(p.calls) - 1
	require.Equal(t, [2]int64{total, total}, p.calls[last])
	p.calls = p.calls[:last]
	p.checkFailed(t)
}

// checkFailed checks what it promises of one that failed.
func (p *progress) checkFailed(t testing.TB) {
	t.Helper()
	var last int64
	for _, call := range p.calls {
		require.Equal(t, p.calls[0][1], call[1])
		require.GreaterOrEqual(t, call[0], last, "done fell")
		require.Less(t, call[0], call[1])
		last = call[0]
	}
}
