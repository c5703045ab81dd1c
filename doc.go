// Package gamelift is a client for the three operations of Amazon GameLift
// Servers that hand out credentials:
//
//   - [Client.GetComputeAuthToken]: the token that a game server passes to
//     InitSDK()
//   - [Client.GetComputeAccess]: AWS credentials for a session with a compute
//     through AWS Systems Manager
//   - [Client.RequestUploadCredentials]: AWS credentials to upload the files of
//     a game build to Amazon S3
//
// # Calling
//
// A program makes one [Client] from [Options] and keeps it. A Client is safe for
// concurrent use:
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
// needs only other import paths and another line that loads the credentials.
//
// # Credentials
//
// [StaticCredentials] and [EnvironmentCredentials] return providers of keys,
// [CredentialsProviderFunc] turns a function into a provider, and
// [CacheCredentials] keeps the credentials of another provider while they are
// valid. If the service refuses the keys of a call (ExpiredToken,
// ExpiredTokenException, UnrecognizedClientException), the client drops them
// from the cache. If the provider then returns other keys, the call is tried
// once more.
//
// # Errors
//
// A failed call returns one chain of errors: the operation, the attempts, the
// HTTP status with the request ID, and the exception that the API model names.
// Package errors describes the chain, and errors.As finds each of its errors:
//
//	var notFound *types.NotFoundException
//	if errors.As(err, &notFound) {
//
// If the input or the options are invalid, nothing is sent and the error names
// the member or the option. [Options.Validate] reports invalid options before the
// first call.
//
// One error can match several of the following, so a program should look for
// them in this order. For example, a call that ends while it waits for a retry
// returns a *smithy.CanceledError, whose chain also has the error of the failed
// attempt.
//
//	*smithy.CanceledError            the context of the call is done; errors.Is
//	                                 finds context.Canceled or context.DeadlineExceeded
//	smithy.InvalidParamsError        the input is invalid; nothing was sent
//	errors.IsCredentials             the keys are missing, expired or wrong
//	*types.NotFoundException, ...    an exception that the API model names
//	errors.IsThrottling              the service asks for fewer calls
//	context.DeadlineExceeded         otherwise: the last attempt exceeded AttemptTimeout
//	*errors.ResponseError            any other response; it has the status
//	*smithyhttp.RequestSendError     no response
//
// # Faults
//
// A call has 3 attempts, unless the options say otherwise. Before the i-th
// retry, counted from 0, the client waits for a random time of up to 50 ms ×
// 2^i, or of up to 1 s × 2^i after throttling. The bound is never more than 20
// s. If the response has an X-Amz-Retry-After header, in milliseconds, the
// client waits for that time, but for no more than 5 s longer than otherwise. It
// honors the header with every Retryer.
//
// Retries cost tokens of a quota: 14 each, or 5 after throttling. A client has
// 500 tokens. A retry that succeeds returns its tokens, and a call that succeeds
// at once earns one. The quota keeps a client from multiplying the load on a
// service that is down.
//
//	fault                              what the client does        what the caller gets if it persists
//	connection refused, reset or       retries                     *errors.MaxAttemptsError,
//	timed out; TLS; malformed HTTP;                                *smithyhttp.RequestSendError
//	more than 256 KiB of headers
//	connection breaks in the body,     retries                     *errors.MaxAttemptsError, *errors.ResponseError,
//	or Content-Length is too large                                 *smithyhttp.RequestSendError
//	server closes an idle connection   repeats the request on      nothing
//	                                   another connection, without
//	                                   a retry (only *http.Client)
//	HTTP/2 connection goes silent      sends a ping after 10 s,    *smithy.CanceledError, if the call's deadline
//	                                   gives the connection up     comes first
//	                                   after another 5 s, retries
//	name server does not answer        asks the next one; 30 s     *errors.MaxAttemptsError,
//	                                   for name and connection     *smithyhttp.RequestSendError
//	no response, or its body stalls    retries after               *errors.MaxAttemptsError, and errors.Is
//	or drips                           AttemptTimeout, which is    finds context.DeadlineExceeded
//	                                   30 s if the call has no
//	                                   deadline, and else none
//	429                                retries as after throttling *errors.MaxAttemptsError, *errors.ResponseError,
//	                                                               the exception; errors.IsThrottling is true
//	throttling codes                   retries as after throttling the same
//	500, 502, 503, 504,                retries                     *errors.MaxAttemptsError, *errors.ResponseError,
//	RequestTimeout(Exception)                                      the exception
//	retry quota used up                stops                       the attempt's error and the retryer's
//	ExpiredToken(Exception),           renews cached credentials,  *errors.ResponseError, *smithy.GenericAPIError;
//	UnrecognizedClientException        tries once more             errors.IsCredentials is true
//	local clock off by more than       corrects it by the          the same
//	4 minutes (RequestTimeTooSkewed,   response's Date, retries
//	InvalidSignatureException, ...)
//	wrong Date                         ignores it                  nothing
//	servers whose clocks disagree      retries with a time that    *errors.MaxAttemptsError, and the same
//	                                   another server may accept
//	other error of the service         stops                       *errors.ResponseError, the exception
//	HTML, empty or malformed body      acts on the status          *errors.ResponseError, *smithy.GenericAPIError
//	of an error                                                    with the code UnknownError
//	malformed, truncated or too large  stops                       *errors.ResponseError,
//	(1 MiB) body of a 2xx, or a BOM                                *smithy.DeserializationError with the member's name
//	error with a long text             cuts it to 4 KiB;           the error; its ErrorMessage is complete
//	                                   also in logs and spans
//	gzip                               decompresses it             (another HTTPClient: malformed body)
//	204, or empty body of a 2xx        stops                       an output without members
//	1xx                                ignores it; 101: stops      *errors.ResponseError
//	3xx                                does not follow it          *errors.ResponseError
//	HTTPClient follows a redirect      stops it before the other   an error that says "redirect"
//	                                   host gets the request
//	credentials provider fails         retries errors of networks  its error; errors.IsCredentials is true unless
//	                                   and throttling              the network was to blame
//	cached provider panics             keeps the process alive     an error
//	HTTPClient or interceptor panics   returns the retry tokens    the panic
//	interceptor removes the request    stops                       an error
//	or the response
//	context is done                    stops at once               *smithy.CanceledError
//
// # Time
//
// The context bounds a call, and Options.AttemptTimeout bounds each attempt. By
// default, an attempt may take 30 seconds if the context has no deadline. If the
// context has one, it is the only limit.
//
// Requests are signed with the service's time. The client estimates it from the
// Date header of a response, unless the response has no request ID, comes from a
// cache (it has an Age header) or took more than 15 minutes. If the estimate is
// within 4 minutes of the time that the request was signed with, the client
// keeps it. Otherwise, if the service refused the request, the client tries
// again with the estimated time. It keeps the estimate if that attempt succeeds,
// or if the next refusal has the same time. A single wrong Date therefore makes
// no other call fail.
//
// If two refusals in a row have different times, the servers' clocks disagree.
// For the next hour, a refused call is tried again with a time that another
// server has accepted or shown, and an estimate is kept only after 4 refusals.
// After further disagreements, it is kept after 8 or 16.
//
// # Interceptors
//
// smithy-go's interceptors are called at these points:
//
//	BeforeExecution          Input, which may be changed
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
//	  AfterTransmit          Response, whose body is not read yet
//	    (the body is read)
//	  BeforeDeserialization  Response; its body may be replaced, for example by a
//	                         decrypted one, and is then read again
//	    (decoding)
//	  AfterDeserialization   Output, if the attempt succeeded
//	  AfterAttempt           called whatever happened after BeforeAttempt
//	AfterExecution           called whatever happened after BeforeExecution
//
// Request is the request that is sent. A header that is set before the signing
// is signed. If the host of the URL is changed before the signing, the Host
// header changes, too.
//
// Interceptors can change what these fields point to. Setting a field to another
// Input, Request, Response or Output has no effect. If an interceptor replaces a
// response or its body, the client closes both bodies.
//
// If an interceptor returns an error, the step fails. If the step had failed
// already, both errors are in the chain. If the options are invalid, no
// interceptor is called.
//
// # Secrets
//
// No error, log record, span or metric contains a secret key, a session token or
// an auth token. If a peer, an interceptor or a CredentialsProvider repeats a
// secret key or a session token, it is redacted. A secret of fewer than 16 bytes
// is not, since it could be ordinary text. Error codes and request IDs are not
// redacted. If an unknown code repeats a secret, it is replaced by UnknownError,
// and a request ID that repeats one is dropped.
//
// Values that hold secrets print without them in slog, and in fmt with every
// verb that calls a method. (%p and %w call none, and go vet reports them.) fmt
// also calls no method of a value in an unexported field: keep a
// [CredentialsProvider] there rather than [Credentials]. Credentials are also
// redacted in JSON, and json.Unmarshal refuses the redacted form. The outputs
// and the structures of package types marshal to their wire form, with their
// secrets. slog's JSON handler prints that form, too, if they are nested in a
// structure, a slice or a map.
package gamelift
