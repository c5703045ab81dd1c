// Package errorcode has tables of the error codes that AWS services share. There
// is one table for each way in which the client reacts.
package errorcode

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Unknown is the code of an error response that has none.
const Unknown = "UnknownError"

// A Table is a set of codes. It ignores case, as AWS SDKs do.
type Table []string

var (
	// Throttling are the codes that ask callers to slow down.
	Throttling = Table{
		"Throttling",
		"ThrottlingException",
		"ThrottledException",
		"RequestThrottledException",
		"RequestThrottled",
		"TooManyRequestsException",
		"ProvisionedThroughputExceededException",
		"TransactionInProgressException",
		"RequestLimitExceeded",
		"BandwidthLimitExceeded",
		"LimitExceededException",
		"SlowDown",
		"PriorRequestNotComplete",
		"EC2ThrottledException",
	}

	// Timeout are the codes of requests that took too long to arrive.
	Timeout = Table{
		"RequestTimeout",
		"RequestTimeoutException",
	}

	// RefusedKeys are the codes returned for unknown or expired credentials,
	// which a provider may be able to renew.
	RefusedKeys = Table{
		"ExpiredToken",
		"ExpiredTokenException",
		"UnrecognizedClientException",
	}

	// ClockSkew are the codes returned for a signing time that is too far off
	// the service's clock. Each of them has other causes as well.
	ClockSkew = Table{
		"InvalidSignatureException",
		"SignatureDoesNotMatch",
		"AuthFailure",
		"RequestTimeTooSkewed",
		"AccessDeniedException",
	}

	// Credentials are the codes that say that a request's credentials or its
	// signature are not valid: those of
	// https://docs.aws.amazon.com/gameliftservers/latest/apireference/CommonErrors.html
	// and those of older services and of gateways.
	Credentials = append(Table{
		"AuthFailure",
		"IncompleteSignature",
		"IncompleteSignatureException",
		"InvalidAccessKeyId",
		"InvalidClientTokenId",
		"InvalidSignatureException",
		"InvalidToken",
		"MissingAuthenticationToken",
		"MissingAuthenticationTokenException",
		"SignatureDoesNotMatch",
	}, RefusedKeys...)
)

// Contains reports whether the table has the code.
func (t Table) Contains(code string) bool {
	return slices.ContainsFunc(t, func(known string) bool { return len(known) == len(code) && strings.EqualFold(known, code) })
}

// Matches reports whether err, or an error that it wraps, has a code of the
// table. It is false for nil.
func (t Table) Matches(err error) bool {
	coded := false
	matches := Any(err, func(e error) bool {
		apiErr, ok := e.(smithy.APIError)
		coded = coded || ok
		return ok && t.Contains(apiErr.ErrorCode())
	})
	if matches || coded {
		return matches
	}
	// An error may have a method As that finds one, which costs an allocation.
	apiErr, ok := errors.AsType[smithy.APIError](err)
	return ok && t.Contains(apiErr.ErrorCode())
}

// Any reports whether err, or an error that it wraps, has the property. Unlike
// errors.As, it does not stop at the first error of a type.
func Any(err error, has func(error) bool) bool {
	for err != nil {
		if has(err) {
			return true
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			return slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return Any(e, has) })
		}
		err = errors.Unwrap(err)
	}
	return false
}

// Known reports whether a table has the code.
func Known(code string) bool {
	for _, t := range []Table{Throttling, Timeout, Credentials, ClockSkew} {
		if t.Contains(code) {
			return true
		}
	}
	return false
}
