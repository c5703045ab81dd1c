package gamelifttest

import "time"

// Quota is the request rate above which an operation is throttled.
type Quota struct {
	// Burst is the maximum number of requests served at once.
	Burst int

	// Rate is the number of requests that become available again each second.
	Rate float64
}

// PublishedQuotas returns the quotas per account that the service's
// documentation names, by operation. Each call returns a new map. See
// https://docs.aws.amazon.com/gameliftservers/latest/developerguide/api-limits-common.html
func PublishedQuotas() map[string]Quota {
	return map[string]Quota{
		"GetComputeAuthToken":      {Burst: 10, Rate: 5},
		"GetComputeAccess":         {Burst: 4, Rate: 1},
		"RequestUploadCredentials": {Burst: 4, Rate: 1},
	}
}

// bucket is the token bucket of one operation's quota.
type bucket struct {
	tokens float64 // at time at
	at     time.Time
}

// throttle takes a token from the operation's bucket. If there is none, it
// returns ThrottlingException. Operations without a quota are never throttled.
func (st *state) throttle(quotas map[string]Quota, operation string, now time.Time) *apiError {
	quota, ok := quotas[operation]
	if !ok {
		return nil
	}
	b, ok := st.buckets[operation]
	if !ok {
		b = bucket{float64(quota.Burst), now}
	}
	if elapsed := now.Sub(b.at); elapsed > 0 { // a test can set the clock back
		b.tokens = min(float64(quota.Burst), b.tokens+elapsed.Seconds()*quota.Rate)
	}
	b.at = now
	throttled := b.tokens < 1
	if !throttled {
		b.tokens--
	}
	st.buckets[operation] = b
	if throttled {
		return newError("ThrottlingException", "Rate exceeded")
	}
	return nil
}
