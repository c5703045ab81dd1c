package keyerror_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/keyerror"
)

func TestError(t *testing.T) {
	t.Parallel()
	var err error = &keyerror.Error{Err: fmt.Errorf("profile: %w", io.EOF)}
	require.EqualError(t, err, "profile: EOF")
	require.ErrorIs(t, err, io.EOF)

	var keyErr *keyerror.Error
	require.ErrorAs(t, fmt.Errorf("retrieve: %w", err), &keyErr)
	require.False(t, errors.As(io.EOF, &keyErr))
}
