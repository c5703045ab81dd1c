// Package gamelifttest provides a stub endpoint of Amazon GameLift Servers for
// tests of code that calls GetComputeAuthToken, GetComputeAccess or
// RequestUploadCredentials, with package gamelift or with an AWS SDK. The program
// cmd/gamelift-stub makes it available to other languages.
//
// The stub speaks AWS JSON 1.1 and Smithy RPC v2 CBOR and verifies every
// signature, so that a request that it accepts is well-formed for AWS too.
//
// # Use in a Go test
//
// [NewServer] listens on the loopback interface, like net/http/httptest:
//
//	server := gamelifttest.NewServer()
//	defer server.Close()
//	client := gamelift.New(server.ClientOptions())
//
// The server has a compute of each type and a build, named by the constants of
// this package. [Server.AddCompute], [Server.AddBuild] and [Options] add others.
// Servers are cheap: use one per test, so that tests can run in parallel.
//
// A mistake in the setup of a test, such as a Compute with an unknown Type,
// panics.
//
// # Other SDKs
//
// An AWS SDK needs the endpoint ([Server.URL]), the Region and the keys
// ([AccessKeyID] and [SecretAccessKey]). For aws-sdk-go-v2:
//
//	client := awsgamelift.New(awsgamelift.Options{
//		BaseEndpoint: aws.String(server.URL()),
//		HTTPClient:   server.ClientOptions().HTTPClient,
//		Region:       "us-west-2",
//		Credentials: credentials.NewStaticCredentialsProvider(
//			gamelifttest.AccessKeyID, gamelifttest.SecretAccessKey, ""),
//	})
//
// # Failures and retries
//
// [Server.Inject] adds a [Fault], which selects requests and says what happens to
// them, from an error code to a connection that is reset in the middle of the
// response. [Server.Unused] returns the faults that no request got.
// [Server.Requests] returns the requests that arrived.
//
// Retries wait between attempts. To test them without waiting, use a
// testing/synctest bubble and [NewUnstartedServer]. The HTTPClient of its
// ClientOptions calls the server in the caller's goroutine, so that the bubble's
// clock advances while a client backs off or a response is delayed:
//
//	synctest.Test(t, func(t *testing.T) {
//		server := gamelifttest.NewUnstartedServer()
//		server.Inject(gamelifttest.Fault{Code: "ThrottlingException", Count: 2})
//		client := gamelift.New(server.ClientOptions())
//		start := time.Now()
//		_, err := client.GetComputeAuthToken(t.Context(), input)
//		// err is nil, and time.Since(start) is exactly what the client waited.
//	})
//
// Create the server inside the bubble. Unlike the transport of net/http,
// in-process calls do not undo gzip, limit the size of headers or use
// HTTP_PROXY.
//
// # Time and tokens
//
// Options.Now is the server's clock. A test that sets it ahead sees tokens
// renewed and signatures expired. The Date header of each response has the
// server's time, so that a client can be tested with a wrong clock.
//
// Like the service, the server returns the same token for a compute until less
// than 15 minutes of its life remain. Package authtoken relies on that. To test
// it with tokens that live for seconds, make the server renew the token at every
// request:
//
//	server := gamelifttest.NewServer(func(o *gamelifttest.Options) {
//		o.TokenLife, o.TokenRenewal = 10*time.Second, 10*time.Second
//	})
//
// A Source then asks for the next token early in the life of each one, but at
// most about once per second. If TokenRenewal were less than TokenLife, it would
// get the same token again and back off.
//
// # Order of checks
//
// The server makes these checks of a request, in this order. The first that fails
// determines the response.
//
//  1. The method is POST (405), the content type is that of a protocol (415), and
//     an AWS JSON request has the path / (404): UnknownOperationException. A CBOR
//     request can have any prefix before /service/GameLift/operation/.
//  2. The body has at most 64 KiB (413) and, if it is not empty, is an object:
//     SerializationException.
//  3. X-Amz-Target is GameLift.{Operation}, or the path of a CBOR request names an
//     operation: UnknownOperationException.
//  4. The body is not empty: SerializationException.
//  5. The request has an Authorization header (MissingAuthenticationTokenException)
//     and no signature in its query string as well (InvalidSignatureException). The
//     header is complete: IncompleteSignatureException.
//  6. The signature is at most 15 minutes old and 5 minutes early, covers the Host
//     header, and is for the Region and the service: InvalidSignatureException.
//  7. The access key ID is known: UnrecognizedClientException.
//  8. The signature covers every X-Amz header and matches the request:
//     InvalidSignatureException. Its message has the text that should have been
//     signed.
//  9. The session token is that of the keys (UnrecognizedClientException) and has
//     not expired (ExpiredTokenException).
//  10. The members of the input have the right types: SerializationException.
//  11. Options.Authorize allows the call: AccessDeniedException.
//  12. Injected faults.
//  13. Options.Quotas: ThrottlingException.
//  14. The lengths and patterns of the API model: ValidationException.
//  15. The operation: NotFoundException, InvalidRequestException,
//     UnauthorizedException for an ARN of another account, and
//     UnsupportedRegionException for the ARN of a fleet or compute in another
//     Region.
//
// Errors have status 400 unless noted otherwise, and the codes and texts of AWS
// where these are known.
//
// # Sources and assumptions
//
// The path of AWS JSON requests and the prefix of CBOR requests are those of the
// protocols' specifications ([AWS JSON 1.1], [Smithy RPC v2 CBOR]). Amazon
// Kinesis has been observed to accept AWS JSON at other paths too (kinesalite).
//
// Steps 2 to 5 have the order of Amazon Kinesis and Amazon DynamoDB, where an
// unsigned request with a malformed body gets SerializationException. That order
// is recorded in test/connection.js of [kinesalite] and [dynalite], whose tests
// can run against AWS. Steps 6 to 9 have the order and the texts of DynamoDB,
// which a comment in dynalite's index.js records. Unlike AWS, the server does
// not repeat the Authorization header or a session token in a message.
//
// Signatures are checked as [IAM] describes. The constraints are those of the
// [API model] and the quotas those of the [service quotas].
//
// The following is assumed, because no source is known:
//
//   - The status and text of the errors in step 1. Kinesis and DynamoDB send XML,
//     with status 403 or 404.
//   - The texts of all SerializationException and UnknownOperationException
//     errors. AWS sends no text with most of them.
//   - The order of the steps after 9.
//   - A request whose signature is in the query string (a presigned URL) gets
//     MissingAuthenticationTokenException. AWS may accept it.
//   - An ARN whose partition is not that of its Region gets
//     InvalidRequestException.
//   - The texts of NotFoundException, InvalidRequestException,
//     UnauthorizedException and UnsupportedRegionException.
//   - GetComputeAccess returns no Target for an EC2 compute, because the API
//     reference names it for container fleets only. Set Compute.InstanceID to
//     test with one.
//   - Each call of GetComputeAccess and RequestUploadCredentials returns new
//     credentials.
//
// # Limitations
//
// The tokens and credentials that the server makes up give access to nothing.
// There is one account, no IAM policies but Options.Authorize, and no other
// operation of the service. NewServer does not use TLS; the program
// cmd/gamelift-stub can.
//
// [AWS JSON 1.1]: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
// [Smithy RPC v2 CBOR]: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
// [kinesalite]: https://github.com/mhart/kinesalite
// [dynalite]: https://github.com/architect/dynalite
// [IAM]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// [API model]: https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_GetComputeAuthToken.html
// [service quotas]: https://docs.aws.amazon.com/gameliftservers/latest/developerguide/api-limits-common.html
package gamelifttest
