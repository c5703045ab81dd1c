package retry

import (
	"errors"
	"math"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestStandard_MaxAttempts(t *testing.T) {
	t.Parallel()
	require.Equal(t, 3, NewStandard(DefaultMaxAttempts, DefaultMaxBackoff).MaxAttempts())
}

func TestStandard_RetryDelay(t *testing.T) {
	t.Parallel()
	refused := sendError(errors.New("refused"))
	throttled := responded(400, coded("ThrottlingException"))
	const almostOne = 1 - 0x1p-53
	tests := []struct {
		name    string
		rand    float64
		attempt int
		opErr   error
		want    time.Duration
	}{
		{"first", 0.5, 1, refused, 25 * time.Millisecond},
		{"second", 0.5, 2, refused, 50 * time.Millisecond},
		{"third", 0.5, 3, refused, 100 * time.Millisecond},
		{"last below the limit", 0.5, 9, refused, 6400 * time.Millisecond},
		{"first at the limit", 0.5, 10, refused, 10 * time.Second},
		{"far beyond the limit", 0.5, 64, refused, 10 * time.Second},
		{"beyond what a shift can hold", 0.5, math.MaxInt, refused, 10 * time.Second},
		{"attempt 0", 0.5, 0, refused, 25 * time.Millisecond},
		{"negative attempt", 0.5, -1, refused, 25 * time.Millisecond},
		{"most negative attempt", 0.5, math.MinInt, refused, 25 * time.Millisecond},
		{"least random", 0, 3, refused, 0},
		{"most random", almostOne, 1, refused, 50*time.Millisecond - 1},
		{"most random at the limit", almostOne, 99, refused, 20*time.Second - 1},
		{"no error", 0.5, 1, nil, 25 * time.Millisecond},
		{"429 without a throttling code", 0.5, 1, responded(429, coded("UnknownError")), 500 * time.Millisecond},

		{"throttled, first", 0.5, 1, throttled, 500 * time.Millisecond},
		{"throttled, second", 0.5, 2, throttled, time.Second},
		{"throttled, last below the limit", 0.5, 5, throttled, 8 * time.Second},
		{"throttled, first at the limit", 0.5, 6, throttled, 10 * time.Second},
		{"throttled, far beyond", 0.5, math.MaxInt, throttled, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
			s.rand = func() float64 { return tt.rand }
			got, err := s.RetryDelay(tt.attempt, tt.opErr)
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	after := func(value string) error {
		return responded(503, coded("UnknownError"), "x-amz-retry-after", value)
	}
	tests := []struct {
		name  string
		opErr error
		want  time.Duration // without the header: 25 ms
	}{
		{"absent", responded(503, coded("UnknownError")), 25 * time.Millisecond},
		{"longer", after("1500"), 1500 * time.Millisecond},
		{"as long", after("25"), 25 * time.Millisecond},
		{"shorter", after("24"), 25 * time.Millisecond},
		{"zero", after("0"), 25 * time.Millisecond},
		{"longest", after("5025"), 5025 * time.Millisecond},
		{"too long", after("5026"), 5025 * time.Millisecond},
		{"past a Duration", after("9223372036855"), 5025 * time.Millisecond},
		{"past an int64", after("18446744073709551615"), 5025 * time.Millisecond},
		{"past a uint64", after("99999999999999999999999"), 5025 * time.Millisecond},
		{"leading zeros", after("001500"), 1500 * time.Millisecond},
		{"empty", after(""), 25 * time.Millisecond},
		{"negative", after("-1500"), 25 * time.Millisecond},
		{"fraction", after("1500.5"), 25 * time.Millisecond},
		{"exponent", after("2e3"), 25 * time.Millisecond},
		{"hexadecimal", after("0x5dc"), 25 * time.Millisecond},
		{"a date", after("Wed, 21 Oct 2015 07:28:00 GMT"), 25 * time.Millisecond},
		{"the other header", responded(503, coded("UnknownError"), "Retry-After", "3"), 25 * time.Millisecond},
		{"no response", &smithyhttp.ResponseError{Err: errors.New("e")}, 25 * time.Millisecond},
		{"no HTTP response", &smithyhttp.ResponseError{Response: &smithyhttp.Response{}}, 25 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, Extend(25*time.Millisecond, tt.opErr)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The delays are the same however attempts are counted.
func TestStandard_RetryDelay_FirstAttempt(t *testing.T) {
	for variable, first := range map[string]int{"": 1, "false": 1, "true": 0} {
		t.Setenv("AWS_NEW_RETRIES_2026", variable)
		require.Equal(t, first, FirstAttempt(), "%q", variable)
		s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
		s.rand = func() float64 { return 0.5 }
		for i, want := range []time.Duration{25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond} {
			got, err := s.RetryDelay(first+i, nil)
			require.NoError(t, err)
			require.Equal(t, want, got, "%q, attempt %d", variable, i)
		}
		got, err := s.RetryDelay(math.MinInt, nil)
		require.NoError(t, err)
		require.Equal(t, 25*time.Millisecond, got)
	}
}

// The real source of randomness, within its bounds and not constant.
func TestStandard_RetryDelay_IsRandom(t *testing.T) {
	t.Parallel()
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	seen := map[time.Duration]bool{}
	for range 100 {
		d, err := s.RetryDelay(99, nil)
		require.NoError(t, err)
		require.True(t, 0 <= d && d < 20*time.Second, d)
		seen[d] = true
	}
	require.Greater(t, len(seen), 1)
}

// released is where a token is kept: the compiler would put one that goes nowhere on the stack.
var released func(error) error

// Not parallel: testing.AllocsPerRun forbids it.
func TestStandard_SuccessDoesNotAllocate(t *testing.T) {
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		released = s.GetInitialToken()
		_ = released(nil)
	}))
}

// What the retryer costs a call that succeeds at once.
func BenchmarkStandard_Success(b *testing.B) {
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	b.ReportAllocs()
	for b.Loop() {
		_ = s.GetInitialToken()(nil)
	}
}

func BenchmarkStandard_SuccessParallel(b *testing.B) {
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = s.GetInitialToken()(nil)
		}
	})
}
