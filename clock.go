package gamelift

import "time"

// The limits of AWS's specification of clock skew correction.
const (
	maxTrustedRoundTrip = 15 * time.Minute
	minSignificantSkew  = 4 * time.Minute
)

// clockSkewCodes are what services answer a request with whose signing time
// they do not accept. Each has other causes as well.
var clockSkewCodes = []string{
	"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException",
}

// clockSkew estimates how far the service's clock is ahead of ours, from the
// Date of a response and the middle of its round trip. It cannot where there is
// no Date, where a cache answered (Age), or where the round trip was too slow to
// tell.
func clockSkew(date time.Time, age string, sent time.Time, roundTrip time.Duration) (skew time.Duration, ok bool) {
	if date.IsZero() || age != "" || roundTrip > maxTrustedRoundTrip {
		return 0, false
	}
	return date.Sub(sent.Add(roundTrip / 2)), true
}

// clockCorrected reports whether the attempt failed because of its signing
// time, which the next attempt corrects.
func (a *attempt) clockCorrected(err error) bool {
	return a.off > minSignificantSkew && hasCode(err, clockSkewCodes)
}
