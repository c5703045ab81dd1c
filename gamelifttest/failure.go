package gamelifttest

import "net/http"

// failure is an answer that is an error.
type failure struct {
	status        int
	code, message string
}

func fail(code, message string) *failure {
	return &failure{status: statusOf(code), code: code, message: message}
}

// statusOf is the HTTP status of an error code. AWS JSON services answer with
// 400 whatever the caller did, wrong signatures included.
func statusOf(code string) int {
	switch code {
	case "InternalServiceException", "InternalFailure":
		return http.StatusInternalServerError
	case "ServiceUnavailableException", "ServiceUnavailable":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// The namespaces of error codes: that of the service's model, and those of the
// framework in front of it.
const (
	serviceNamespace      = "com.amazonaws.gamelift#"
	frontDoorNamespace    = "com.amazon.coral.service#"
	availabilityNamespace = "com.amazon.coral.availability#"
	validationNamespace   = "com.amazon.coral.validate#"
)

// body is the error as AWS writes it. The model's exceptions spell Message with
// a capital letter, and so does AccessDeniedException.
func (f *failure) body() map[string]any {
	namespace, key := serviceNamespace, "Message"
	switch f.code {
	case "InternalServiceException", "InvalidRequestException", "NotFoundException", "UnauthorizedException",
		"UnsupportedRegionException":
	case "AccessDeniedException":
		namespace = frontDoorNamespace
	case "ThrottlingException":
		namespace, key = availabilityNamespace, "message"
	case "ValidationException":
		namespace, key = validationNamespace, "message"
	default:
		namespace, key = frontDoorNamespace, "message"
	}
	body := map[string]any{}
	if f.code != "" {
		body["__type"] = namespace + f.code
	}
	if f.message != "" {
		body[key] = f.message
	}
	return body
}
