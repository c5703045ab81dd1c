package errors

import (
	"strings"

	"github.com/aws/smithy-go"
)

// InternalServiceException says that the service met an unrecoverable fault
// while it processed the request. The client has already retried it where its
// HTTP status allowed that. Fault: server.
type InternalServiceException struct {
	Message           *string // the service's text; nil is ""
	ErrorCodeOverride *string // replaces the code that ErrorCode returns; nil: the type's own
}

// Error names code and message.
func (e *InternalServiceException) Error() string { return text(e) }

// ErrorMessage returns the service's text, "" where it sent none.
func (e *InternalServiceException) ErrorMessage() string { return deref(e.Message, "") }

// ErrorCode returns "InternalServiceException", or ErrorCodeOverride where that is set.
func (e *InternalServiceException) ErrorCode() string {
	return deref(e.ErrorCodeOverride, "InternalServiceException")
}

// ErrorFault returns smithy.FaultServer.
func (e *InternalServiceException) ErrorFault() smithy.ErrorFault { return smithy.FaultServer }

// InvalidRequestException says that a member of the input is not valid, or that
// the operation does not serve this kind of resource: GetComputeAccess on an
// Anywhere compute, for one. Correct the input before calling again. Fault:
// client.
type InvalidRequestException struct {
	Message           *string // the service's text; nil is ""
	ErrorCodeOverride *string // replaces the code that ErrorCode returns; nil: the type's own
}

// Error names code and message.
func (e *InvalidRequestException) Error() string { return text(e) }

// ErrorMessage returns the service's text, "" where it sent none.
func (e *InvalidRequestException) ErrorMessage() string { return deref(e.Message, "") }

// ErrorCode returns "InvalidRequestException", or ErrorCodeOverride where that is set.
func (e *InvalidRequestException) ErrorCode() string {
	return deref(e.ErrorCodeOverride, "InvalidRequestException")
}

// ErrorFault returns smithy.FaultClient.
func (e *InvalidRequestException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// NotFoundException says that no such fleet, compute or build exists in this
// account and region. A compute that was registered a moment ago can be missing
// for a while. Fault: client.
type NotFoundException struct {
	Message           *string // the service's text; nil is ""
	ErrorCodeOverride *string // replaces the code that ErrorCode returns; nil: the type's own
}

// Error names code and message.
func (e *NotFoundException) Error() string { return text(e) }

// ErrorMessage returns the service's text, "" where it sent none.
func (e *NotFoundException) ErrorMessage() string { return deref(e.Message, "") }

// ErrorCode returns "NotFoundException", or ErrorCodeOverride where that is set.
func (e *NotFoundException) ErrorCode() string {
	return deref(e.ErrorCodeOverride, "NotFoundException")
}

// ErrorFault returns smithy.FaultClient.
func (e *NotFoundException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// UnauthorizedException says that the caller is known and may not do this; the
// IAM policy behind the credentials decides. Fault: client.
type UnauthorizedException struct {
	Message           *string // the service's text; nil is ""
	ErrorCodeOverride *string // replaces the code that ErrorCode returns; nil: the type's own
}

// Error names code and message.
func (e *UnauthorizedException) Error() string { return text(e) }

// ErrorMessage returns the service's text, "" where it sent none.
func (e *UnauthorizedException) ErrorMessage() string { return deref(e.Message, "") }

// ErrorCode returns "UnauthorizedException", or ErrorCodeOverride where that is set.
func (e *UnauthorizedException) ErrorCode() string {
	return deref(e.ErrorCodeOverride, "UnauthorizedException")
}

// ErrorFault returns smithy.FaultClient.
func (e *UnauthorizedException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// UnsupportedRegionException says that the operation is not served in the
// region that was called. Fault: client.
type UnsupportedRegionException struct {
	Message           *string // the service's text; nil is ""
	ErrorCodeOverride *string // replaces the code that ErrorCode returns; nil: the type's own
}

// Error names code and message.
func (e *UnsupportedRegionException) Error() string { return text(e) }

// ErrorMessage returns the service's text, "" where it sent none.
func (e *UnsupportedRegionException) ErrorMessage() string { return deref(e.Message, "") }

// ErrorCode returns "UnsupportedRegionException", or ErrorCodeOverride where that is set.
func (e *UnsupportedRegionException) ErrorCode() string {
	return deref(e.ErrorCodeOverride, "UnsupportedRegionException")
}

// ErrorFault returns smithy.FaultClient.
func (e *UnsupportedRegionException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// exceptions lists what the API model names for the operations of this module.
var exceptions = []struct {
	code string
	make func(message *string) smithy.APIError
}{
	{"InternalServiceException", func(m *string) smithy.APIError { return &InternalServiceException{Message: m} }},
	{"InvalidRequestException", func(m *string) smithy.APIError { return &InvalidRequestException{Message: m} }},
	{"NotFoundException", func(m *string) smithy.APIError { return &NotFoundException{Message: m} }},
	{"UnauthorizedException", func(m *string) smithy.APIError { return &UnauthorizedException{Message: m} }},
	{"UnsupportedRegionException", func(m *string) smithy.APIError { return &UnsupportedRegionException{Message: m} }},
}

// FromCode returns the typed exception of an error code, compared without case,
// or a *[smithy.GenericAPIError] of unknown fault for a code that the API model
// does not name. It is what the client maps service errors with; tests and
// mocks can use it to make the same ones.
func FromCode(code, message string) error {
	for _, exception := range exceptions {
		if strings.EqualFold(exception.code, code) {
			return exception.make(&message)
		}
	}
	return &smithy.GenericAPIError{Code: code, Message: message}
}

func text(e smithy.APIError) string { return e.ErrorCode() + ": " + e.ErrorMessage() }

func deref(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}
