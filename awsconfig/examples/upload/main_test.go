package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestRun(t *testing.T) {
	server := gamelifttest.NewServer()
	defer server.Close()
	type request struct{ line, sessionToken, body string }
	var put []request
	s3 := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		put = append(put, request{r.Method + " " + r.URL.Path, r.Header.Get("X-Amz-Security-Token"), string(body)})
	}))
	defer s3.Close()
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_REGION", "us-west-2")
	t.Setenv("AWS_ACCESS_KEY_ID", gamelifttest.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", gamelifttest.SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_ENDPOINT_URL_GAMELIFT", server.URL())
	t.Setenv("AWS_ENDPOINT_URL_S3", s3.URL)

	file := filepath.Join(t.TempDir(), "game.zip")
	require.NoError(t, os.WriteFile(file, []byte("PK-game"), 0o600))
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-build-id", gamelifttest.BuildID, file}, &out))
	require.Len(t, put, 1)
	require.Equal(t, "uploaded to s3://"+strings.TrimPrefix(put[0].line, "PUT /")+"\n", out.String())
	require.NotEmpty(t, put[0].sessionToken, "not signed with the upload's credentials")
	require.Contains(t, put[0].body, "PK-game")
	require.Len(t, server.Requests(), 1)

	require.ErrorContains(t, run(t.Context(), []string{"-build-id", "build-none", file}, &out), "NotFoundException")
	require.ErrorIs(t, run(t.Context(), []string{"-build-id", gamelifttest.BuildID, file + "x"}, &out), os.ErrNotExist)
	require.ErrorContains(t, run(t.Context(), nil, &out), "want one zip file")
	require.Len(t, put, 1)
}
