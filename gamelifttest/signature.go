package gamelifttest

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// This file verifies Signature Version 4. It shares no code with the client, so
// that an error in one of them cannot hide in the other. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

const (
	algorithm  = "AWS4-HMAC-SHA256"
	basicISO   = "20060102T150405Z"
	service    = "gamelift"
	terminator = "aws4_request"

	maxLate  = 15 * time.Minute // maximum age of a signature
	maxEarly = 5 * time.Minute  // maximum lead over the server's clock
)

// authorization is the parsed Authorization header of a request, and its date.
type authorization struct {
	keyID, day, region, service, terminator string   // the credential scope
	signedHeaders                           []string // in lower case, sorted and unique
	sentInOrder                             bool     // whether the client sent signedHeaders in that form
	signature                               string
	date                                    string // as it was sent
}

// authenticate verifies the signature of a request and returns the credentials
// that signed it.
func (s *Server) authenticate(r *http.Request, body []byte, now time.Time) (*gamelift.Credentials, *apiError) {
	if r.URL.RawQuery != "" && r.URL.Query().Has("X-Amz-Algorithm") {
		if r.Header.Get("Authorization") != "" {
			return nil, invalidSignature("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
		}
		return nil, newError("MissingAuthenticationTokenException",
			"Missing Authentication Token. The signature is in the query string: gamelifttest reads it from the Authorization header only.")
	}
	auth, failed := readAuthorization(r.Header)
	if failed != nil {
		return nil, failed
	}
	if failed := checkDate(auth, now); failed != nil {
		return nil, failed
	}
	if failed := checkScope(auth, s.options.Region); failed != nil {
		return nil, failed
	}
	i := slices.IndexFunc(s.options.Credentials, func(c gamelift.Credentials) bool { return c.AccessKeyID == auth.keyID })
	if i < 0 {
		return nil, newError("UnrecognizedClientException", invalidToken)
	}
	credentials := &s.options.Credentials[i]
	if failed := s.checkSignature(r, body, auth, credentials); failed != nil {
		return nil, failed
	}
	token := strings.Join(r.Header.Values("X-Amz-Security-Token"), ",")
	if subtle.ConstantTimeCompare([]byte(token), []byte(credentials.SessionToken)) == 0 {
		return nil, newError("UnrecognizedClientException", invalidToken)
	}
	if credentials.CanExpire && !now.Before(credentials.Expires) {
		return nil, newError("ExpiredTokenException", expiredToken)
	}
	return credentials, nil
}

const (
	// AWS sends this for an unknown access key ID and for an unknown session token.
	invalidToken = "The security token included in the request is invalid."
	expiredToken = "The security token included in the request is expired"
)

// readAuthorization parses the Authorization header and the date. Unlike AWS, it
// does not repeat the header in its messages, because a caller may have put a
// secret there by mistake.
func readAuthorization(header http.Header) (*authorization, *apiError) {
	values := header.Values("Authorization")
	if len(values) == 0 || values[0] == "" {
		return nil, newError("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	incomplete := func(message string) (*authorization, *apiError) {
		return nil, newError("IncompleteSignatureException", message)
	}
	if len(values) > 1 {
		return incomplete("There is more than one Authorization header.")
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	if scheme != algorithm {
		return incomplete("Unsupported AWS 'algorithm': Authorization must start with '" + algorithm + "'.")
	}
	parameters := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, found := strings.Cut(strings.Trim(part, " "), "=")
		if !found {
			return incomplete("Invalid key=value pair (missing equal-sign) in Authorization header.")
		}
		if _, twice := parameters[key]; twice {
			return incomplete("Authorization header has a parameter twice.")
		}
		parameters[key] = value
	}
	auth := &authorization{signature: parameters["Signature"], date: header.Get("X-Amz-Date")}
	if auth.date == "" {
		auth.date = header.Get("Date")
	}
	var missing []string
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parameters[key] == "" {
			missing = append(missing, "Authorization header requires '"+key+"' parameter.")
		}
	}
	if auth.date == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if len(missing) > 0 {
		return incomplete(strings.Join(missing, " "))
	}
	if len(parameters) > 3 {
		return incomplete("Authorization header has a parameter other than Credential, SignedHeaders and Signature.")
	}
	scope := strings.Split(parameters["Credential"], "/")
	if len(scope) != 5 {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
	}
	auth.keyID, auth.day, auth.region, auth.service, auth.terminator = scope[0], scope[1], scope[2], scope[3], scope[4]
	signedHeaders := strings.ToLower(parameters["SignedHeaders"])
	auth.signedHeaders = strings.Split(signedHeaders, ";")
	auth.sentInOrder = signedHeaders == parameters["SignedHeaders"] && isSortedSet(auth.signedHeaders)
	if !auth.sentInOrder {
		slices.Sort(auth.signedHeaders)
		auth.signedHeaders = slices.Compact(auth.signedHeaders)
	}
	// time.Parse accepts a fraction of a second.
	if _, err := time.Parse(basicISO, auth.date); err != nil || len(auth.date) != len(basicISO) {
		return incomplete("Date must be in ISO-8601 'basic format'. See https://en.wikipedia.org/wiki/ISO_8601")
	}
	return auth, nil
}

func invalidSignature(message string) *apiError {
	return newError("InvalidSignatureException", message)
}

func checkDate(auth *authorization, now time.Time) *apiError {
	signed, _ := time.Parse(basicISO, auth.date) // readAuthorization has checked it
	now = now.UTC().Truncate(time.Second)
	if oldest := now.Add(-maxLate); signed.Before(oldest) {
		return invalidSignature("Signature expired: " + auth.date + " is now earlier than " + oldest.Format(basicISO) +
			" (" + now.Format(basicISO) + " - 15 min.)")
	}
	if newest := now.Add(maxEarly); signed.After(newest) {
		return invalidSignature("Signature not yet current: " + auth.date + " is still later than " + newest.Format(basicISO) +
			" (" + now.Format(basicISO) + " + 5 min.)")
	}
	return nil
}

func checkScope(auth *authorization, region string) *apiError {
	if !slices.Contains(auth.signedHeaders, "host") {
		return invalidSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	var problems []string
	if auth.region != region {
		problems = append(problems, "Credential should be scoped to a valid region.")
	}
	if auth.service != service {
		problems = append(problems, "Credential should be scoped to correct service: '"+service+"'.")
	}
	if auth.terminator != terminator {
		problems = append(problems, "Credential should be scoped with a valid terminator: '"+terminator+"'.")
	}
	if auth.day != auth.date[:len("20060102")] {
		problems = append(problems, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+auth.date+"'.")
	}
	if len(problems) > 0 {
		return invalidSignature(strings.Join(problems, " "))
	}
	return nil
}

func (s *Server) checkSignature(r *http.Request, body []byte, auth *authorization, credentials *gamelift.Credentials) *apiError {
	var unsigned []string
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") && !slices.Contains(auth.signedHeaders, strings.ToLower(name)) {
			unsigned = append(unsigned, name)
		}
	}
	if len(unsigned) > 0 {
		return invalidSignature("'" + slices.Min(unsigned) + "' must be a 'SignedHeader' in the AWS Authorization.")
	}
	text := stringToSign(auth, canonicalRequest(r, body, auth))
	if auth.sentInOrder && hmac.Equal([]byte(auth.signature), s.keys.sign(credentials.SecretAccessKey, auth, text)) {
		return nil
	}
	return invalidSignature("The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n" +
		"The Canonical String for this request should have been\n'" + string(canonicalRequest(redactedRequest(r), body, auth)) + "'\n\n" +
		"The String-to-Sign should have been\n'" + string(text) + "'\n")
}

// redactedRequest returns a copy of a request without the secrets in its header
// and its query.
func redactedRequest(r *http.Request) *http.Request {
	shown := *r
	shown.Header = redactedHeader(r.Header)
	if query := r.URL.Query(); query.Has("X-Amz-Security-Token") {
		query.Set("X-Amz-Security-Token", redacted)
		shown.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
	}
	return &shown
}

// isSortedSet reports whether the names are sorted and unique.
func isSortedSet(names []string) bool {
	for i := 1; i < len(names); i++ {
		if names[i-1] >= names[i] {
			return false
		}
	}
	return true
}

// canonicalRequest returns the text that the signature covers.
func canonicalRequest(r *http.Request, body []byte, auth *authorization) []byte {
	var b bytes.Buffer
	b.Grow(1024)
	b.WriteString(r.Method)
	b.WriteByte('\n')
	for i, segment := range strings.Split(r.URL.EscapedPath(), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(encodeURI(segment))
	}
	b.WriteByte('\n')
	b.WriteString(canonicalQuery(r.URL))
	b.WriteByte('\n')
	for _, name := range auth.signedHeaders {
		b.WriteString(name)
		b.WriteByte(':')
		for i, value := range headerValues(r, name) {
			if i > 0 {
				b.WriteByte(',')
			}
			writeFolded(&b, strings.TrimSpace(value))
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(auth.signedHeaders, ";"))
	b.WriteByte('\n')
	hash := sha256.Sum256(body)
	b.Write(hex.AppendEncode(b.AvailableBuffer(), hash[:]))
	return b.Bytes()
}

func canonicalQuery(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return u.RawQuery // the signature will not match
	}
	var pairs []string
	for key, values := range parameters {
		for _, value := range values {
			pairs = append(pairs, encodeURI(key)+"="+encodeURI(value))
		}
	}
	slices.SortFunc(pairs, func(a, b string) int {
		aKey, aValue, _ := strings.Cut(a, "=")
		bKey, bValue, _ := strings.Cut(b, "=")
		return cmp.Or(strings.Compare(aKey, bKey), strings.Compare(aValue, bValue))
	})
	return strings.Join(pairs, "&")
}

// headerValues returns the values of a signed header. net/http keeps Host and
// Content-Length elsewhere.
func headerValues(r *http.Request, name string) []string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		return []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	return values
}

// writeFolded writes a header value with each run of spaces replaced by one space.
func writeFolded(b *bytes.Buffer, value string) {
	for i := range len(value) {
		if value[i] != ' ' || value[i-1] != ' ' { // the value is trimmed, so the first byte is not a space
			b.WriteByte(value[i])
		}
	}
}

// encodeURI percent-encodes everything but the unreserved characters of RFC 3986.
func encodeURI(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&0xf]})
		}
	}
	return b.String()
}

// stringToSign returns the text that the derived key signs.
func stringToSign(auth *authorization, canonical []byte) []byte {
	hash := sha256.Sum256(canonical)
	text := make([]byte, 0, 256)
	text = append(text, algorithm+"\n"...)
	text = append(text, auth.date...)
	text = append(text, "\n"+auth.day+"/"+auth.region+"/"+service+"/"+terminator+"\n"...)
	return hex.AppendEncode(text, hash[:])
}

// signingKeys caches derived keys, because deriving one takes four times as long
// as signing with it. It holds one key for each secret and day.
type signingKeys struct {
	mu   sync.Mutex
	keys map[signingScope][]byte
}

type signingScope struct{ secret, day, region string }

// sign returns the signature of a text in hexadecimal digits.
func (k *signingKeys) sign(secret string, auth *authorization, text []byte) []byte {
	return hex.AppendEncode(nil, mac(k.key(signingScope{secret, auth.day, auth.region}), text))
}

func (k *signingKeys) key(scope signingScope) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[scope]
	if !ok {
		if k.keys == nil {
			k.keys = map[signingScope][]byte{}
		}
		key = []byte("AWS4" + scope.secret)
		for _, part := range []string{scope.day, scope.region, service, terminator} {
			key = mac(key, []byte(part))
		}
		k.keys[scope] = key
	}
	return key
}

func mac(key, message []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(message)
	return m.Sum(nil)
}
