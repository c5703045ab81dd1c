package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestRunPrintsEverySpan(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) { require.NoError(t, run(t.Context(), &out)) })
	require.NotContains(t, out.String(), gamelifttest.SecretAccessKey)

	spans := map[string]int{}
	for decoder := json.NewDecoder(strings.NewReader(out.String())); ; {
		var span struct{ Name string }
		err := decoder.Decode(&span)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		spans[span.Name]++
	}
	require.Equal(t, 1, spans["GameLift.RequestUploadCredentials"])
	require.Equal(t, 3, spans["Attempt"])
}
