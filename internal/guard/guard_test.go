package guard_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/internal/guard"
)

func TestCall(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	require.NoError(t, guard.Call("it", func() error { return nil }))
	require.Equal(t, failure, guard.Call("it", func() error { return failure }))
	var none *int
	for _, test := range []struct {
		name string
		f    func() error
		want string
	}{
		{"a string", func() error { panic("canary") }, "it panicked with a value of type string"},
		{"an error", func() error { panic(errors.New("canary")) }, "it panicked with a value of type *errors.errorString"},
		{"nil dereference", func() error { *none = 1; return nil }, "it panicked: runtime error: invalid memory address or nil pointer dereference"},
		{"panic(nil)", func() error { panic(any(nil)) }, "it panicked: panic called with nil argument"},
		{"Goexit", func() error { runtime.Goexit(); return nil }, "it did not return: it called runtime.Goexit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := guard.Call("it", test.f)
			assert.EqualError(t, err, test.want)
		})
	}
}
