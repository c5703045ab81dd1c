package gamelift

import (
	"time"

	"github.com/aws/smithy-go/middleware"
)

type metadataKey struct{}

// callMetadata is what ResultMetadata holds, under one key.
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

// RequestID returns the service's name for the request, to quote to AWS
// Support: the X-Amzn-Requestid header of the response. It is "" where the
// service sent none, and for metadata of no call.
func RequestID(md middleware.Metadata) string { return metadataOf(md).requestID }

// Attempts returns how many attempts the call had, the successful one included:
// 1 where the first succeeded. It is 0 for metadata of no call.
func Attempts(md middleware.Metadata) int { return metadataOf(md).attempts }

// ServerTime returns the response's Date header, which has a resolution of one
// second: the service's own clock, by which ExpirationTimestamp is meant. It is
// the zero time where there was none, and for metadata of no call.
func ServerTime(md middleware.Metadata) time.Time { return metadataOf(md).serverTime }
