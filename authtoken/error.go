package authtoken

import (
	"fmt"

	"github.com/gamelift-compute/gamelift/internal/errorcode"
)

// FetchError reports why there is no token for a compute. Every failed call of
// Token returns one, and OnFailure receives one.
//
// errors.Is finds context.Canceled or context.DeadlineExceeded in it if and only
// if the caller's own context ended. In that case it also finds the error of the
// last fetch, if that fetch failed. errors.Is finds os.ErrDeadlineExceeded if
// the fetch took longer than Options.Timeout, or than the client's
// AttemptTimeout.
type FetchError struct {
	// FleetID and ComputeName are the plain IDs of the compute.
	FleetID, ComputeName string

	// Err is the reason: the client's error, the end of the caller's context,
	// or an error that names the invalid argument or option.
	Err error
}

// Error returns a text that names the compute and has the text of Err.
func (e *FetchError) Error() string {
	return fmt.Sprintf("authtoken: compute %s of fleet %s: %v", e.ComputeName, e.FleetID, e.Err)
}

// Unwrap returns Err.
func (e *FetchError) Unwrap() error { return e.Err }

func (id computeID) failure(err error) *FetchError {
	return &FetchError{FleetID: id.fleet, ComputeName: id.name, Err: err}
}

var (
	// permanent are the codes of errors that go on until somebody corrects a
	// policy or the configuration.
	permanent = errorcode.Table{
		"UnauthorizedException",
		"InvalidRequestException",
		"AccessDeniedException", // how IAM itself refuses
		"ValidationException",
		"UnsupportedRegionException",
	}

	notFound = errorcode.Table{"NotFoundException"}
)

// isSignatureError reports whether the service refused the signing time or the
// keys. The client may then sign the next request differently: with the
// service's time, which it learns from the response, or with new keys.
func isSignatureError(err error) bool {
	return errorcode.ClockSkew.Matches(err) || errorcode.RefusedKeys.Matches(err)
}
