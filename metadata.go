package gamelift

import (
	"time"

	"github.com/aws/smithy-go/middleware"
)

type metadataKey struct{}

// callMetadata is the value of a ResultMetadata, under one key.
type callMetadata struct {
	requestID  string
	attempts   int
	serverTime time.Time
}

func metadataOf(md middleware.Metadata) callMetadata {
	if m, ok := md.Get(metadataKey{}).(*callMetadata); ok {
		return *m
	}
	return callMetadata{}
}

// RequestID returns the ID that the service gave to the request: the
// X-Amzn-Requestid header of the response. AWS Support asks for it. It is "" if
// the service sent none, or if md is not the metadata of a call.
func RequestID(md middleware.Metadata) string { return metadataOf(md).requestID }

// Attempts returns the number of attempts of the call, the successful one
// included: 1 if the first attempt succeeded. It is 0 if md is not the metadata
// of a call.
func Attempts(md middleware.Metadata) int { return metadataOf(md).attempts }

// ServerTime returns the Date header of the response, which has a resolution of
// one second. Like ExpirationTimestamp, it is a time of the service's clock. It
// is the zero time if the response had no Date, or if md is not the metadata of
// a call.
func ServerTime(md middleware.Metadata) time.Time { return metadataOf(md).serverTime }
