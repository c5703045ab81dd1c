package gamelifttest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const (
	frontDoor    = "com.amazon.coral.service#"
	modelled     = "com.amazonaws.gamelift#"
	mismatchText = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

func invalid(text string) reply {
	return reply{Status: 400, Code: frontDoor + "InvalidSignatureException", Message: text}
}

func incomplete(text string) reply {
	return reply{Status: 400, Code: frontDoor + "IncompleteSignatureException", Message: text}
}

var (
	mismatch = invalid(mismatchText)
	noInput  = reply{
		Status: 400, Code: "com.amazon.coral.validate#ValidationException",
		Message: "2 validation errors detected: Value null at 'fleetId' failed to satisfy constraint: Member must not be null; " +
			"Value null at 'computeName' failed to satisfy constraint: Member must not be null",
	}
	unknownOperation = reply{
		Status: 400, Code: frontDoor + "UnknownOperationException",
		Message: `There is no operation "DescribeFleets": gamelifttest has GetComputeAccess, GetComputeAuthToken, RequestUploadCredentials.`,
	}
	missingToken = reply{Status: 400, Code: frontDoor + "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	unrecognized = reply{Status: 400, Code: frontDoor + "UnrecognizedClientException", Message: "The security token included in the request is invalid."}
)

// Each case makes one mistake in a request that would be served.
func TestServer_refusesRequests(t *testing.T) {
	t.Parallel()
	temporary := gamelift.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary-secret", SessionToken: "token/of+a=session"}
	expired := gamelift.Credentials{AccessKeyID: "ASIAEXPIRED", SecretAccessKey: "expired-secret", CanExpire: true, Expires: noon}
	valid := gamelift.Credentials{AccessKeyID: "ASIAVALID", SecretAccessKey: "valid-secret", CanExpire: true, Expires: noon.Add(time.Nanosecond)}
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Credentials = append(o.Credentials, temporary, expired, valid,
			gamelift.Credentials{AccessKeyID: "AKIADENIED", SecretAccessKey: "denied-secret"})
		o.Authorize = func(accessKeyID, operation string) bool {
			return accessKeyID != "AKIADENIED" || operation != "GetComputeAuthToken"
		}
	})
	served := reply{Status: 200}
	authorization := func(change func(string) string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", change(r.Header.Get("Authorization"))) }
	}
	replace := func(old, replacement string) func(*http.Request) {
		return authorization(func(s string) string {
			if !strings.Contains(s, old) {
				panic("nothing to replace")
			}
			return strings.Replace(s, old, replacement, 1)
		})
	}
	for name, tt := range map[string]struct {
		write func(*message)      // before it is signed
		spoil func(*http.Request) // after
		want  reply
	}{
		"untouched": {want: served},
		"GET": {
			spoil: func(r *http.Request) { r.Method = http.MethodGet },
			want:  reply{Status: 405, Code: frontDoor + "UnknownOperationException", Message: "The method is GET. " + gamelifttest.Spoken},
		},
		"another content type": {
			spoil: func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
			want: reply{Status: 415, Code: frontDoor + "UnknownOperationException",
				Message: `The Content-Type header is "application/json". ` + gamelifttest.Spoken},
		},
		"no content type": {
			spoil: func(r *http.Request) { r.Header.Del("Content-Type") },
			want:  reply{Status: 415, Code: frontDoor + "UnknownOperationException", Message: "The Content-Type header is missing. " + gamelifttest.Spoken},
		},
		"content type before body": {
			write: func(m *message) { m.body = []byte("{") },
			spoil: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
			want:  reply{Status: 415, Code: frontDoor + "UnknownOperationException", Message: `The Content-Type header is "text/plain". ` + gamelifttest.Spoken},
		},
		"body before target": {
			write: func(m *message) { m.body, m.operation = []byte("{"), "DescribeFleets" },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException"},
		},
		"empty body": {
			write: func(m *message) { m.body = []byte{} },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException", Message: "The body is empty."},
		},
		"operation before empty body": {
			write: func(m *message) { m.body, m.operation = []byte{}, "DescribeFleets" },
			want:  unknownOperation,
		},
		"empty body before authentication": {
			write: func(m *message) { m.body = []byte{} },
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException", Message: "The body is empty."},
		},
		"syntax before authentication": {
			write: func(m *message) { m.body = []byte("{") },
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException"},
		},
		"authentication before types": {
			write: func(m *message) { m.input["FleetId"] = 5 },
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  missingToken,
		},
		"body that ends early": {
			spoil: func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)) },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException", Message: "The body ended early: unexpected EOF"},
		},
		"more after the body": {
			write: func(m *message) { m.body = []byte("{} {}"); m.bodyCBOR("\xa0\xa0") },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException"},
		},
		"body is a list": {
			write: func(m *message) { m.body = []byte("[]"); m.bodyCBOR("\x80") },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException", Message: "The body cannot be read: the body is not an object"},
		},
		"largest body": {
			write: func(m *message) {
				m.body = append(bytes.Repeat([]byte{' '}, 64<<10-2), "{}"...)
				m.bodyCBOR("\xa1\x61x\x59\xff\xfa" + strings.Repeat("x", 64<<10-6))
			},
			want: noInput,
		},
		"a byte more": {
			write: func(m *message) { m.body = bytes.Repeat([]byte{' '}, 64<<10+1) },
			want:  reply{Status: 413, Code: frontDoor + "SerializationException", Message: "The body has more than 65536 bytes."},
		},
		"member of another type": {
			write: func(m *message) { m.input["FleetId"] = 5 },
			want:  reply{Status: 400, Code: frontDoor + "SerializationException", Message: "FleetId is not a string"},
		},
		"member that the model lacks": {
			write: func(m *message) { m.input["BuildId"] = 5 },
			want:  served,
		},
		"target before authentication": {
			write: func(m *message) { m.operation = "DescribeFleets" },
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  unknownOperation,
		},
		"no authentication": {
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  missingToken,
		},
		"empty authentication": {
			spoil: func(r *http.Request) { r.Header.Set("Authorization", "") },
			want:  missingToken,
		},
		"authentication before input": {
			write: func(m *message) { m.input = map[string]any{} },
			spoil: func(r *http.Request) { r.Header.Del("Authorization") },
			want:  missingToken,
		},
		"two authorizations": {
			spoil: func(r *http.Request) { r.Header.Add("Authorization", "x") },
			want:  incomplete("There is more than one Authorization header."),
		},
		"another algorithm": {
			spoil: replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
			want:  incomplete("Unsupported AWS 'algorithm': Authorization must start with 'AWS4-HMAC-SHA256'."),
		},
		"no fields": {
			spoil: authorization(func(string) string { return "AWS4-HMAC-SHA256 x=y" }),
			want: incomplete("Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter."),
		},
		"no date": {
			spoil: func(r *http.Request) { r.Header.Del("X-Amz-Date") },
			want:  incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."),
		},
		"fields without a value": {
			spoil: authorization(func(string) string { return "AWS4-HMAC-SHA256 Credential" }),
			want:  incomplete("Invalid key=value pair (missing equal-sign) in Authorization header."),
		},
		"field twice": {
			spoil: authorization(func(s string) string { return s + ", Signature=0" }),
			want:  incomplete("Authorization header has a parameter twice."),
		},
		"field too many": {
			spoil: authorization(func(s string) string { return s + ", X=Y" }),
			want:  incomplete("Authorization header has a parameter other than Credential, SignedHeaders and Signature."),
		},
		"short scope": {
			spoil: replace("/aws4_request", ""),
			want:  incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."),
		},
		"date in Date": {
			write: func(m *message) { m.dateHeader = "Date" },
			want:  served,
		},
		"old date in Date": {
			write: func(m *message) { m.dateHeader, m.time = "Date", noon.Add(-time.Hour) },
			want:  invalid("Signature expired: 20260314T110000Z is now earlier than 20260314T114500Z (20260314T120000Z - 15 min.)"),
		},
		"HTTP date in Date": {
			spoil: func(r *http.Request) {
				r.Header.Del("X-Amz-Date")
				r.Header.Set("Date", "Sat, 14 Mar 2026 12:00:00 GMT")
			},
			want: incomplete("Date must be in ISO-8601 'basic format'. See https://en.wikipedia.org/wiki/ISO_8601"),
		},
		"malformed date": {
			spoil: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260314T120000.5Z") },
			want:  incomplete("Date must be in ISO-8601 'basic format'. See https://en.wikipedia.org/wiki/ISO_8601"),
		},
		"fields before date": {
			write: func(m *message) { m.time = noon.Add(-time.Hour) },
			spoil: replace(", Signature=", ", Signatur="),
			want:  incomplete("Authorization header requires 'Signature' parameter."),
		},
		"date of another day": {
			spoil: replace("/20260314/", "/20260313/"),
			want:  invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260314T120000Z'."),
		},
		"signed 15 minutes ago": {
			write: func(m *message) { m.time = noon.Add(-15 * time.Minute) },
			want:  served,
		},
		"signed 15 minutes and a second ago": {
			write: func(m *message) { m.time = noon.Add(-15*time.Minute - time.Second) },
			want:  invalid("Signature expired: 20260314T114459Z is now earlier than 20260314T114500Z (20260314T120000Z - 15 min.)"),
		},
		"signed 5 minutes ahead": {
			write: func(m *message) { m.time = noon.Add(5 * time.Minute) },
			want:  served,
		},
		"signed 5 minutes and a second ahead": {
			write: func(m *message) { m.time = noon.Add(5*time.Minute + time.Second) },
			want:  invalid("Signature not yet current: 20260314T120501Z is still later than 20260314T120500Z (20260314T120000Z + 5 min.)"),
		},
		"date before scope": {
			write: func(m *message) { m.time, m.region = noon.Add(-time.Hour), "eu-west-1" },
			want:  invalid("Signature expired: 20260314T110000Z is now earlier than 20260314T114500Z (20260314T120000Z - 15 min.)"),
		},
		"foreign region": {
			write: func(m *message) { m.region = "eu-west-1" },
			want:  invalid("Credential should be scoped to a valid region."),
		},
		"foreign service": {
			write: func(m *message) { m.service = "s3" },
			want:  invalid("Credential should be scoped to correct service: 'gamelift'."),
		},
		"another terminator": {
			spoil: replace("/aws4_request", "/aws5_request"),
			want:  invalid("Credential should be scoped with a valid terminator: 'aws4_request'."),
		},
		"host before scope": {
			write: func(m *message) { m.region, m.unsigned = "eu-west-1", []string{"host"} },
			want:  invalid("'Host' must be a 'SignedHeader' in the AWS Authorization."),
		},
		"all of the scope": {
			spoil: authorization(func(string) string {
				return "AWS4-HMAC-SHA256 Credential=AKIA/20260313/eu-west-1/s3/aws5_request, SignedHeaders=host, Signature=0"
			}),
			want: invalid("Credential should be scoped to a valid region. Credential should be scoped to correct service: 'gamelift'. " +
				"Credential should be scoped with a valid terminator: 'aws4_request'. " +
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260314T120000Z'."),
		},
		"scope before key": {
			write: func(m *message) { m.region, m.keys.AccessKeyID = "eu-west-1", "AKIAUNKNOWN" },
			want:  invalid("Credential should be scoped to a valid region."),
		},
		"unknown key": {
			write: func(m *message) { m.keys.AccessKeyID = "AKIAUNKNOWN" },
			want:  unrecognized,
		},
		"wrong secret": {
			write: func(m *message) { m.keys.SecretAccessKey += "x" },
			want:  mismatch,
		},
		"tampered body": {
			spoil: func(r *http.Request) {
				_ = r.Body.Close()
				body := []byte(`{"FleetId":"fleet-other","ComputeName":"x"}`)
				if r.Header.Get("Smithy-Protocol") != "" {
					body = []byte{0xa0}
				}
				r.ContentLength = int64(len(body))
				*r = *r.Clone(r.Context())
				r.Body = readCloser{bytes.NewReader(body)}
			},
			want: mismatch,
		},
		"tampered header": {
			write: func(m *message) { m.header.Set("Amz-Sdk-Request", "attempt=1") },
			spoil: func(r *http.Request) { r.Header.Set("Amz-Sdk-Request", "attempt=2") },
			want:  mismatch,
		},
		"tampered query":  {spoil: func(r *http.Request) { r.URL.RawQuery = "x" }, want: mismatch},
		"malformed query": {spoil: func(r *http.Request) { r.URL.RawQuery = "a;b" }, want: mismatch},
		"tampered host":   {spoil: func(r *http.Request) { r.Host = "gamelift.us-west-2.amazonaws.com" }, want: mismatch},
		"tampered date": {
			spoil: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260314T120001Z") },
			want:  mismatch,
		},
		"signature in capitals": {
			spoil: authorization(func(s string) string {
				head, signature, _ := strings.Cut(s, "Signature=")
				return head + "Signature=" + strings.ToUpper(signature)
			}),
			want: mismatch,
		},
		"signed headers in another order": {
			spoil: replace("content-type;host", "host;content-type"),
			want:  mismatch,
		},
		"signed in another order":   {write: func(m *message) { m.backwards = true }, want: mismatch},
		"signed header in capitals": {spoil: replace("content-type;host", "content-type;Host"), want: mismatch},
		"signed header twice":       {spoil: replace("content-type;host", "content-type;host;host"), want: mismatch},
		"host unsigned": {
			write: func(m *message) { m.unsigned = []string{"host"} },
			want:  invalid("'Host' must be a 'SignedHeader' in the AWS Authorization."),
		},
		"date and another header unsigned": {
			write: func(m *message) {
				m.header.Set("X-Amz-Meta", "a")
				m.unsigned = []string{"x-amz-date", "x-amz-meta"}
			},
			want: invalid("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."),
		},
		"header added on the way": {
			spoil: func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") },
			want:  served,
		},
		"signed spaces, folded": {
			write: func(m *message) { m.header.Set("X-Amz-Meta", "  a   b ") },
			want:  served,
		},
		"header in two lines": {
			write: func(m *message) { m.header["X-Amz-Meta"] = []string{"a", "b"} },
			want:  served,
		},
		"query": {
			write: func(m *message) { m.path = m.protocolPath() + "?b=2&b=1&a=x%20y&c=" },
			want:  mismatch, // this test's signer does not sort: see "sorted query"
		},
		"sorted query": {
			write: func(m *message) { m.path = m.protocolPath() + "?a=x%20y&a1=&b=1&b=2&b-=" },
			want:  served,
		},
		"signature in the query": {
			spoil: func(r *http.Request) {
				r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"
				r.Header.Del("Authorization")
			},
			want: reply{Status: 400, Code: missingToken.Code, Message: missingToken.Message +
				". The signature is in the query string: gamelifttest reads it from the Authorization header only."},
		},
		"signature in the query and in the header": {
			spoil: func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm" },
			want:  invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
		},
		"payload declared unsigned, but signed": {
			write: func(m *message) { m.header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
			want:  served,
		},
		"payload unsigned": {
			write: func(m *message) {
				m.header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
				m.payloadHash = "UNSIGNED-PAYLOAD"
			},
			want: mismatch,
		},
		"session token": {
			write: func(m *message) { m.keys = temporary },
			want:  served,
		},
		"no session token": {
			write: func(m *message) { m.keys = temporary; m.keys.SessionToken = "" },
			want:  unrecognized,
		},
		"wrong session token": {
			write: func(m *message) { m.keys = temporary; m.keys.SessionToken += "x" },
			want:  unrecognized,
		},
		"session token without need": {
			write: func(m *message) { m.keys.SessionToken = "x" },
			want:  unrecognized,
		},
		"signature before session token": {
			write: func(m *message) { m.keys = temporary },
			spoil: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") },
			want:  mismatch,
		},
		"expired credentials": {
			write: func(m *message) { m.keys = expired },
			want:  reply{Status: 400, Code: frontDoor + "ExpiredTokenException", Message: "The security token included in the request is expired"},
		},
		"credentials in their last moment": {write: func(m *message) { m.keys = valid }, want: served},
		"session token before input": {
			write: func(m *message) { m.keys, m.input = expired, map[string]any{} },
			want:  reply{Status: 400, Code: frontDoor + "ExpiredTokenException", Message: "The security token included in the request is expired"},
		},
		"not allowed": {
			write: func(m *message) {
				m.keys = gamelift.Credentials{AccessKeyID: "AKIADENIED", SecretAccessKey: "denied-secret"}
			},
			want: reply{Status: 400, Code: frontDoor + "AccessDeniedException",
				Message: "User: arn:aws:iam::111122223333:user/AKIADENIED is not authorized to perform: gamelift:GetComputeAuthToken " +
					"because no identity-based policy allows the gamelift:GetComputeAuthToken action"},
		},
		"input": {
			write: func(m *message) { m.input = map[string]any{"FleetId": nil} },
			want:  noInput,
		},
	} {
		for _, protocol := range bothProtocols {
			t.Run(name+"/"+string(protocol), func(t *testing.T) {
				t.Parallel()
				m := askToken(protocol)
				if tt.write != nil {
					tt.write(m)
				}
				r := m.request(t, server.URL())
				if tt.spoil != nil {
					tt.spoil(r)
				}
				got := send(t, server, r)
				options := []cmp.Option{cmpopts.IgnoreUnexported(reply{})}
				if tt.want.Code == frontDoor+"SerializationException" && tt.want.Message == "" {
					options = append(options, cmpopts.IgnoreFields(reply{}, "Message")) // the decoder's words
				}
				if diff := cmp.Diff(tt.want, got, options...); diff != "" {
					t.Errorf("response (-want +got):\n%s", diff)
				}
				require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, got.header.Get("X-Amzn-Requestid"))
				require.Equal(t, "Sat, 14 Mar 2026 12:00:00 GMT", got.header.Get("Date"))
				if got.Status == http.StatusMethodNotAllowed {
					require.Equal(t, "POST", got.header.Get("Allow"))
				}
			})
		}
	}
}

// The response to a request with many mistakes names the first. The mistakes are
// in the order of the checks.
func TestServer_orderOfChecks(t *testing.T) {
	t.Parallel()
	temporary := gamelift.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary-secret", SessionToken: "session-token"}
	type options = gamelifttest.Options
	mistakes := []struct {
		serve func(*options)      // how the server is set up
		write func(*message)      // before the request is signed
		spoil func(*http.Request) // after
		want  string              // in the error
	}{
		{spoil: func(r *http.Request) { r.Method = http.MethodGet }, want: "405 UnknownOperationException"},
		{spoil: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, want: "415 UnknownOperationException"},
		{write: func(m *message) { m.body = []byte("{") }, want: "400 SerializationException"},
		{write: func(m *message) { m.operation = "DescribeFleets" }, want: "400 UnknownOperationException"},
		{spoil: func(r *http.Request) { r.Header.Del("Authorization") }, want: "400 MissingAuthenticationTokenException"},
		{spoil: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, want: "400 IncompleteSignatureException: Unsupported AWS 'algorithm'"},
		{write: func(m *message) { m.time = noon.Add(-time.Hour) }, want: "400 InvalidSignatureException: Signature expired"},
		{write: func(m *message) { m.region = "eu-west-1" }, want: "400 InvalidSignatureException: Credential should be scoped"},
		{write: func(m *message) { m.keys.AccessKeyID = "AKIAUNKNOWN" }, want: "400 UnrecognizedClientException"},
		{write: func(m *message) { m.keys.SecretAccessKey = "wrong" }, want: "400 InvalidSignatureException: The request signature"},
		{write: func(m *message) { m.keys.SessionToken = "wrong" }, want: "400 UnrecognizedClientException"},
		{serve: func(o *options) { o.Credentials[0].CanExpire = true }, want: "400 ExpiredTokenException"},
		{write: func(m *message) { m.input["FleetId"] = 5 }, want: "400 SerializationException: FleetId is not a string"},
		{serve: func(o *options) { o.Authorize = func(string, string) bool { return false } }, want: "400 AccessDeniedException"},
		{serve: func(o *options) { o.Faults = []gamelifttest.Fault{{Code: "Injected"}} }, want: "400 Injected"},
		{serve: func(o *options) { o.Quotas = map[string]gamelifttest.Quota{"GetComputeAuthToken": {}} }, want: "400 ThrottlingException"},
		{write: func(m *message) {
			if m.input["FleetId"] == gamelifttest.AnywhereFleetID { // not a mistake in its type
				m.input["FleetId"] = ""
			}
		}, want: "400 ValidationException"},
		{write: func(m *message) { m.input["ComputeName"] = "unknown" }, want: "400 NotFoundException"},
	}
	for first, tt := range mistakes {
		for _, protocol := range bothProtocols {
			t.Run(tt.want+"/"+string(protocol), func(t *testing.T) {
				t.Parallel()
				server := gamelifttest.NewUnstartedServer(at(noon), func(o *options) {
					o.Credentials = []gamelift.Credentials{temporary}
					for _, f := range mistakes[first:] {
						if f.serve != nil {
							f.serve(o)
						}
					}
				})
				m := askToken(protocol)
				m.keys = temporary
				for _, f := range mistakes[first:] {
					if f.write != nil {
						f.write(m)
					}
				}
				r := m.request(t, server.URL())
				for _, f := range slices.Backward(mistakes[first:]) { // the first has the last word on a header
					if f.spoil != nil {
						f.spoil(r)
					}
				}
				got := send(t, server, r)
				_, code, _ := strings.Cut(got.Code, "#")
				require.Contains(t, fmt.Sprintf("%d %s: %s", got.Status, code, got.Message), tt.want)
			})
		}
	}
}

// Dates are compared to the second, and the time zone of the server's clock does
// not matter.
func TestServer_datesToTheSecond(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 3, 14, 14, 0, 59, 999_999_999, time.FixedZone("", 2*60*60))
	server := gamelifttest.NewUnstartedServer(at(clock))
	for _, tt := range []struct {
		signed time.Time
		want   reply
	}{
		{noon.Add(-14*time.Minute - time.Second), reply{Status: 200}},
		{noon.Add(-14*time.Minute - 2*time.Second), invalid("Signature expired: 20260314T114558Z is now earlier than 20260314T114559Z (20260314T120059Z - 15 min.)")},
		{noon.Add(5*time.Minute + 59*time.Second), reply{Status: 200}},
		{noon.Add(6 * time.Minute), invalid("Signature not yet current: 20260314T120600Z is still later than 20260314T120559Z (20260314T120059Z + 5 min.)")},
	} {
		m := askToken(gamelifttest.CBOR)
		m.time = tt.signed
		if diff := cmp.Diff(tt.want, send(t, server, m.request(t, server.URL())), cmpopts.IgnoreUnexported(reply{})); diff != "" {
			t.Errorf("signed %v: response (-want +got):\n%s", tt.signed, diff)
		}
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func (m *message) protocolPath() string {
	if m.protocol == gamelifttest.CBOR {
		return "/service/GameLift/operation/" + m.operation
	}
	return "/"
}

// bodyCBOR replaces the body of a CBOR message.
func (m *message) bodyCBOR(body string) {
	if m.protocol == gamelifttest.CBOR {
		m.body = []byte(body)
	}
}

func TestServer_reportsABodyTooLong(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewServer(at(noon))
	defer server.Close()
	m := askToken(gamelifttest.JSON)
	m.body = make([]byte, 8<<20)
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
	require.NoError(t, err)
	defer conn.Close()
	r := m.request(t, server.URL())
	require.NoError(t, r.Write(conn), "all of it is read before the response is sent")
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

// Requests with unusual methods get the same response in-process and over the
// network.
func TestServer_oddMethods(t *testing.T) {
	t.Parallel()
	listening := gamelifttest.NewServer(at(noon))
	t.Cleanup(listening.Close)
	for where, server := range map[string]*gamelifttest.Server{"listening": listening, "in-process": gamelifttest.NewUnstartedServer(at(noon))} {
		for _, method := range []string{http.MethodHead, http.MethodOptions, "BREW"} {
			t.Run(where+"/"+method, func(t *testing.T) {
				t.Parallel()
				r, err := http.NewRequestWithContext(t.Context(), method, server.URL(), nil)
				require.NoError(t, err)
				if method == http.MethodOptions {
					r.URL.Opaque, r.URL.Path = "*", "*" // net/http would respond to this one by itself
				}
				response, err := server.ClientOptions().HTTPClient.Do(r)
				require.NoError(t, err)
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
				require.Equal(t, "POST", response.Header.Get("Allow"))
				require.NotEmpty(t, response.Header.Get("X-Amzn-Requestid"))
				require.Equal(t, "Sat, 14 Mar 2026 12:00:00 GMT", response.Header.Get("Date"))
				require.Equal(t, method == http.MethodHead, len(body) == 0)
			})
		}
	}
}

// A request that mixes the protocols is refused, and the message says why.
func TestServer_mixedProtocols(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	for want, header := range map[string]http.Header{
		"but there is an X-Amz-Target header. ":      {"X-Amz-Target": {"GameLift.GetComputeAuthToken"}},
		`but the Smithy-Protocol header is "". `:     {"Smithy-Protocol": nil},
		`but the Smithy-Protocol header is "json". `: {"Smithy-Protocol": {"json"}},
	} {
		m := askToken(gamelifttest.CBOR)
		m.header = header
		got := send(t, server, m.request(t, server.URL()))
		require.Equal(t, http.StatusUnsupportedMediaType, got.Status)
		require.Equal(t, "The Content-Type header is that of CBOR, "+want+gamelifttest.Spoken, got.Message)
	}
}

// The response to a signature that does not match has what should have been
// signed, without secrets.
func TestServer_showsTheCanonicalString(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	temporary := gamelift.Credentials{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "temporary-secret", SessionToken: "canary-session"}
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Credentials = append(o.Credentials, temporary)
		o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	})
	for _, tt := range []struct {
		name  string
		write func(*message)
		spoil func(*http.Request)
		shown func(string) string // what the signer's text becomes
	}{
		{name: "wrong secret", write: func(m *message) { m.keys.SecretAccessKey = "canary-secret" }},
		{name: "query", write: func(m *message) { m.path, m.keys.SecretAccessKey = m.protocolPath()+"?a=x%20y&b=1", "canary-secret" }},
		{name: "signed headers in another order", spoil: func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "content-type;host", "host;Content-Type;host", 1))
		}},
		{
			name:  "session token",
			write: func(m *message) { m.keys = temporary; m.keys.SecretAccessKey = "canary-secret" },
			shown: func(s string) string { return strings.Replace(s, "canary-session", "REDACTED", 1) },
		},
		{
			name: "session token in the query",
			write: func(m *message) {
				m.path, m.keys.SecretAccessKey = m.protocolPath()+"?X-Amz-Security-Token=canary-session", "canary-secret"
			},
			shown: func(s string) string { return strings.Replace(s, "canary-session", "REDACTED", 1) },
		},
	} {
		for _, protocol := range bothProtocols {
			t.Run(tt.name+"/"+string(protocol), func(t *testing.T) {
				m := askToken(protocol)
				if tt.write != nil {
					tt.write(m)
				}
				var canonical, stringToSign string
				m.onSign = func(c, s string) { canonical, stringToSign = c, s }
				r := m.request(t, server.URL())
				if tt.spoil != nil {
					tt.spoil(r)
				}
				if tt.shown != nil {
					canonical = tt.shown(canonical)
				}
				got := send(t, server, r)
				require.Equal(t, mismatchText, got.Message)
				require.Equal(t, "The Canonical String for this request should have been\n'"+canonical+"'\n\n"+
					"The String-to-Sign should have been\n'"+stringToSign+"'\n", got.more)
			})
		}
	}
	require.Contains(t, logged.String(), "String-to-Sign")
	require.NotContains(t, logged.String(), "canary")
	require.NotContains(t, fmt.Sprint(server.Requests()), "canary")
}

// A body that is compressed is not decoded, and the message says so.
func TestServer_contentEncoding(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	for _, protocol := range bothProtocols {
		m := askToken(protocol)
		m.header.Set("Content-Encoding", "gzip")
		m.body = []byte("\x1f\x8b")
		got := send(t, server, m.request(t, server.URL()))
		require.Equal(t, frontDoor+"SerializationException", got.Code)
		require.Contains(t, got.Message, `. The Content-Encoding header is "gzip", which gamelifttest does not decode.`)
	}
}

// AWS JSON is served at the path / alone, and CBOR behind any prefix.
func TestServer_paths(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	notRoot := func(path string) reply {
		return reply{Status: 404, Code: frontDoor + "UnknownOperationException",
			Message: "AWS JSON requests are sent to the path /, and this one was sent to " + path + "."}
	}
	served := reply{Status: 200}
	for _, tt := range []struct {
		protocol    gamelifttest.Protocol
		path, moved string // moved replaces the path after it was signed
		want        reply
	}{
		{protocol: gamelifttest.JSON, path: "/", want: served},
		{protocol: gamelifttest.JSON, path: "/?a=b", want: served},
		{protocol: gamelifttest.JSON, path: "/gamelift", want: notRoot("/gamelift")},
		{protocol: gamelifttest.JSON, path: "//", want: notRoot("//")},
		{protocol: gamelifttest.JSON, path: "/%2F", want: notRoot("/%2F")},
		{protocol: gamelifttest.JSON, path: "/service/GameLift/operation/GetComputeAuthToken", want: notRoot("/service/GameLift/operation/GetComputeAuthToken")},
		{protocol: gamelifttest.CBOR, path: "/base%20path/service/GameLift/operation/GetComputeAuthToken", want: served},
		{protocol: gamelifttest.CBOR, path: "/service/GameLift/operation/GetComputeAuthToken", moved: "/x/service/GameLift/operation/GetComputeAuthToken", want: mismatch},
		{protocol: gamelifttest.CBOR, path: "/", want: reply{
			Status: 400, Code: frontDoor + "UnknownOperationException",
			Message: "The path is /: want /service/GameLift/operation/{Operation}.",
		}},
	} {
		t.Run(string(tt.protocol)+tt.path, func(t *testing.T) {
			t.Parallel()
			m := askToken(tt.protocol)
			m.path = tt.path
			r := m.request(t, server.URL())
			if tt.moved != "" {
				r.URL.Path = tt.moved
			}
			if diff := cmp.Diff(tt.want, send(t, server, r), cmpopts.IgnoreUnexported(reply{})); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

// The X-Amz-Target header needs the service's prefix. The error says what is wrong
// with it.
func TestServer_target(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	for target, want := range map[string]string{
		"":                                   "The X-Amz-Target header is missing: want GameLift.{Operation}.",
		"GetComputeAuthToken":                `The X-Amz-Target header is "GetComputeAuthToken": want GameLift.{Operation}.`,
		"gamelift.GetComputeAuthToken":       `The X-Amz-Target header is "gamelift.GetComputeAuthToken": want GameLift.{Operation}.`,
		"GameLift_20151001.GetComputeAccess": `The X-Amz-Target header is "GameLift_20151001.GetComputeAccess": want GameLift.{Operation}.`,
		"GameLift.DescribeFleets":            unknownOperation.Message,
	} {
		for _, signed := range []bool{true, false} {
			m := askToken(gamelifttest.JSON)
			m.header.Set("X-Amz-Target", target)
			r := m.request(t, server.URL())
			if target == "" {
				r.Header.Del("X-Amz-Target")
			}
			if !signed {
				r.Header.Del("Authorization")
			}
			wantReply := reply{Status: 400, Code: frontDoor + "UnknownOperationException", Message: want}
			if diff := cmp.Diff(wantReply, send(t, server, r), cmpopts.IgnoreUnexported(reply{})); diff != "" {
				t.Errorf("target %q, signed %t: response (-want +got):\n%s", target, signed, diff)
			}
		}
	}
}

// The CBOR decoder of smithy-go reads a length of 2^63 or more as zero.
func TestServer_refusesMalformedCBOR(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	const truncated, malformed = "The body cannot be read: the CBOR item is truncated", "The body cannot be read: the CBOR item is malformed"
	for body, want := range map[string]string{
		"\xbb\xff\xff\xff\xff\xff\xff\xff\xff":          truncated, // a map of 2^64-1 members
		"\xbb\x80\x00\x00\x00\x00\x00\x00\x00":          truncated,
		"\xa1\x61a\x9b\x80\x00\x00\x00\x00\x00\x00\x00": truncated, // a list of 2^63 items
		"\xa1\x61a\x7b\xff\xff\xff\xff\xff\xff\xff\xff": truncated, // a string
		"\xa1\x61a\x5b\x80\x00\x00\x00\x00\x00\x00\x00": truncated, // a byte string
		"\xa1\x61a":     truncated,
		"\xbf\x61a\x01": truncated, // without an end
		"\xff":          malformed,
		"\xff\xa0":      malformed,
		"\xa1\x61a\x1f": malformed,
		"\xa1\x61a\x1c": malformed,
		"\xa0\xff":      "The body cannot be read: there is more after the CBOR item",
	} {
		m := askToken(gamelifttest.CBOR)
		m.body = []byte(body)
		wantReply := reply{Status: 400, Code: frontDoor + "SerializationException", Message: want}
		if diff := cmp.Diff(wantReply, send(t, server, m.request(t, server.URL())), cmpopts.IgnoreUnexported(reply{})); diff != "" {
			t.Errorf("body %x: response (-want +got):\n%s", body, diff)
		}
	}
	for _, body := range []string{"\xa0", "\xbf\xff", "\xbf\x61a\x9f\x01\xff\x61b\x7f\x61x\xff\xff", "\xa1\x61a\xc1\x1a\x00\x00\x00\x01"} {
		m := askToken(gamelifttest.CBOR)
		m.body = []byte(body)
		if diff := cmp.Diff(noInput, send(t, server, m.request(t, server.URL())), cmpopts.IgnoreUnexported(reply{})); diff != "" {
			t.Errorf("body %x: response (-want +got):\n%s", body, diff)
		}
	}
}
