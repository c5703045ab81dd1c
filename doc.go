// Package gamelift is a client for the three operations of Amazon GameLift
// Servers that hand out credentials:
//
//   - [Client.GetComputeAuthToken]: the token with which a game server calls
//     InitSDK()
//   - [Client.GetComputeAccess]: AWS credentials for a session with a compute
//     through AWS Systems Manager
//   - [Client.RequestUploadCredentials]: AWS credentials to upload the files of
//     a game build to Amazon S3
//
// # Calling
//
// A [Client] is made once, of [Options], and is safe for concurrent use:
//
//	options, err := gamelift.OptionsFromEnv()
//	...
//	client := gamelift.New(options)
//	out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{
//		FleetId:     &fleetID,
//		ComputeName: &computeName,
//	})
//
// Each operation takes functions that change the options for that call alone.
// Names follow aws-sdk-go-v2's service/gamelift: code that was written for it
// moves over by its import paths and the line that sets the credentials.
//
// # Credentials
//
// [StaticCredentials] and [EnvironmentCredentials] give keys,
// [CredentialsProviderFunc] makes a provider of a function, and
// [CacheCredentials] keeps another provider's credentials while they are valid.
// A call that the service refuses because of its keys (ExpiredToken,
// ExpiredTokenException, UnrecognizedClientException) drops what is cached and
// is tried once more, if the provider then gives other keys.
//
// # Errors
//
// A failed call returns one chain of errors, described in package errors:
// operation, attempts, HTTP status and request ID, and innermost the exception
// that the API model names. errors.As finds each:
//
//	var notFound *types.NotFoundException
//	if errors.As(err, &notFound) {
//
// Whatever is wrong with input or options is an error that names the member or
// the option, and nothing is sent.
//
// # Faults, and what comes of them
//
// Attempts are 3 unless Options say otherwise. Between them the client waits
// rand[0,1) × min(50 ms × 2^i, 20 s), after throttling 1 s × 2^i, and for
// x-amz-retry-after milliseconds where the service says so, up to 5 s longer. A
// quota of 500 tokens, of which a retry costs 14 (5 after throttling), keeps a
// client from multiplying the load on a service that is down.
//
//	fault                              what the client does        what you see when it persists
//	connection refused, reset, timed   retries                     *errors.MaxAttemptsError, *smithyhttp.RequestSendError
//	out; TLS; malformed HTTP; headers
//	of more than 256 KiB
//	connection breaks in the body,     retries                     *errors.MaxAttemptsError, *errors.ResponseError,
//	Content-Length too large                                       *smithyhttp.RequestSendError
//	body drips, response stalls        retries after               *errors.MaxAttemptsError, and Timeout() is true
//	                                   AttemptTimeout
//	429, 500, 502, 503, 504,           retries                     *errors.MaxAttemptsError, *errors.ResponseError,
//	RequestTimeout(Exception)                                      the exception
//	throttling codes                   retries, slower             the same; errors.IsThrottling is true
//	retry quota used up                stops                       the attempt's own error
//	ExpiredToken(Exception),           renews cached credentials,  *errors.ResponseError, *smithy.GenericAPIError
//	UnrecognizedClientException        tries once more
//	clock more than 4 minutes off      corrects it by the          the same
//	(InvalidSignatureException,        response's Date, retries,
//	RequestTimeTooSkewed, ...)         keeps the correction
//	other error of the service         stops                       *errors.ResponseError, the exception
//	HTML, empty or malformed body      as its status says          *errors.ResponseError, *smithy.GenericAPIError of
//	of an error                                                    code UnknownError
//	malformed, truncated or too large  stops                       *errors.ResponseError,
//	(1 MiB) body of a 2xx, a BOM                                   *smithy.DeserializationError with the member's name
//	gzip                               decompresses it             (an HTTPClient of your own: malformed body)
//	204, empty body of a 2xx           stops                       an output without members
//	1xx                                ignores it; 101: stops       *errors.ResponseError
//	3xx                                does not follow it          *errors.ResponseError
//	credentials provider fails         retries what is of the      its error
//	                                   network, or throttling
//	context is done                    stops at once               *smithy.CanceledError
//
// # Time
//
// The context bounds a call, Options.AttemptTimeout each attempt. Requests are
// signed with the service's time, which the client learns from the Date of every
// response: not from one that a cache answered (Age), or that took more than 15
// minutes.
//
// # Interceptors
//
// smithy-go's interceptors run at these points; Request is the request that is
// sent, and a header that is set before signing is signed:
//
//	BeforeExecution          Input may still be changed
//	  (validation)
//	BeforeSerialization
//	  (encoding)
//	AfterSerialization       Request
//	BeforeRetryLoop
//	  for each attempt, on a copy of Request:
//	  BeforeAttempt
//	    (credentials)
//	  BeforeSigning
//	    (signing)
//	  AfterSigning
//	  BeforeTransmit
//	    (HTTPClient.Do)
//	  AfterTransmit          Response, its body unread
//	    (body is read)
//	  BeforeDeserialization  its body can be read here
//	    (decoding)
//	  AfterDeserialization   Output, of a success
//	  AfterAttempt           runs whatever came behind BeforeAttempt
//	AfterExecution           runs whatever the call came to
//
// The error of an interceptor fails its step. Behind a step that failed as well,
// both errors are in the chain.
//
// # Secrets
//
// Secret keys, session tokens and auth tokens are in no error, log record, span
// or metric, also where a peer repeats them. Values that hold them print
// without them at every verb of fmt that calls a method (%p does not, and go
// vet refuses it there) and in slog. Credentials redact in JSON as well; the
// outputs and the structures of package types marshal to their wire form, which
// slog's JSON handler prints too where they are nested in a structure.
package gamelift
