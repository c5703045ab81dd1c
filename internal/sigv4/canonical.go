package sigv4

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// appendCanonicalRequest appends the canonical request: the parts of the request that the signature
// covers.
func appendCanonicalRequest(dst []byte, r *http.Request, headers *headers, payload []byte) []byte {
	dst = append(dst, cmp.Or(r.Method, http.MethodGet)...)
	dst = append(dst, '\n')
	dst = appendCanonicalPath(dst, r.URL.EscapedPath())
	dst = append(dst, '\n')
	dst = appendCanonicalQuery(dst, r.URL.RawQuery)
	dst = append(dst, '\n')
	dst = headers.appendLines(dst, r)
	dst = append(dst, '\n')
	dst = append(dst, headers.signed...)
	dst = append(dst, '\n')
	hash := sha256.Sum256(payload)
	return hex.AppendEncode(dst, hash[:])
}

// appendCanonicalPath encodes a path a second time. Dot segments and empty segments stay, because
// net/http sends them.
func appendCanonicalPath(dst []byte, escaped string) []byte {
	if escaped == "" {
		return append(dst, '/')
	}
	for i := range len(escaped) {
		if c := escaped[i]; c == '/' {
			dst = append(dst, c)
		} else {
			dst = appendEncoded(dst, c)
		}
	}
	return dst
}

// appendCanonicalQuery sorts the encoded parameters, as the specification says. Sorting before
// encoding would give another order, since a percent sign comes before every unreserved character.
func appendCanonicalQuery(dst []byte, raw string) []byte {
	if raw == "" {
		return dst
	}
	var parameters []string // each with a space for "=", so that a key comes before its extensions
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		parameters = append(parameters, encodeQuery(key)+" "+encodeQuery(value))
	}
	slices.Sort(parameters)
	return append(dst, strings.ReplaceAll(strings.Join(parameters, "&"), " ", "=")...)
}

// encodeQuery decodes part of a raw query and encodes it by RFC 3986. A percent sign that does not
// start an escape is kept.
func encodeQuery(raw string) string {
	var dst []byte
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(raw):
			if b, err := hex.DecodeString(raw[i+1 : i+3]); err == nil {
				c = b[0]
				i += 2
			}
		}
		dst = appendEncoded(dst, c)
	}
	return string(dst)
}

// appendEncoded appends c, percent-encoded unless RFC 3986 calls it unreserved.
func appendEncoded(dst []byte, c byte) []byte {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
		c == '-', c == '.', c == '_', c == '~':
		return append(dst, c)
	}
	const digits = "0123456789ABCDEF"
	return append(dst, '%', digits[c>>4], digits[c&15])
}
