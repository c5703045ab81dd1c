// Package otelgamelift brings the spans and metrics of package gamelift to
// OpenTelemetry, as otelconnect does for connect and otelaws for the AWS SDK:
//
//	client := gamelift.New(options, func(o *gamelift.Options) {
//		o.TracerProvider = otelgamelift.TracerProvider(nil) // nil: the global one
//		o.MeterProvider = otelgamelift.MeterProvider(nil)
//	})
//
// The package is in a separate module, so that package gamelift does not depend
// on OpenTelemetry. It adapts both with the modules of smithy-go that serve the
// AWS SDK, so that the client's spans and those of the SDK's clients nest.
//
// # Spans
//
// A call with two retries makes this tree, in the order of time:
//
//	GameLift.RequestUploadCredentials
//	  ResolveEndpoint
//	  OperationSerializer
//	  Attempt 1
//	    GetIdentity
//	    SignRequest
//	    DoHTTPRequest
//	    OperationDeserializer
//	  Attempt 2
//	    GetIdentity
//	    SignRequest
//	    DoHTTPRequest
//	    OperationDeserializer
//	  Attempt 3
//	    GetIdentity
//	    SignRequest
//	    DoHTTPRequest
//	    OperationDeserializer
//
// The number of an attempt is its attribute operation.attempt, and is not a
// part of its name. The span of the call has kind client, all others have kind
// internal. The status of a call and of an attempt is Ok or Error, and that of
// their steps is unset. Waits between attempts have no span.
//
// The spans that a credentials provider makes are below GetIdentity, and those of
// an instrumented HTTPClient below DoHTTPRequest. If the service refuses the
// keys, they are renewed between two attempts, and the spans of the provider are
// then directly below the call. A call with invalid options has no spans and is
// not measured.
//
//	span                   covers
//	GameLift.<operation>   a call, with all its attempts
//	ResolveEndpoint        the choice of the endpoint, without DNS
//	OperationSerializer    the encoding of the input, once for all attempts
//	Attempt                one attempt
//	GetIdentity            the credentials provider's Retrieve
//	SignRequest            the signature
//	DoHTTPRequest          from the request to the headers of the response
//	OperationDeserializer  the decoding of the response
//
// # Attributes
//
// The attributes of spans, on a call (C), an attempt (A) or both:
//
//	attribute                  on  value
//	rpc.system                 C   "aws-api"
//	rpc.service                C   "GameLift"
//	rpc.method                 C   the operation, such as "GetComputeAccess"
//	server.address             CA  the host name of the endpoint
//	operation.attempt          A   the number of the attempt, from 1
//	aws.request_id             CA  the service's name for the request, if there was a response that has it
//	http.response.status_code  CA  the status of the response, if there was one
//	error                      CA  whether it failed
//	error.type                 CA  the service's error code, or else the Go type of the last attempt's error, if it failed
//	exception.type             CA  the Go type of the error, if it failed
//	exception.message          CA  the text of the error, if it failed
//	api.error_code             CA  the service's error code, if it answered with one
//	api.error_message          CA  the service's error message, if it answered with one
//	api.error_fault            CA  "client", "server" or "unknown", if it answered with an error code
//
// A call has the request ID and the status of its last response. If it ends
// because its context is done, and the last attempt got no error code, its
// error.type is "*smithy.CanceledError".
//
// # Metrics
//
// The instruments. All measurements have the attributes rpc.service and
// rpc.method, and those of client.call.errors also have exception.type.
//
//	instrument                                  kind       unit       measures
//	client.call.duration                        histogram  s          time of a call with all its attempts
//	client.call.attempts                        counter    {attempt}  attempts made
//	client.call.errors                          counter    {error}    attempts failed
//	client.call.attempt_duration                histogram  s          time of one attempt
//	client.call.serialization_duration          histogram  s          time to encode the input
//	client.call.resolve_endpoint_duration       histogram  s          time to resolve the endpoint, not its DNS name
//	client.call.auth.resolve_identity_duration  histogram  s          time to retrieve the credentials
//	client.call.auth.signing_duration           histogram  s          time to sign the request
//	client.http.do_request_duration             histogram  s          time from sending the request to the response's headers
//	client.call.deserialization_duration        histogram  s          time to decode the response's body
//
// Histograms have the bucket boundaries of OpenTelemetry's
// http.client.request.duration: 5 milliseconds to 10 seconds. A View of the
// MeterProvider can choose others.
//
// No span and no metric holds a secret key, a session token or an auth token.
package otelgamelift
