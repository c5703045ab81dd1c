// Package gamelifttest is a stub endpoint of Amazon GameLift Servers, for tests
// of whatever calls GetComputeAuthToken, GetComputeAccess or
// RequestUploadCredentials: with package gamelift, with an AWS SDK, or, by the
// program cmd/gamelift-stub, from any other language. It speaks AWS JSON 1.1 and
// Smithy RPC v2 CBOR, and verifies every signature as AWS does, so that what
// passes here is not refused there for the way in which it was sent.
//
// # In a Go test
//
// [NewServer] listens on loopback, in the style of net/http/httptest:
//
//	server := gamelifttest.NewServer()
//	defer server.Close()
//	client := gamelift.New(server.ClientOptions())
//
// It has a compute of each type and a build from the start, named by the
// constants of this package; [Server.AddCompute], [Server.AddBuild] and
// [Options] make others. One server per test is cheap, and keeps parallel tests
// apart.
//
// # In-process, and in a bubble
//
// [NewUnstartedServer] does not listen: the HTTPClient of its ClientOptions
// calls it directly, in the caller's goroutine, faults included. So it works in
// a testing/synctest bubble, where a delay of an hour takes no time. Make the
// server inside the bubble. It does not do what net/http's transport does for
// its caller: undo gzip, bound the size of headers, heed HTTP_PROXY.
//
// # Other SDKs
//
// An AWS SDK needs the endpoint ([Server.URL]), the region and the keys
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
// # What is checked
//
// In this order, each with AWS's error code and text: method and content type,
// the body's syntax, the operation (SerializationException,
// UnknownOperationException), that there is a signature and that it is complete
// (MissingAuthenticationTokenException, IncompleteSignatureException), its date,
// at most 15 minutes late and 5 minutes early, its scope, the access key ID, the
// signature itself, the session token (InvalidSignatureException,
// UnrecognizedClientException, ExpiredTokenException), permission
// (AccessDeniedException), injected faults, quotas (ThrottlingException), the
// input's lengths and patterns (ValidationException), and then what the service
// finds: NotFoundException; InvalidRequestException; UnauthorizedException for
// the ARN of another account; UnsupportedRegionException for the ARN of a fleet
// or compute in another region.
//
// IDs and ARNs find the same resource. A token is the same one until less than
// 15 minutes of its life remain. Quotas are off until Options.Quotas sets them.
//
// # When things go wrong
//
// [Server.Inject] takes a [Fault]: which requests, and what becomes of them, from
// an error code to a connection that is reset in the middle of the answer.
// [Server.Unused] tells which faults nothing ran into. [Server.Requests] is what
// arrived.
//
// # Time
//
// Options.Now is the server's clock. A test that sets it ahead sees tokens
// renewed, signatures expired and, in the Date of every answer, what a client
// with a wrong clock sees.
//
// # What it is not
//
// The tokens and credentials that it issues open nothing. It has one account,
// no IAM policies beyond Options.Authorize, and none of the service's other
// operations. It takes requests over HTTP alone.
package gamelifttest
