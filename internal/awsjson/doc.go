// Package awsjson reads and writes the bytes of the AWS JSON 1.1 protocol: a
// request's members, a response's members, and the code and message of an
// error response. It knows no shape of any service: callers name the members.
//
// Nothing that this package returns as an error holds any part of a value, for
// values are credentials and tokens.
package awsjson

// ContentType is the Content-Type of every request and response body.
const ContentType = "application/x-amz-json-1.1"
