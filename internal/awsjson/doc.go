// Package awsjson reads and writes the bytes of the AWS JSON 1.1 protocol: the
// members of a request and of a response, and the code and message of an error
// response. It knows no structures of a service: callers name the members.
//
// The errors of this package contain no part of a value, because values can be
// credentials and tokens.
package awsjson

// ContentType is the Content-Type of every request and response body.
const ContentType = "application/x-amz-json-1.1"
