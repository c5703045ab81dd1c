package buildupload_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

const (
	minioUser     = "minioadmin"
	minioPassword = "minioadmin"
	region        = "us-west-2"
)

// stopMinIO ends the server of minioURL, if there is one.
var stopMinIO = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopMinIO()
	os.Exit(code)
}

// minioURL starts MinIO, once for all tests. Its program is GAMELIFT_MINIO, or
// minio in PATH or where go install puts it. If there is none, the test is
// skipped, and fails in CI.
var minioURL = sync.OnceValues(func() (string, error) {
	program, err := findMinIO()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "minio")
	if err != nil {
		return "", err
	}
	address, err := freeAddress()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, "server", "--quiet", "--address", address, dir)
	cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+minioUser, "MINIO_ROOT_PASSWORD="+minioPassword, "MINIO_BROWSER=off")
	if err := cmd.Start(); err != nil {
		return "", err
	}
	stopMinIO = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	for range 600 {
		resp, err := http.Get("http://" + address + "/minio/health/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + address, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	stopMinIO()
	return "", fmt.Errorf("%s did not start", program)
})

func findMinIO() (string, error) {
	if program := os.Getenv("GAMELIFT_MINIO"); program != "" {
		return exec.LookPath(program)
	}
	if program, err := exec.LookPath("minio"); err == nil {
		return program, nil
	}
	bin, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output()
	if err != nil {
		return "", err
	}
	var gobin, gopath string
	_, _ = fmt.Sscanf(string(bin), "%s\n%s", &gobin, &gopath)
	return exec.LookPath(filepath.Join(cmp.Or(gobin, filepath.Join(gopath, "bin")), "minio"))
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// bench is a build to upload, and where: a bucket of MinIO, and a stub of
// GameLift that hands out session tokens for it.
type bench struct {
	t      testing.TB
	url    string // of MinIO
	bucket string
	admin  *s3.Client
	stub   *gamelifttest.Server
	client *gamelift.Client
}

var buckets atomic.Int64

func newBench(t testing.TB) *bench {
	t.Helper()
	url, err := minioURL()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("MinIO is needed here: %v", err)
		}
		t.Skipf("no MinIO (set GAMELIFT_MINIO to its program): %v", err)
	}
	static := credentials.NewStaticCredentialsProvider(minioUser, minioPassword, "")
	b := &bench{t: t, url: url, bucket: fmt.Sprintf("bucket-%d", buckets.Add(1)), stub: gamelifttest.NewServer()}
	t.Cleanup(b.stub.Close)
	b.admin = s3.New(s3.Options{BaseEndpoint: &url, Region: region, UsePathStyle: true, Credentials: static})
	_, err = b.admin.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.bucket})
	require.NoError(t, err)
	b.stub.AddBuild(gamelifttest.Build{ID: gamelifttest.BuildID, Bucket: b.bucket, Key: "build.zip"})

	assume := sts.New(sts.Options{BaseEndpoint: &url, Region: region, Credentials: static})
	b.client = gamelift.New(b.stub.ClientOptions(), func(o *gamelift.Options) {
		o.Interceptors.AddAfterDeserialization(issue(func() (*types.AwsCredentials, error) {
			out, err := assume.AssumeRole(context.Background(), &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::111122223333:role/upload"), RoleSessionName: aws.String("upload"),
			})
			if err != nil {
				return nil, err
			}
			keys := out.Credentials
			return &types.AwsCredentials{
				AccessKeyId: keys.AccessKeyId, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken,
			}, nil
		}))
	})
	return b
}

// issue is an interceptor that replaces the credentials which the stub made up.
type issue func() (*types.AwsCredentials, error)

func (issue issue) AfterDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) (err error) {
	if out, ok := in.Output.(*gamelift.RequestUploadCredentialsOutput); ok {
		out.UploadCredentials, err = issue()
	}
	return err
}

// s3 makes Upload use MinIO, or a proxy in front of it.
func (b *bench) s3(url string) func(*buildupload.Options) {
	return func(o *buildupload.Options) {
		o.S3Options = append(o.S3Options, func(o *s3.Options) {
			o.BaseEndpoint, o.UsePathStyle = &url, true
		})
	}
}

// stored returns the object.
func (b *bench) stored() io.ReadCloser {
	b.t.Helper()
	out, err := b.admin.GetObject(b.t.Context(), &s3.GetObjectInput{Bucket: &b.bucket, Key: aws.String("build.zip")})
	require.NoError(b.t, err)
	return out.Body
}

// pending is how many multipart uploads are neither completed nor aborted.
func (b *bench) pending() int {
	b.t.Helper()
	out, err := b.admin.ListMultipartUploads(b.t.Context(), &s3.ListMultipartUploadsInput{Bucket: &b.bucket, Prefix: aws.String("build.zip")})
	require.NoError(b.t, err)
	return len(out.Uploads)
}

// proxy starts a server in front of MinIO that passes on what handle leaves.
func (b *bench) proxyHandler(handle func(w http.ResponseWriter, r *http.Request) (done bool)) http.Handler {
	target, err := url.Parse(b.url)
	require.NoError(b.t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // which is signed
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !handle(w, r) {
			proxy.ServeHTTP(w, r)
		}
	})
}
