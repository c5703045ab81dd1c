//go:build unix

package main

import (
	"cmp"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

const minioUser, minioPassword = "minioadmin", "minioadmin"

// startMinIO starts a real S3 server until the test ends. Its program is
// GAMELIFT_MINIO, or minio in PATH or where go install puts it. If there is none,
// the test is skipped, and fails in CI.
func startMinIO(t *testing.T) (url string) {
	t.Helper()
	program, err := findMinIO()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("MinIO is needed here: %v", err)
		}
		t.Skipf("no MinIO (set GAMELIFT_MINIO to its program): %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	minio := exec.Command(program, "server", "--quiet", "--address", address, t.TempDir())
	minio.Env = append(os.Environ(), "MINIO_ROOT_USER="+minioUser, "MINIO_ROOT_PASSWORD="+minioPassword, "MINIO_BROWSER=off")
	require.NoError(t, minio.Start())
	t.Cleanup(func() {
		_ = minio.Process.Kill()
		_ = minio.Wait()
	})
	eventually(t, "MinIO is ready", func() bool {
		resp, err := http.Get("http://" + address + "/minio/health/ready")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return "http://" + address
}

// issue makes the stub hand out session tokens of MinIO, which has a bucket for
// the build. It returns a client that sees what is in it.
func (o *operator) issue(url string) *s3.Client {
	o.t.Helper()
	root := credentials.NewStaticCredentialsProvider(minioUser, minioPassword, "")
	admin := s3.New(s3.Options{BaseEndpoint: &url, Region: "us-west-2", UsePathStyle: true, Credentials: root})
	_, err := admin.CreateBucket(o.t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	require.NoError(o.t, err)
	assumed, err := sts.New(sts.Options{BaseEndpoint: &url, Region: "us-west-2", Credentials: root}).AssumeRole(o.t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111122223333:role/upload"), RoleSessionName: aws.String("upload"),
	})
	require.NoError(o.t, err)
	body, err := json.Marshal(gamelift.RequestUploadCredentialsOutput{
		StorageLocation: &types.S3Location{Bucket: aws.String(bucket), Key: aws.String(key)},
		UploadCredentials: &types.AwsCredentials{
			AccessKeyId: assumed.Credentials.AccessKeyId, SecretAccessKey: assumed.Credentials.SecretAccessKey,
			SessionToken: assumed.Credentials.SessionToken,
		},
	})
	require.NoError(o.t, err)
	o.stub.Inject(gamelifttest.Fault{Operation: "RequestUploadCredentials", Count: -1, Body: body})
	o.env = append(o.env, "AWS_ENDPOINT_URL_S3="+url)
	return admin
}

func findMinIO() (string, error) {
	if program := os.Getenv("GAMELIFT_MINIO"); program != "" {
		return exec.LookPath(program)
	}
	if program, err := exec.LookPath("minio"); err == nil {
		return program, nil
	}
	where, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output()
	if err != nil {
		return "", err
	}
	bin, path, _ := strings.Cut(strings.TrimSpace(string(where)), "\n")
	if path == "" { // no GOBIN, whose line was empty
		bin, path = "", bin
	}
	return exec.LookPath(filepath.Join(cmp.Or(bin, filepath.Join(path, "bin")), "minio"))
}
