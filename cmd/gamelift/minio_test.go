//go:build unix

package main

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/internal/miniotest"
	"github.com/gamelift-compute/gamelift/types"
)

// startMinIO starts a real S3 server until the test ends. If there is none, the
// test is skipped, and fails in CI.
func startMinIO(t *testing.T) (url string) {
	t.Helper()
	url, stop, err := miniotest.Start()
	if err != nil {
		miniotest.SkipOrFail(t, err)
	}
	t.Cleanup(stop)
	return url
}

// issue makes the stub hand out session tokens of MinIO, which has a bucket for
// the build. It returns a client that sees what is in it.
func (o *operator) issue(url string) *s3.Client {
	o.t.Helper()
	root := credentials.NewStaticCredentialsProvider(miniotest.User, miniotest.Password, "")
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
