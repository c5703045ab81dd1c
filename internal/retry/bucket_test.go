package retry

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStandard_GetRetryToken_Costs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		opErr error
		cost  int
	}{
		{"connection error", sendError(errors.New("refused")), 14},
		{"status", responded(503, coded("UnknownError")), 14},
		{"429 without a throttling code", responded(429, coded("UnknownError")), 5},
		{"request time-out", responded(400, coded("RequestTimeout")), 14},
		{"no error", nil, 14},
		{"throttled", responded(400, coded("ThrottlingException")), 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
			release, err := s.GetRetryToken(t.Context(), tt.opErr)
			require.NoError(t, err)
			require.Equal(t, 500-tt.cost, s.bucket.tokens)
			require.NoError(t, release(nil))
			require.Equal(t, 500, s.bucket.tokens)
		})
	}
}

func TestStandard_GetRetryToken_Exhaustion(t *testing.T) {
	t.Parallel()
	throttled := coded("ThrottlingException")
	refused := sendError(errors.New("refused"))
	tests := []struct {
		name    string
		opErr   error
		retries int
		left    int
	}{
		{"connection errors", refused, 35, 10},
		{"throttled", throttled, 100, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
			for range tt.retries {
				release, err := s.GetRetryToken(t.Context(), tt.opErr)
				require.NoError(t, err)
				require.NoError(t, release(tt.opErr))
			}
			for range 2 { // a refusal takes nothing
				release, err := s.GetRetryToken(t.Context(), tt.opErr)
				require.ErrorIs(t, err, ErrQuotaExceeded)
				require.Nil(t, release)
				require.Equal(t, tt.left, s.bucket.tokens)
			}
		})
	}

	t.Run("what is too little for one is enough for the other", func(t *testing.T) {
		t.Parallel()
		s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
		for range 35 {
			_, err := s.GetRetryToken(t.Context(), refused)
			require.NoError(t, err)
		}
		for range 2 {
			_, err := s.GetRetryToken(t.Context(), throttled)
			require.NoError(t, err)
		}
		_, err := s.GetRetryToken(t.Context(), throttled)
		require.ErrorIs(t, err, ErrQuotaExceeded)
	})

	t.Run("first tries that succeed fill it up again", func(t *testing.T) {
		t.Parallel()
		s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
		s.bucket.tokens = 0
		for range 13 {
			require.NoError(t, s.GetInitialToken()(nil))
		}
		_, err := s.GetRetryToken(t.Context(), refused)
		require.ErrorIs(t, err, ErrQuotaExceeded)
		require.NoError(t, s.GetInitialToken()(nil))
		_, err = s.GetRetryToken(t.Context(), refused)
		require.NoError(t, err)
	})
}

func TestStandard_GetRetryToken_ReleasesOnce(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	tests := []struct {
		name     string
		outcomes []error
		tokens   int
	}{
		{"never", nil, 486},
		{"success", []error{nil}, 500},
		{"failure", []error{failed}, 486},
		{"success twice", []error{nil, nil}, 500},
		{"failure, then success", []error{failed, nil}, 486},
		{"success, then failure", []error{nil, failed}, 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
			release, err := s.GetRetryToken(t.Context(), failed)
			require.NoError(t, err)
			_, err = s.GetRetryToken(t.Context(), failed) // room to see a second payment
			require.NoError(t, err)
			for _, outcome := range tt.outcomes {
				require.NoError(t, release(outcome))
			}
			require.Equal(t, tt.tokens-14, s.bucket.tokens)
		})
	}
}

func TestStandard_GetInitialToken(t *testing.T) {
	t.Parallel()
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	require.NoError(t, s.GetInitialToken()(nil))
	require.Equal(t, 500, s.bucket.tokens, "beyond the capacity")

	s.bucket.tokens = 400
	require.NoError(t, s.GetInitialToken()(errors.New("failed")))
	require.Equal(t, 400, s.bucket.tokens, "after a failure")
	require.NoError(t, s.GetInitialToken()(nil))
	require.Equal(t, 401, s.bucket.tokens, "after a success")
}

// Calls in any order never take the bucket out of its bounds.
func TestBucket_Concurrent(t *testing.T) {
	t.Parallel()
	const callers, calls = 16, 500
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	var wg sync.WaitGroup
	for seed := range uint64(callers) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, seed))
			for range calls {
				opErr := coded("UnknownError")
				if r.IntN(2) == 0 {
					opErr = coded("SlowDown")
				}
				release, err := s.GetRetryToken(t.Context(), opErr)
				switch {
				case err != nil:
					release = s.GetInitialToken()
					opErr = nil
				case r.IntN(3) == 0:
					opErr = nil
				}
				_ = release(opErr)

				s.bucket.mu.Lock()
				if s.bucket.tokens < 0 || s.bucket.tokens > 500 {
					t.Errorf("%d tokens", s.bucket.tokens)
				}
				s.bucket.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// Retries that are in flight at once cost as much as one after another, and all of it comes back.
func TestBucket_ConcurrentAccounts(t *testing.T) {
	t.Parallel()
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		releases []func(error) error
		refused  int
	)
	for range 100 {
		wg.Go(func() {
			release, err := s.GetRetryToken(t.Context(), coded("UnknownError"))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refused++
				return
			}
			releases = append(releases, release)
		})
	}
	wg.Wait()
	require.Len(t, releases, 35)
	require.Equal(t, 65, refused)
	require.Equal(t, 10, s.bucket.tokens)

	for _, release := range releases {
		for range 2 { // concurrently, too, only one of them counts
			wg.Go(func() { _ = release(nil) })
		}
	}
	wg.Wait()
	require.Equal(t, 500, s.bucket.tokens)
}

func TestStandard_GetRetryToken_NotSent(t *testing.T) {
	t.Parallel()
	s := NewStandard(DefaultMaxAttempts, DefaultMaxBackoff)
	release, err := s.GetRetryToken(t.Context(), sendError(errors.New("refused")))
	require.NoError(t, err)
	require.NoError(t, release(ErrNotSent))
	require.Equal(t, capacity, s.bucket.tokens)
}
