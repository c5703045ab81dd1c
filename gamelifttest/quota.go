package gamelifttest

import "time"

// Quota bounds how often an operation is served: Burst requests at once, and
// Rate more each second.
type Quota struct {
	Burst int
	Rate  float64
}

// PublishedQuotas returns the quotas per account that the service's
// documentation names, by operation. The map is the caller's.
func PublishedQuotas() map[string]Quota {
	return map[string]Quota{
		"GetComputeAuthToken":      {Burst: 10, Rate: 5},
		"GetComputeAccess":         {Burst: 4, Rate: 1},
		"RequestUploadCredentials": {Burst: 4, Rate: 1},
	}
}

// bucket is what is left of a quota at a time.
type bucket struct {
	tokens float64
	at     time.Time
}

// take reports whether one more request is within the operation's quota.
func (st *state) take(quotas map[string]Quota, operation string, now time.Time) bool {
	quota, ok := quotas[operation]
	if !ok {
		return true
	}
	b, ok := st.buckets[operation]
	if !ok {
		b = bucket{float64(quota.Burst), now}
	}
	if elapsed := now.Sub(b.at); elapsed > 0 { // a test's clock can go back
		b.tokens = min(float64(quota.Burst), b.tokens+elapsed.Seconds()*quota.Rate)
	}
	b.at = now
	served := b.tokens >= 1
	if served {
		b.tokens--
	}
	st.buckets[operation] = b
	return served
}
