package errors

import (
	"strings"

	"github.com/aws/smithy-go"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

// InternalServiceException reports that the service failed while it processed
// the request. The client has already retried the request if its HTTP status
// allows that. The fault is the server's.
type InternalServiceException struct {
	Message           *string // text of the service; nil means ""
	ErrorCodeOverride *string // replaces the result of ErrorCode; nil means the name of the type
}

// Error returns the code and the message, cut to a few KiB.
func (e *InternalServiceException) Error() string { return text(e) }

// ErrorMessage returns the service's text, which may be "".
func (e *InternalServiceException) ErrorMessage() string { return valueOr(e.Message, "") }

// ErrorCode returns "InternalServiceException", or ErrorCodeOverride if it is set.
func (e *InternalServiceException) ErrorCode() string {
	return valueOr(e.ErrorCodeOverride, "InternalServiceException")
}

// ErrorFault returns smithy.FaultServer.
func (e *InternalServiceException) ErrorFault() smithy.ErrorFault { return smithy.FaultServer }

// InvalidRequestException reports that a member of the input is not valid, or
// that the operation does not support this kind of resource. For example,
// GetComputeAccess does not support an Anywhere compute. Correct the input
// before calling again. The fault is the client's.
type InvalidRequestException struct {
	Message           *string // text of the service; nil means ""
	ErrorCodeOverride *string // replaces the result of ErrorCode; nil means the name of the type
}

// Error returns the code and the message, cut to a few KiB.
func (e *InvalidRequestException) Error() string { return text(e) }

// ErrorMessage returns the service's text, which may be "".
func (e *InvalidRequestException) ErrorMessage() string { return valueOr(e.Message, "") }

// ErrorCode returns "InvalidRequestException", or ErrorCodeOverride if it is set.
func (e *InvalidRequestException) ErrorCode() string {
	return valueOr(e.ErrorCodeOverride, "InvalidRequestException")
}

// ErrorFault returns smithy.FaultClient.
func (e *InvalidRequestException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// NotFoundException reports that no such fleet, compute or build exists in the
// account and region. A compute can be missing for a while after it was
// registered. The fault is the client's.
type NotFoundException struct {
	Message           *string // text of the service; nil means ""
	ErrorCodeOverride *string // replaces the result of ErrorCode; nil means the name of the type
}

// Error returns the code and the message, cut to a few KiB.
func (e *NotFoundException) Error() string { return text(e) }

// ErrorMessage returns the service's text, which may be "".
func (e *NotFoundException) ErrorMessage() string { return valueOr(e.Message, "") }

// ErrorCode returns "NotFoundException", or ErrorCodeOverride if it is set.
func (e *NotFoundException) ErrorCode() string {
	return valueOr(e.ErrorCodeOverride, "NotFoundException")
}

// ErrorFault returns smithy.FaultClient.
func (e *NotFoundException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// UnauthorizedException reports that the service does not let the caller use the
// resource. A call that the IAM policies of the credentials do not allow has the
// code AccessDeniedException instead, which is a [smithy.GenericAPIError]. The
// fault is the client's.
type UnauthorizedException struct {
	Message           *string // text of the service; nil means ""
	ErrorCodeOverride *string // replaces the result of ErrorCode; nil means the name of the type
}

// Error returns the code and the message, cut to a few KiB.
func (e *UnauthorizedException) Error() string { return text(e) }

// ErrorMessage returns the service's text, which may be "".
func (e *UnauthorizedException) ErrorMessage() string { return valueOr(e.Message, "") }

// ErrorCode returns "UnauthorizedException", or ErrorCodeOverride if it is set.
func (e *UnauthorizedException) ErrorCode() string {
	return valueOr(e.ErrorCodeOverride, "UnauthorizedException")
}

// ErrorFault returns smithy.FaultClient.
func (e *UnauthorizedException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// UnsupportedRegionException reports that the region does not support the
// operation. The fault is the client's.
type UnsupportedRegionException struct {
	Message           *string // text of the service; nil means ""
	ErrorCodeOverride *string // replaces the result of ErrorCode; nil means the name of the type
}

// Error returns the code and the message, cut to a few KiB.
func (e *UnsupportedRegionException) Error() string { return text(e) }

// ErrorMessage returns the service's text, which may be "".
func (e *UnsupportedRegionException) ErrorMessage() string { return valueOr(e.Message, "") }

// ErrorCode returns "UnsupportedRegionException", or ErrorCodeOverride if it is
// set.
func (e *UnsupportedRegionException) ErrorCode() string {
	return valueOr(e.ErrorCodeOverride, "UnsupportedRegionException")
}

// ErrorFault returns smithy.FaultClient.
func (e *UnsupportedRegionException) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// FromCode returns the typed exception of an error code, or a
// *[smithy.GenericAPIError] of unknown fault if the API model does not name the
// code. Case is ignored. The client maps the service's errors with it; tests
// and mocks can use it to make the same errors.
func FromCode(code, message string) error {
	for _, known := range modeled {
		if strings.EqualFold(known.code, code) {
			return known.make(&message)
		}
	}
	return &smithy.GenericAPIError{Code: code, Message: message}
}

// modeled lists the exceptions that the API model names for the operations of
// this module.
var modeled = []struct {
	code string
	make func(message *string) error
}{
	{"InternalServiceException", func(m *string) error { return &InternalServiceException{Message: m} }},
	{"InvalidRequestException", func(m *string) error { return &InvalidRequestException{Message: m} }},
	{"NotFoundException", func(m *string) error { return &NotFoundException{Message: m} }},
	{"UnauthorizedException", func(m *string) error { return &UnauthorizedException{Message: m} }},
	{"UnsupportedRegionException", func(m *string) error { return &UnsupportedRegionException{Message: m} }},
}

// text is the Error of every exception. The types cannot share a method, because
// callers write literals such as &NotFoundException{Message: m}, which have no
// embedded fields.
func text(e smithy.APIError) string { return redact.Cut(e.ErrorCode() + ": " + e.ErrorMessage()) }

func valueOr(p *string, fallback string) string {
	if p == nil {
		return fallback
	}
	return *p
}
