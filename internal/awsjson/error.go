package awsjson

import (
	"cmp"
	"strings"
)

// DecodeError gives the code and the message of an error response. The code is
// errorType, the value of the X-Amzn-Errortype header, else the body's member
// "code", else its "__type"; of each, what follows the first ':' and what
// precedes the last '#' is cut off. The message is the body's "message", else
// its "Message". A source that is empty, null or not a string counts as absent,
// and so does a body that is not a JSON object; with no source left the result
// is "".
func DecodeError(errorType string, body []byte) (code, message string) {
	d := NewDecoder(body)
	defer d.Release()
	if d.Err() != nil {
		*d = Decoder{}
	}
	code = cmp.Or(errorCode(errorType), errorCode(d.optional("code")), errorCode(d.optional("__type")))
	message = cmp.Or(d.optional("message"), d.optional("Message"))
	return code, message
}

// errorCode takes the code out of namespace#Code:uri. The URI may have a '#'
// of its own.
func errorCode(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return strings.TrimSpace(s[strings.LastIndexByte(s, '#')+1:])
}

// optional returns a string member, "" where it is absent or of another type.
func (d *Decoder) optional(name string) string {
	var s *string
	d.String(name, &s)
	d.err = nil
	if s == nil {
		return ""
	}
	return *s
}
