package gamelifttest_test

import (
	"bytes"
	"context"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestServer_servesTheClient(t *testing.T) {
	t.Parallel()
	listening := gamelifttest.NewServer()
	defer listening.Close()
	for name, server := range map[string]*gamelifttest.Server{
		"in-process": gamelifttest.NewUnstartedServer(),
		"listening":  listening,
	} {
		t.Run(name, func(t *testing.T) {
			client := gamelift.New(server.ClientOptions())
			token, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{
				FleetId: ptr(gamelifttest.AnywhereFleetID), ComputeName: ptr(gamelifttest.AnywhereCompute),
			})
			require.NoError(t, err)
			require.Len(t, *token.AuthToken, 36)
			access, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{
				FleetId: ptr(gamelifttest.ContainerFleetID), ComputeName: ptr(gamelifttest.ContainerCompute),
			})
			require.NoError(t, err)
			require.Len(t, access.ContainerIdentifiers, 1)
			upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
			require.NoError(t, err)
			require.Equal(t, "prod-gamescale-builds-us-west-2", *upload.StorageLocation.Bucket)
			server.Inject(gamelifttest.Fault{Code: "NotFoundException", Message: "gone"})
			_, err = client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
			require.ErrorContains(t, err, "gone")
			require.Empty(t, server.Unused())
		})
	}
}

// Close logs which requests it waits for.
func TestServer_closeLogsWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	logger := slog.New(&signalHandler{Handler: slog.NewTextHandler(&logged, nil), warned: make(chan struct{})})
	arrived := make(chan struct{})
	server := gamelifttest.NewServer(func(o *gamelifttest.Options) {
		o.Logger = logger
		o.Authorize = func(string, string) bool {
			close(arrived)
			<-logger.Handler().(*signalHandler).warned // hangs until Close has logged
			return true
		}
	})
	server.SetCloseWarning(time.Nanosecond)
	done := make(chan error, 1)
	go func() {
		_, err := gamelift.New(server.ClientOptions()).RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
		done <- err
	}()
	<-arrived
	server.Close()
	require.NoError(t, <-done)
	require.Regexp(t, `level=WARN msg="gamelifttest.Server blocked in Close, waiting for 1 requests: POST / RequestUploadCredentials from 127\.0\.0\.1:\d+, for \S+"`, logged.String())
}

// signalHandler closes warned after the first warning.
type signalHandler struct {
	slog.Handler
	warned chan struct{}
}

func (h *signalHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level == slog.LevelWarn {
		close(h.warned)
	}
	return err
}

// Package authtoken keeps up with tokens that live for seconds, with the settings
// that the package documentation names.
func TestServer_shortLivedTokensWithAuthtoken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) {
			o.TokenLife, o.TokenRenewal = 10*time.Second, 10*time.Second
		})
		var refreshes atomic.Int64
		source := authtoken.NewSource(gamelift.New(server.ClientOptions()), gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute,
			func(o *authtoken.Options) { o.OnRefresh = func(authtoken.Token) { refreshes.Add(1) } })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- source.Run(ctx) }()
		for ctx.Err() == nil {
			token, err := source.Token(ctx)
			require.NoError(t, err)
			require.True(t, token.Expires.After(time.Now()))
			time.Sleep(100 * time.Millisecond)
		}
		<-done
		refreshed := int(refreshes.Load())
		require.Greater(t, refreshed, 6)
		require.Len(t, server.Requests(), refreshed, "every request gets a new token")
		require.LessOrEqual(t, refreshed, 61)
	})
}

// In a bubble, retries take no real time, as the package documentation shows.
func TestServer_retriesInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Count: 2})
		client := gamelift.New(server.ClientOptions())
		start := time.Now()
		_, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{
			FleetId: ptr(gamelifttest.AnywhereFleetID), ComputeName: ptr(gamelifttest.AnywhereCompute),
		})
		require.NoError(t, err)
		requests := server.Requests()
		require.Len(t, requests, 3)
		require.Equal(t, time.Since(start), requests[2].Time.Sub(start))
		require.Positive(t, requests[1].Time.Sub(requests[0].Time))
	})
}

// The stub shares no code with the client: it imports none of the module's internal
// packages. It does not import package testing either, so that programs can use it.
func TestImports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range parsed.Imports {
			require.NotContains(t, imported.Path.Value, "/internal/", file)
			require.NotEqual(t, `"testing"`, imported.Path.Value, file)
		}
	}
}
