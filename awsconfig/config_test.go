package awsconfig_test

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/auth/bearer"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// field tests a field of aws.Config.
type field struct {
	set   func(*aws.Config)
	check func(*testing.T, gamelift.Options) // nil if the field has no effect or is refused
	err   string                             // a part of the error if the field is refused, else ""
}

// interceptor fails the call.
type interceptor struct{}

var errIntercepted = errors.New("intercepted")

func (interceptor) BeforeExecution(context.Context, *smithyhttp.InterceptorContext) error {
	return errIntercepted
}

type httpClient struct{ *http.Client }

// sources is an element of aws.Config.ConfigSources.
type sources struct{ fips, dualStack bool }

func (s sources) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if s.fips {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return 0, false, nil
}

func (s sources) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	if s.dualStack {
		return aws.DualStackEndpointStateEnabled, true, nil
	}
	return 0, false, nil
}

// fields has a row for every field of aws.Config.
var fields = map[string]field{
	"Region": {
		set:   func(cfg *aws.Config) { cfg.Region = "eu-west-1" },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, "eu-west-1", o.Region) },
	},
	"Credentials": {
		set: func(cfg *aws.Config) {
			cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIAFIELD"}, nil
			})
		},
		check: func(t *testing.T, o gamelift.Options) {
			keys, err := o.Credentials.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, "AKIAFIELD", keys.AccessKeyID)
		},
	},
	"HTTPClient": {
		set:   func(cfg *aws.Config) { cfg.HTTPClient = httpClient{} },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, httpClient{}, o.HTTPClient) },
	},
	"RetryMaxAttempts": {
		set:   func(cfg *aws.Config) { cfg.RetryMaxAttempts = 7 },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, 7, o.RetryMaxAttempts) },
	},
	"RetryMode": {
		set:   func(cfg *aws.Config) { cfg.RetryMode = aws.RetryModeAdaptive },
		check: func(t *testing.T, o gamelift.Options) { require.IsType(t, (*retry.AdaptiveMode)(nil), o.Retryer) },
	},
	"Retryer": {
		set:   func(cfg *aws.Config) { cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} } },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, aws.NopRetryer{}, o.Retryer) },
	},
	"ConfigSources": {
		set: func(cfg *aws.Config) {
			cfg.ConfigSources = []any{sources{}, sources{fips: true}, sources{dualStack: true}}
		},
		check: func(t *testing.T, o gamelift.Options) {
			require.True(t, o.UseFIPS)
			require.True(t, o.UseDualStack)
		},
	},
	"ServiceOptions": {
		set: func(cfg *aws.Config) {
			cfg.ServiceOptions = []func(string, any){nil, func(id string, options any) {
				options.(*gamelift.Options).AppID = "service " + id
			}}
		},
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, "service GameLift", o.AppID) },
	},
	"Logger": {
		set: func(cfg *aws.Config) { cfg.Logger, cfg.ClientLogMode = logging.Nop{}, aws.LogRetries },
		check: func(t *testing.T, o gamelift.Options) {
			require.True(t, o.Logger.Enabled(t.Context(), slog.LevelDebug))
		},
	},
	"ClientLogMode": { // alone it has nothing to write to
		set:   func(cfg *aws.Config) { cfg.ClientLogMode = aws.LogRetries },
		check: func(t *testing.T, o gamelift.Options) { require.Nil(t, o.Logger) },
	},
	"AppID": {
		set:   func(cfg *aws.Config) { cfg.AppID = "matchmaker" },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, "matchmaker", o.AppID) },
	},
	"BaseEndpoint": {
		set:   func(cfg *aws.Config) { cfg.BaseEndpoint = aws.String("https://example.com") },
		check: func(t *testing.T, o gamelift.Options) { require.Equal(t, "https://example.com", *o.BaseEndpoint) },
	},
	"DisableClockSkewCorrection": {
		set:   func(cfg *aws.Config) { cfg.DisableClockSkewCorrection = true },
		check: func(t *testing.T, o gamelift.Options) { require.True(t, o.DisableClockSkewCorrection) },
	},
	"Interceptors": {
		set: func(cfg *aws.Config) { cfg.Interceptors.AddBeforeExecution(interceptor{}) },
		check: func(t *testing.T, o gamelift.Options) {
			o.Region, o.Credentials = "us-west-2", gamelift.StaticCredentials("a", "b", "")
			require.ErrorIs(t, requestUpload(t.Context(), gamelift.New(o)), errIntercepted)
		},
	},

	"APIOptions": {
		set: func(cfg *aws.Config) {
			cfg.APIOptions = []func(*middleware.Stack) error{func(*middleware.Stack) error { return nil }}
		},
		err: "use Interceptors, or module otelgamelift",
	},
	"EndpointResolver": {
		set: func(cfg *aws.Config) {
			//lint:ignore SA1019 it is refused because it is deprecated
			cfg.EndpointResolver = aws.EndpointResolverFunc(nil)
		},
		err: "aws.Config.EndpointResolver is not supported: use BaseEndpoint",
	},
	"EndpointResolverWithOptions": {
		set: func(cfg *aws.Config) {
			//lint:ignore SA1019 it is refused because it is deprecated
			cfg.EndpointResolverWithOptions = aws.EndpointResolverWithOptionsFunc(nil)
		},
		err: "aws.Config.EndpointResolverWithOptions is not supported: use BaseEndpoint",
	},

	"BearerAuthTokenProvider":     {set: func(cfg *aws.Config) { cfg.BearerAuthTokenProvider = bearer.StaticTokenProvider{} }},
	"DefaultsMode":                {set: func(cfg *aws.Config) { cfg.DefaultsMode = aws.DefaultsModeMobile }},
	"RuntimeEnvironment":          {set: func(cfg *aws.Config) { cfg.RuntimeEnvironment.Region = "eu-west-1" }},
	"DisableRequestCompression":   {set: func(cfg *aws.Config) { cfg.DisableRequestCompression = true }},
	"RequestMinCompressSizeBytes": {set: func(cfg *aws.Config) { cfg.RequestMinCompressSizeBytes = 1 }},
	"AccountIDEndpointMode":       {set: func(cfg *aws.Config) { cfg.AccountIDEndpointMode = aws.AccountIDEndpointModeRequired }},
	"RequestChecksumCalculation":  {set: func(cfg *aws.Config) { cfg.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired }},
	"ResponseChecksumValidation":  {set: func(cfg *aws.Config) { cfg.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired }},
	"AuthSchemePreference":        {set: func(cfg *aws.Config) { cfg.AuthSchemePreference = []string{"httpBearerAuth"} }},
	"RestrictFilePermissions":     {set: func(cfg *aws.Config) { cfg.RestrictFilePermissions = aws.RestrictFilePermissionsUserReadWrite }},
}

// documented returns the table of the package documentation: the use of each field by its name.
func documented(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	_, text, found := strings.Cut(file.Doc.Text(), "# The fields of aws.Config")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n# ")
	rows := map[string]string{}
	for line := range strings.Lines(text) {
		if row, ok := strings.CutPrefix(line, "\t"); ok {
			name, becomes, _ := strings.Cut(strings.TrimSpace(row), " ")
			require.NotContains(t, rows, name)
			rows[name] = strings.TrimSpace(becomes)
		}
	}
	return rows
}

func TestEveryFieldOfTheConfigIsDocumented(t *testing.T) {
	t.Parallel()
	var names []string
	for f := range reflect.TypeFor[aws.Config]().Fields() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	rows := documented(t)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(rows))); diff != "" {
		t.Errorf("fields in the table of doc.go (-aws.Config +doc.go):\n%s", diff)
	}
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(fields))); diff != "" {
		t.Errorf("fields that the tests know (-aws.Config +tests):\n%s", diff)
	}
	for name, becomes := range rows {
		f := fields[name]
		require.Equal(t, f.err != "", strings.HasPrefix(becomes, "refused: "), "%s: %s", name, becomes)
		require.Equal(t, f.err == "" && f.check == nil, strings.HasPrefix(becomes, "-  "), "%s: %s", name, becomes)
	}
}

func TestNewFromConfigUsesEveryField(t *testing.T) {
	t.Parallel()
	for name, f := range fields {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cfg, plain aws.Config
			f.set(&cfg)
			value := reflect.ValueOf(cfg).FieldByName(name)
			require.False(t, value.IsZero(), "the test does not set it")

			client, err := awsconfig.NewFromConfig(cfg)
			switch {
			case f.err != "":
				require.ErrorContains(t, err, f.err)
				require.ErrorContains(t, err, "aws.Config."+name)
				reflect.ValueOf(&cfg).Elem().FieldByName(name).SetZero()
				_, err = awsconfig.NewFromConfig(cfg)
				require.NoError(t, err)
			case f.check != nil:
				require.NoError(t, err)
				f.check(t, client.Options())
			default:
				require.NoError(t, err)
				unset, err := awsconfig.NewFromConfig(plain)
				require.NoError(t, err)
				require.Equal(t, fmt.Sprint(unset.Options()), fmt.Sprint(client.Options()))
			}
		})
	}
}

func TestNewFromConfigReportsAllThatItRefuses(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{RetryMode: "eager"}
	for _, name := range []string{"APIOptions", "EndpointResolver", "EndpointResolverWithOptions"} {
		fields[name].set(&cfg)
	}
	_, err := awsconfig.NewFromConfig(cfg)
	for _, want := range []string{"APIOptions", "EndpointResolver ", "EndpointResolverWithOptions", `RetryMode is "eager": want "standard" or "adaptive"`} {
		require.ErrorContains(t, err, want)
	}
}

func TestNewFromConfigCallsTheRetryerOncePerClient(t *testing.T) {
	t.Parallel()
	calls := 0
	server := gamelifttest.NewUnstartedServer()
	cfg := serverConfig(server)
	cfg.Retryer = func() aws.Retryer { calls++; return retry.NewStandard() }
	cfg.RetryMode = "ignored, since there is a Retryer"
	client, err := awsconfig.NewFromConfig(cfg)
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, requestUpload(t.Context(), client))
		_ = client.Options()
	}
	require.Equal(t, 1, calls)
	_, err = awsconfig.NewFromConfig(cfg)
	require.NoError(t, err)
	require.Equal(t, 2, calls)
}

// As with the SDK's clients, RetryMode decides if the function returns no retryer.
func TestNewFromConfigWithoutARetryerFromTheFunction(t *testing.T) {
	t.Parallel()
	for _, none := range []aws.Retryer{nil, (*retry.Standard)(nil)} {
		cfg := aws.Config{RetryMode: aws.RetryModeAdaptive, Retryer: func() aws.Retryer { return none }}
		client, err := awsconfig.NewFromConfig(cfg)
		require.NoError(t, err)
		require.IsType(t, (*retry.AdaptiveMode)(nil), client.Options().Retryer)
	}
}

func TestNewFromConfigIgnoresALoggerThatIsNil(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	for _, logger := range []logging.Logger{nil, (*logging.StandardLogger)(nil), logging.LoggerFunc(nil)} {
		cfg := serverConfig(server)
		cfg.Logger, cfg.ClientLogMode = logger, aws.LogRetries
		client, err := awsconfig.NewFromConfig(cfg)
		require.NoError(t, err)
		require.Nil(t, client.Options().Logger)
		require.NoError(t, requestUpload(t.Context(), client))
	}
}

func TestNewFromConfigDefaults(t *testing.T) {
	t.Parallel()
	client, err := awsconfig.NewFromConfig(aws.Config{RetryMode: aws.RetryModeStandard})
	require.NoError(t, err)
	got, want := client.Options(), gamelift.New(gamelift.Options{}).Options()
	require.Nil(t, got.Credentials)
	require.Nil(t, got.Logger)
	require.IsType(t, want.Retryer, got.Retryer)
	require.IsType(t, want.HTTPClient, got.HTTPClient)
	require.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
	require.ErrorContains(t, requestUpload(t.Context(), client), "Options.Credentials is nil")
}

func TestNewFromConfigAppliesOptionsLast(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{AppID: "of the config", ServiceOptions: []func(string, any){
		func(_ string, o any) { o.(*gamelift.Options).AppID += ", of the service" },
	}}
	client, err := awsconfig.NewFromConfig(cfg, nil, func(o *gamelift.Options) { o.AppID += ", of the call" })
	require.NoError(t, err)
	require.Equal(t, "of the config, of the service, of the call", client.Options().AppID)
}

func TestNewFromConfigDoesNotShareTheInterceptors(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	cfg := serverConfig(server)
	client, err := awsconfig.NewFromConfig(cfg, func(o *gamelift.Options) { o.Interceptors.AddBeforeExecution(interceptor{}) })
	require.NoError(t, err)
	require.ErrorIs(t, requestUpload(t.Context(), client), errIntercepted)
	require.Empty(t, cfg.Interceptors.BeforeExecution)
}

// serverConfig is a Config for clients that call server.
func serverConfig(server *gamelifttest.Server) aws.Config {
	o := server.ClientOptions()
	return aws.Config{
		Region:       o.Region,
		BaseEndpoint: o.BaseEndpoint,
		HTTPClient:   o.HTTPClient,
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			keys, err := o.Credentials.Retrieve(ctx)
			return aws.Credentials(keys), err
		}),
	}
}
