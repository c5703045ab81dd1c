//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// TestOperatorsDay is what docs/operators.md describes, from the profile to the
// session.
func TestOperatorsDay(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	minio := o.issue(startMinIO(t))

	// The keys are in a profile, and nothing of them in the environment.
	o.without("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
	o.write(".aws/config", fmt.Sprintf(`[profile operator]
region = us-west-2
aws_access_key_id = %s
aws_secret_access_key = %s

[profile compute]
region = us-west-2
credential_process = gamelift access --profile operator --fleet-id %s --compute-name %s --output credential-process
`, gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, gamelifttest.EC2FleetID, gamelifttest.EC2Compute), 0o600)

	// A build is uploaded.
	files := map[string]string{"server": "#!/bin/sh\necho a game\n", "data/level-1": noise(12 << 20)}
	for name, content := range files {
		o.write(filepath.Join("build", name), content, 0o755)
	}
	printed := o.run(upload("build", "--profile", "operator")...)
	require.Equal(t, 0, printed.status, printed.stderr)
	var build uploaded
	require.NoError(t, json.Unmarshal([]byte(printed.stdout), &build))
	object, err := minio.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &build.Bucket, Key: &build.Key})
	require.NoError(t, err)
	defer object.Body.Close()
	archive, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	require.Len(t, archive, int(build.Size))
	r, err := zip.NewReader(bytes.NewReader(archive), build.Size)
	require.NoError(t, err)
	for name, content := range files {
		f, err := r.Open(name)
		require.NoError(t, err)
		got, err := io.ReadAll(f)
		require.NoError(t, err)
		require.True(t, content == string(got), name)
	}
	pending, err := minio.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &build.Bucket, Prefix: &build.Key})
	require.NoError(t, err)
	require.Empty(t, pending.Uploads)

	// A game server starts with a token, and with one that is kept in a file.
	o.env = append(o.env, "AWS_PROFILE=operator")
	token := *o.token().AuthToken
	require.Equal(t, token+" "+gamelifttest.AnywhereCompute+"\n", o.output(with("token", anywhere,
		"--", "sh", "-c", `echo "$GAMELIFT_SDK_AUTH_TOKEN $GAMELIFT_SDK_HOST_ID"`)...))
	w := o.watch()
	require.Equal(t, linesOf(o.token()), w.next(""))
	server := o.command()
	server.Path, server.Args = "/bin/sh", []string{"sh", "-c", `set -a; . run/token; exec sh -c 'echo "$GAMELIFT_SDK_AUTH_TOKEN"'`}
	require.Equal(t, result{stdout: token + "\n"}, finish(t, server))

	// The compute's keys are a profile, and open a session.
	process := o.output(with("access", ec2, "--output=credential-process")...)
	require.Contains(t, process, `"Version":1`)
	require.Contains(t, o.run(with("token", anywhere, "--profile", "compute")...).stderr, "UnrecognizedClientException",
		"the keys are the compute's, which may not do this")
	o.installAWS(`echo "session with $4 as $AWS_ACCESS_KEY_ID"; cat`)
	session := o.command(with("session", container)...)
	session.Stdin = bytes.NewBufferString("typed\n")
	opened := finish(t, session)
	require.Equal(t, 0, opened.status)
	require.Regexp(t, `^session with i-0fedcba9876543210 as ASIA\w+\ntyped\n$`, opened.stdout)
	require.Contains(t, opened.stderr, "sudo docker exec -it ")

	require.Empty(t, w.stop(syscall.SIGTERM))
}
