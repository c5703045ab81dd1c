package gamelifttest

import "net/http"

// apiError is an error response of the service or of the AWS framework in front
// of it.
type apiError struct {
	status        int
	code, message string
}

// newError returns an error with the HTTP status that AWS gives its code.
func newError(code, message string) *apiError {
	return &apiError{status: statusOf(code), code: code, message: message}
}

// statusOf returns the HTTP status of an error code. AWS JSON services use 400
// for all client errors, including invalid signatures.
func statusOf(code string) int {
	switch code {
	case "InternalServiceException", "InternalFailure":
		return http.StatusInternalServerError
	case "ServiceUnavailableException", "ServiceUnavailable":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// Error codes have a namespace: that of the service's model, or one of the
// framework.
const (
	serviceNamespace      = "com.amazonaws.gamelift#"
	frameworkNamespace    = "com.amazon.coral.service#"
	availabilityNamespace = "com.amazon.coral.availability#"
	validationNamespace   = "com.amazon.coral.validate#"
)

// body returns the members of the error response. The exceptions of the service's
// model and AccessDeniedException spell Message with a capital letter.
func (e *apiError) body() map[string]any {
	namespace, key := serviceNamespace, "Message"
	switch e.code {
	case "InternalServiceException", "InvalidRequestException", "NotFoundException", "UnauthorizedException",
		"UnsupportedRegionException":
	case "AccessDeniedException":
		namespace = frameworkNamespace
	case "ThrottlingException":
		namespace, key = availabilityNamespace, "message"
	case "ValidationException":
		namespace, key = validationNamespace, "message"
	default:
		namespace, key = frameworkNamespace, "message"
	}
	body := map[string]any{}
	if e.code != "" {
		body["__type"] = namespace + e.code
	}
	if e.message != "" {
		body[key] = e.message
	}
	return body
}
