package awsjson

import (
	"cmp"
	"strings"
)

// DecodeError returns the code and the message of an error response. The code is
// that of errorType, the value of the X-Amzn-Errortype header, else that of the
// body's member "__type", else that of its member "code". This is the order of
// aws-sdk-go-v2 and botocore. If the code has the form namespace#Code:uri, only
// Code is returned. The message is the body's "message", or else its "Message".
// A member that is empty, null or not a string is ignored, and so is a body that
// is not a JSON object. If there is no code or no message, the result is "".
func DecodeError(errorType string, body []byte) (code, message string) {
	d := NewDecoder(body)
	defer d.Release()
	if d.Err() != nil {
		*d = Decoder{}
	}
	code = cmp.Or(errorCode(errorType), errorCode(d.optional("__type")), errorCode(d.optional("code")))
	message = cmp.Or(d.optional("message"), d.optional("Message"))
	return code, message
}

// errorCode returns the Code of namespace#Code:uri. The URI may contain a '#'.
func errorCode(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return strings.TrimSpace(s[strings.LastIndexByte(s, '#')+1:])
}

// optional returns a member that is a string, or "".
func (d *Decoder) optional(name string) string {
	m, ok := d.find(name, str)
	d.err = nil
	if !ok {
		return ""
	}
	return d.unquote(m.start, m.end, m.plain)
}
