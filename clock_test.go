package gamelift_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
)

// skewed is a service whose clock is ahead of ours, and that refuses what is
// signed more than 5 minutes off it.
type skewed struct {
	mu     sync.Mutex
	ahead  time.Duration
	code   string
	header http.Header // of every response, except Date
	noDate bool
	delay  time.Duration // of every response
	off    []time.Duration
}

func (s *skewed) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.Sleep(s.delay / 2)
	signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return nil, err
	}
	now := time.Now().Add(s.ahead)
	off := now.Sub(signed)
	s.off = append(s.off, off)
	resp := response(200, okBody)
	if off.Abs() > 5*time.Minute {
		resp = response(403, `{"__type":"`+s.code+`"}`)
	}
	resp.Header.Set("X-Amzn-Requestid", "r-1")
	for name, values := range s.header {
		resp.Header[name] = values
	}
	if !s.noDate {
		resp.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	time.Sleep(s.delay / 2)
	return resp, nil
}

func (s *skewed) client(optFns ...func(*gamelift.Options)) *gamelift.Client {
	return gamelift.New(answering(s.Do), optFns...)
}

func TestClockSkewIsCorrectedAndKept(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException"} {
		for _, ahead := range []time.Duration{24 * time.Hour, -24 * time.Hour, 6 * time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				s := &skewed{ahead: ahead, code: code}
				client := s.client()
				attempts, err := call(t, client)
				require.NoError(t, err)
				require.Equal(t, 2, attempts)
				require.LessOrEqual(t, s.off[1].Abs(), time.Second)

				attempts, err = call(t, client)
				require.NoError(t, err)
				require.Equal(t, 1, attempts, "the correction is kept for later calls")
			})
		}
	}
}

func TestClockSkewHeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{ahead: 24 * time.Hour, code: "InvalidSignatureException"}
		client := s.client()
		_, err := call(t, client)
		require.NoError(t, err)

		s.ahead = 0 // somebody set the clock
		attempts, err := call(t, client)
		require.NoError(t, err)
		require.Equal(t, 2, attempts, "the stale correction is found out by the first error")
		attempts, err = call(t, client)
		require.NoError(t, err)
		require.Equal(t, 1, attempts)
	})
}

// A clock that drifts is followed by successful calls, without an error.
func TestClockSkewIsLearnedFromEveryResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{code: "InvalidSignatureException"}
		client := s.client()
		for range 10 {
			s.ahead += 3 * time.Minute
			attempts, err := call(t, client)
			require.NoError(t, err)
			require.Equal(t, 1, attempts)
		}
		require.LessOrEqual(t, s.off[9].Abs(), 3*time.Minute+time.Second)
	})
}

func TestClockSkewIsTheMiddleOfTheRoundTrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{ahead: time.Hour, code: "InvalidSignatureException", delay: 10 * time.Minute}
		client := s.client()
		_, _ = call(t, client)
		s.delay = 0
		attempts, err := call(t, client)
		require.NoError(t, err)
		require.Equal(t, 1, attempts)
		require.LessOrEqual(t, s.off[len(s.off)-1].Abs(), time.Second)
	})
}

func TestResponsesWithoutAUsableDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*skewed)
	}{
		{"cached", func(s *skewed) { s.header = http.Header{"Age": {"3600"}} }},
		{"slow", func(s *skewed) { s.delay = 15*time.Minute + time.Second }},
		{"not the service's", func(s *skewed) { s.header = http.Header{"X-Amzn-Requestid": nil} }},
		{"a century away", func(s *skewed) { s.ahead = 101 * 365 * 24 * time.Hour }},
		{"without a date", func(s *skewed) { s.noDate = true }},
		{"with a malformed date", func(s *skewed) { s.noDate, s.header = true, http.Header{"Date": {"yesterday"}} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &skewed{ahead: time.Hour, code: "InvalidSignatureException"}
				tt.spoil(s)
				client := s.client()
				_, err := call(t, client)
				var apiErr smithy.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Len(t, s.off, 1, "an error that may have another cause is not retried")

				*s = skewed{}
				_, err = call(t, client)
				require.NoError(t, err)
				require.LessOrEqual(t, s.off[0].Abs(), time.Second, "its date was not believed")
			})
		})
	}
}

// The codes have other causes. If the request was signed within 4 minutes of the
// service's clock, it is not sent again.
func TestNoRetryWithoutSkew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(func() (*http.Response, error) {
			return response(403, `{"__type":"AccessDeniedException"}`, "Date", time.Now().Add(3*time.Minute).UTC().Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"), nil
		})
		_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
		require.Error(t, err)
		require.Len(t, s.At, 1)
	})
}

func TestDisableClockSkewCorrection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{ahead: time.Hour, code: "InvalidSignatureException"}
		client := s.client(func(o *gamelift.Options) { o.DisableClockSkewCorrection = true })
		for range 2 {
			_, err := call(t, client)
			require.Error(t, err)
		}
		require.Len(t, s.off, 2)
		for _, off := range s.off {
			require.InDelta(t, float64(time.Hour), float64(off), float64(time.Second))
		}
	})
}

func TestClockSkewWithConcurrentCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{ahead: -6 * time.Hour, code: "RequestTimeTooSkewed"}
		client := s.client()
		var wg sync.WaitGroup
		errs := make([]error, 64)
		for i := range errs {
			wg.Go(func() { _, errs[i] = call(t, client) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
	})
}

func TestClockSkewCorrectionDisabledForACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &skewed{ahead: time.Hour, code: "InvalidSignatureException"}
		client := s.client()
		_, err := call(t, client)
		require.NoError(t, err)
		_, err = client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.DisableClockSkewCorrection = true })
		require.Error(t, err, "signed with the local clock")
	})
}

func TestClockSkewLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ahead, roundTrip time.Duration
		attempts         int
	}{
		{4 * time.Minute, 0, 1},
		{4*time.Minute + time.Second, 0, 2},
		{time.Hour, 15 * time.Minute, 2},
		{time.Hour, 15*time.Minute + time.Nanosecond, 1},
	} {
		synctest.Test(t, func(t *testing.T) { // its clock starts at a whole second
			n := 0
			_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) {
				if n++; n > 1 {
					return response(200, okBody), nil
				}
				date := time.Now().Add(tt.roundTrip / 2).Add(tt.ahead)
				time.Sleep(tt.roundTrip)
				return response(403, `{"__type":"InvalidSignatureException"}`, "Date", date.UTC().Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"), nil
			})).GetComputeAuthToken(t.Context(), authTokenInput())
			require.Equal(t, tt.attempts, n, "%v", tt)
			require.Equal(t, tt.attempts == 2, err == nil)
		})
	}
}

func TestOtherErrorsOfASkewedService(t *testing.T) {
	t.Parallel()
	s := answers(status(400, `{"__type":"NotFoundException"}`, "Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"))
	_, err := gamelift.New(s.Options()).GetComputeAuthToken(t.Context(), authTokenInput())
	require.Error(t, err)
	require.Len(t, s.At, 1)
}

func TestCodesMatchWhole(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Expired", "ExpiredTokenExceptionX", "AuthFail", ""} {
		n := 0
		s := answers(status(403, `{"__type":"`+code+`"}`, "Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"))
		_, err := gamelift.New(s.Options(), func(o *gamelift.Options) {
			o.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
				n++
				return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
			})
		}).GetComputeAuthToken(t.Context(), authTokenInput())
		var apiErr smithy.APIError
		require.ErrorAs(t, err, &apiErr)
		require.Len(t, s.At, 1, code)
		require.Equal(t, 1, n, code)
	}
	s := answers(status(403, `{"__type":"expiredTOKEN"}`), status(200, okBody))
	_, err := gamelift.New(s.Options(), func(o *gamelift.Options) { o.Credentials = &source{life: time.Hour} }).GetComputeAuthToken(t.Context(), authTokenInput())
	require.NoError(t, err, "without case")
}

// A clock that was off is corrected without the Retryer's leave, within the
// attempts that there are.
func TestClockCorrectionDoesNotAskTheRetryer(t *testing.T) {
	t.Parallel()
	ahead := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	s := answers(status(403, `{"__type":"InvalidSignatureException"}`, "Date", ahead, "X-Amzn-Requestid", "r-1"), status(200, okBody))
	stubborn := &spyRetryer{}
	_, err := call(t, gamelift.New(s.Options(), func(o *gamelift.Options) { o.Retryer = stubborn }))
	require.NoError(t, err)
	require.NotContains(t, stubborn.asked, "retryable")
}

// The first correction of a call costs no retry quota and no time: many calls
// that are under way when the clock turns out to be off all recover.
func TestClockCorrectionIsFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 64
		s := &skewed{code: "RequestTimeTooSkewed"}
		broken, arrived := true, make(chan struct{})
		client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
			if broken {
				return response(500, ""), nil
			}
			<-arrived
			return s.Do(r)
		}))
		_, err := client.GetComputeAuthToken(t.Context(), authTokenInput(), func(o *gamelift.Options) { o.RetryMaxAttempts = 100 })
		require.ErrorContains(t, err, "retry quota exceeded")

		broken, s.ahead = false, time.Hour
		start := time.Now()
		var wg sync.WaitGroup
		attempts, errs := make([]int, calls), make([]error, calls)
		for i := range calls {
			wg.Go(func() { attempts[i], errs[i] = call(t, client) })
		}
		synctest.Wait() // all first attempts are signed with the local clock
		close(arrived)
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.Equal(t, slices.Repeat([]int{2}, calls), attempts)
		require.Zero(t, time.Since(start))
	})
}

// Servers whose clocks disagree cost quota: the second correction of a call is
// a retry like any other.
func TestSecondClockCorrectionCostsQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		spy := &spyRetryer{retries: true}
		_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) {
			if n++; n > 3 {
				return response(200, okBody), nil
			}
			date := time.Now().Add(time.Duration(n) * time.Hour).UTC().Format(http.TimeFormat)
			return response(403, `{"__type":"RequestTimeTooSkewed"}`, "Date", date, "X-Amzn-Requestid", "r-1"), nil
		}), func(o *gamelift.Options) { o.Retryer = spy }).GetComputeAuthToken(t.Context(), authTokenInput())
		require.NoError(t, err)
		diff(t, []string{
			"initial token", "initial token settled, failed true",
			"retry token", "delay 2", "retry token settled, failed true",
			"retry token", "delay 3", "retry token settled, failed false",
		}, spy.asked)
	})
}

// Calls of one attempt cannot correct the clock and try again. The second one in
// a row whose refusal has the same time corrects it for the next.
func TestClockSkewIsCorrectedForCallsOfOneAttempt(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{24 * time.Hour, -24 * time.Hour, 6 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := &skewed{ahead: ahead, code: "InvalidSignatureException"}
			client := s.client(oneAttempt)
			failed := 0
			for range 20 {
				if _, err := call(t, client); err != nil {
					failed++
				}
				time.Sleep(time.Minute)
			}
			require.Equal(t, 2, failed)
			s.ahead = 0 // somebody set the clock
			for range 20 {
				if _, err := call(t, client); err != nil {
					failed++
				}
			}
			require.Equal(t, 3, failed)
		})
	}
}

// A response with a wrong Date, whatever its status, costs no other call.
func TestOneWrongDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		date time.Time
		code int
		body string
	}{
		{"an hour ahead, success", time.Now().Add(time.Hour), 200, okBody},
		{"an hour behind, success", time.Now().Add(-time.Hour), 200, okBody},
		{"an hour ahead, not found", time.Now().Add(time.Hour), 400, `{"__type":"NotFoundException"}`},
		{"an hour ahead, refused", time.Now().Add(time.Hour), 403, `{"__type":"InvalidSignatureException"}`},
		{"year 9999, success", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), 200, okBody},
		{"year 9999, refused", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), 403, `{"__type":"InvalidSignatureException"}`},
		{"year 1, refused", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), 403, `{"__type":"InvalidSignatureException"}`},
	} {
		for _, attempts := range []int{1, 3} {
			synctest.Test(t, func(t *testing.T) {
				s, wrong := &skewed{code: "InvalidSignatureException"}, false
				client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
					if wrong {
						wrong = false
						return response(tt.code, tt.body, "Date", tt.date.Format(http.TimeFormat), "X-Amzn-Requestid", "r-1"), nil
					}
					return s.Do(r)
				}), func(o *gamelift.Options) { o.RetryMaxAttempts = attempts })
				for range 3 {
					_, err := call(t, client)
					require.NoError(t, err)
					wrong = true
					_, _ = call(t, client)
					wrong = false
					_, err = client.GetComputeAuthToken(t.Context(), authTokenInput(), oneAttempt)
					require.NoError(t, err, tt.name)
				}
				for _, off := range s.off {
					if attempts == 1 {
						require.LessOrEqual(t, off.Abs(), time.Second, tt.name)
					}
					require.LessOrEqual(t, off.Abs(), 100*365*24*time.Hour)
				}
			})
		}
	}
}

// Two servers whose clocks differ by ten minutes, answering in turn, make no
// more calls fail than if the client used the local clock.
func TestTwoServersThatDisagree(t *testing.T) {
	t.Parallel()
	for attempts := 1; attempts <= 4; attempts++ {
		for first := range 2 {
			turns := []int{first, 1 - first}
			require.Equal(t, 15, failedCalls(t, 0, turns, 30, attempts, true))
			failed := failedCalls(t, 0, turns, 30, attempts, false)
			require.LessOrEqual(t, failed, 15, "%d attempts, server %d first", attempts, first)
			if attempts == 1 {
				continue // too few to correct anything
			}
			require.LessOrEqual(t, failed, 1, "%d attempts, server %d first", attempts, first)

			require.Equal(t, 30, failedCalls(t, time.Hour, turns, 30, attempts, true))
			failed = failedCalls(t, time.Hour, turns, 30, attempts, false)
			require.LessOrEqual(t, failed, 1, "local clock an hour off, %d attempts, server %d first", attempts, first)
		}
	}
}

// The same holds in whatever order the servers answer. Calls of one attempt may
// fail a few times before the client knows that the servers disagree.
func TestTwoServersThatDisagreeInAnyOrder(t *testing.T) {
	t.Parallel()
	const calls = 40
	for n := 1; n <= 4; n++ {
		for order := range 1 << n {
			turns := make([]int, n)
			for i := range turns {
				turns[i] = order >> i & 1
			}
			uncorrected := failedCalls(t, 0, turns, calls, 1, true)
			require.LessOrEqual(t, failedCalls(t, 0, turns, calls, 1, false), uncorrected+2, "%v", turns)
			for _, attempts := range []int{2, 3} {
				require.LessOrEqual(t, failedCalls(t, 0, turns, calls, attempts, false), uncorrected, "%v, %d attempts", turns, attempts)
			}
		}
	}
}

// failedCalls returns how many calls fail if two servers answer their requests.
// The first one is ahead of the local clock by the given time, and the second one
// by ten minutes more. turns has the server of each request and is repeated.
func failedCalls(t *testing.T, ahead time.Duration, turns []int, calls, attempts int, disabled bool) (failed int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		servers := [2]*skewed{{code: "RequestTimeTooSkewed", ahead: ahead}, {code: "RequestTimeTooSkewed", ahead: ahead + 10*time.Minute}}
		n := 0
		client := gamelift.New(answering(func(r *http.Request) (*http.Response, error) {
			n++
			return servers[turns[(n-1)%len(turns)]].Do(r)
		}), func(o *gamelift.Options) { o.RetryMaxAttempts, o.DisableClockSkewCorrection = attempts, disabled })
		for range calls {
			if _, err := call(t, client); err != nil {
				failed++
			}
		}
	})
	return failed
}

// After servers have disagreed, a local clock that is off is still corrected.
func TestClockSkewIsCorrectedAfterServersDisagreed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		attempts int
		after    time.Duration
		failed   int // of the calls after the servers agree again
	}{
		{1, 0, 4},
		{2, 0, 2},
		{3, 0, 1},
		{1, 2 * time.Hour, 2},
		{2, 2 * time.Hour, 0},
		{3, 2 * time.Hour, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &skewed{code: "RequestTimeTooSkewed"}
			client := s.client(func(o *gamelift.Options) { o.RetryMaxAttempts = tt.attempts })
			for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
				s.ahead = ahead
				_, _ = client.GetComputeAuthToken(t.Context(), authTokenInput(), oneAttempt)
			}
			s.ahead = 0
			_, err := call(t, client)
			require.NoError(t, err)
			time.Sleep(tt.after)

			s.ahead = 24 * time.Hour
			failed := 0
			for range 20 {
				if _, err := call(t, client); err != nil {
					failed++
				}
			}
			require.Equal(t, tt.failed, failed, "%+v", tt)
		})
	}
}
