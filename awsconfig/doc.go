// Package awsconfig connects package gamelift with aws-sdk-go-v2. [Load] and
// [NewFromConfig] make a client from the SDK's configuration, with its whole
// chain of credentials: environment, profiles, SSO, logins, web identity, roles,
// processes, containers and instances. [ComputeAccess] and [UploadCredentials]
// provide the SDK with the credentials that Amazon GameLift Servers hands out.
//
// The package is in a separate module, so that package gamelift does not depend
// on the SDK.
//
// # The fields of aws.Config
//
// [NewFromConfig] uses each field of aws.Config as this table says. "-" means
// that the field has no effect on the client.
//
//	Region                       Options.Region
//	Credentials                  Options.Credentials, through function Credentials
//	BearerAuthTokenProvider      -  requests are signed
//	HTTPClient                   Options.HTTPClient; nil: the client's own; one of the SDK (BuildableClient) gets HTTP/2 pings
//	EndpointResolver             refused: use BaseEndpoint
//	EndpointResolverWithOptions  refused: use BaseEndpoint
//	RetryMaxAttempts             Options.RetryMaxAttempts
//	RetryMode                    Options.Retryer, if there is no Retryer: the SDK's for adaptive, the client's own for standard
//	Retryer                      Options.Retryer; it is called once per client
//	ConfigSources                Options.UseFIPS, UseDualStack and BaseEndpoint
//	APIOptions                   refused: use Interceptors, or module otelgamelift for tracing and metrics
//	Logger                       Options.Logger, if ClientLogMode is not 0
//	ClientLogMode                0: Logger is not used; any bit: Logger gets every record of the client
//	DefaultsMode                 -  the timeouts are those of HTTPClient and of Options.AttemptTimeout
//	RuntimeEnvironment           -  it is a part of DefaultsMode
//	AppID                        Options.AppID
//	BaseEndpoint                 Options.BaseEndpoint, unless ConfigSources have one for the service
//	DisableRequestCompression    -  the service does not compress
//	RequestMinCompressSizeBytes  -  the service does not compress
//	DisableClockSkewCorrection   Options.DisableClockSkewCorrection
//	AccountIDEndpointMode        -  the service's endpoints have no account ID
//	RequestChecksumCalculation   -  the service takes no checksums
//	ResponseChecksumValidation   -  the service sends no checksums
//	Interceptors                 Options.Interceptors
//	AuthSchemePreference         -  the service has one scheme, Signature Version 4
//	ServiceOptions               called with gamelift.ServiceID and the *gamelift.Options
//	RestrictFilePermissions      -  the client writes no files
//
// [NewFromConfig] returns an error if a field that is refused is not nil.
//
// # Endpoints
//
// The endpoint is the first of these that is set, as in the SDK's own clients:
//
//   - config.WithBaseEndpoint
//   - AWS_ENDPOINT_URL_GAMELIFT
//   - AWS_ENDPOINT_URL
//   - endpoint_url of gamelift in the services section that the profile names
//   - endpoint_url of the profile
//   - the endpoint of the region, with FIPS and dual-stack as
//     AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT and the profile's
//     use_fips_endpoint and use_dualstack_endpoint say
//
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS and the profile's
// ignore_configured_endpoint_urls disable all but the last. If a program sets
// the BaseEndpoint of a Config that is already loaded, that replaces
// AWS_ENDPOINT_URL and the endpoint_url of the profile.
//
// # Credentials
//
// config.LoadDefaultConfig keeps the credentials in an aws.CredentialsCache,
// and no other cache is needed. When the service refuses the keys, for example
// with ExpiredTokenException, the client invalidates that cache and tries again
// with new keys.
//
// The records that the client writes to Logger have no secrets. If ClientLogMode
// has bits for requests, responses or signatures, the SDK's own clients for STS,
// SSO and instances write tokens and keys there.
package awsconfig
