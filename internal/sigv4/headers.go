package sigv4

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// headers are the headers of a request in canonical order. Only the keys decide which headers are
// signed, and in what order. All requests of a client have the same keys, so the arrangement of one
// request can be used for the next.
type headers struct {
	all    []*header // pointers, because all pointer types share the code of slices.SortFunc
	signed string    // the list of names
}

type header struct {
	key    string   // in the map's spelling; unused for host and content-length
	name   string   // in lower case; empty if it is not signed
	values []string // of the last request
}

func (h *headers) collect(r *http.Request) {
	if !h.refill(r) {
		h.arrange(r)
	}
}

// refill takes the values from r. It reports false if r has other keys than the previous request.
func (h *headers) refill(r *http.Request) bool {
	want := len(r.Header) + 1
	if r.ContentLength > 0 {
		want++
	}
	if len(h.all) != want {
		return false
	}
	for _, field := range h.all {
		switch field.name {
		case "host":
		case "content-length":
			if r.ContentLength <= 0 {
				return false
			}
		default:
			field.values = r.Header[field.key]
			if len(field.values) == 0 {
				return false
			}
		}
	}
	return true
}

// forget drops the values, so that they do not keep a request alive.
func (h *headers) forget() {
	for _, field := range h.all {
		field.values = nil
	}
}

func (h *headers) arrange(r *http.Request) {
	h.all = append(h.all[:0], &header{name: "host"})
	if r.ContentLength > 0 {
		h.all = append(h.all, &header{name: "content-length"})
	}
	for key, values := range r.Header {
		if len(values) > 0 { // net/http sends no line for a key without values
			h.all = append(h.all, &header{key, signedName(key), values})
		}
	}
	slices.SortFunc(h.all, func(a, b *header) int {
		// If one name has two spellings, net/http sends them in the order of the keys.
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.key, b.key))
	})
	var names []string
	for _, field := range h.all {
		if field.name != "" {
			names = append(names, field.name)
		}
	}
	h.signed = strings.Join(slices.Compact(names), ";")
}

// signedName returns the name in lower case, or "" if the header is not signed. Proxies and
// transports add or rewrite the first five. For the other two, net/http sends fields of the request
// instead of the map's values.
func signedName(key string) string {
	switch name := strings.ToLower(key); name {
	case "authorization", "user-agent", "x-amzn-trace-id", "expect", "transfer-encoding",
		"host", "content-length":
		return ""
	default:
		return name
	}
}

// appendLines appends the canonical headers, one line for each name.
func (h *headers) appendLines(dst []byte, r *http.Request) []byte {
	for i, field := range h.all {
		switch {
		case field.name == "":
			continue
		case i > 0 && field.name == h.all[i-1].name:
			dst[len(dst)-1] = ','
		default:
			dst = append(dst, field.name...)
			dst = append(dst, ':')
		}
		switch field.name {
		case "host":
			dst = append(dst, r.Host...)
		case "content-length":
			dst = strconv.AppendInt(dst, r.ContentLength, 10)
		default:
			dst = appendValues(dst, field.values)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// appendValues joins the values. It trims them and replaces every run of spaces by one space.
func appendValues(dst []byte, values []string) []byte {
	for i, value := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		value = strings.TrimSpace(value)
		if strings.IndexByte(value, ' ') < 0 { // a session token is long
			dst = append(dst, value...)
			continue
		}
		for j := range len(value) {
			if value[j] != ' ' || value[j-1] != ' ' {
				dst = append(dst, value[j])
			}
		}
	}
	return dst
}
