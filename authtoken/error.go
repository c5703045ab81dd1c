package authtoken

import (
	"errors"
	"slices"

	"github.com/aws/smithy-go"
)

// FetchError says that there is no token of a compute, and why. Token returns
// it, and OnFailure is called with it. It wraps the client's error, and for a
// caller that stopped waiting, the end of its context: errors.Is finds
// context.Canceled or context.DeadlineExceeded, beside the last error of the
// client.
type FetchError struct {
	FleetID, ComputeName string // plain IDs
	Err                  error
}

// Error names the compute and the error inside.
func (e *FetchError) Error() string {
	return "authtoken: compute " + e.ComputeName + " of fleet " + e.FleetID + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FetchError) Unwrap() error { return e.Err }

// permanentCodes are of errors that a repetition does not cure, but somebody
// who corrects the policy or the configuration.
var permanentCodes = []string{
	"UnauthorizedException",
	"InvalidRequestException",
	"AccessDeniedException", // how IAM itself refuses
	"ValidationException",
	"UnsupportedRegionException",
}

func isPermanent(err error) bool {
	if _, ok := errors.AsType[*smithy.InvalidParamsError](err); ok {
		return true
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return true
	}
	return slices.Contains(permanentCodes, errorCode(err))
}

func isNotFound(err error) bool { return errorCode(err) == "NotFoundException" }

func errorCode(err error) string {
	if apiErr, ok := errors.AsType[smithy.APIError](err); ok {
		return apiErr.ErrorCode()
	}
	return ""
}
