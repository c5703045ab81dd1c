package authtoken

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
)

func TestPoolOptions_setDefaults(t *testing.T) {
	t.Parallel()
	var got PoolOptions
	got.setDefaults()
	want := PoolOptions{
		Options:     Options{StartupWindow: 3 * time.Minute, Timeout: 30 * time.Second},
		Rate:        4,
		Burst:       8,
		ForgetAfter: 24 * time.Hour,
		MaxComputes: 100_000,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Options{}, "Logger"), cmpopts.IgnoreUnexported(Options{})); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	assert.NotNil(t, got.Logger)

	got = PoolOptions{Options: Options{StartupWindow: -1, Timeout: 2}, Rate: 3, Burst: 4, ForgetAfter: 5, MaxComputes: 6}
	want = got
	got.setDefaults()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Options{}, "Logger"), cmpopts.IgnoreUnexported(Options{})); diff != "" {
		t.Errorf("what is set stays (-want +got):\n%s", diff)
	}
}
