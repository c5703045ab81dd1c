package clienttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

// printed is a value in every form that fmt, slog and a panic give it, by
// itself and nested in structures of a caller. %p is not among them: fmt calls
// no method for it, and go vet refuses it for what is no pointer.
func printed(t *testing.T, v any) string {
	t.Helper()
	type nested struct {
		Value   any
		Pointer *any
	}
	var b strings.Builder
	for _, v := range []any{v, nested{v, &v}, &nested{v, &v}, []any{v}, map[string]any{"k": v}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%e", "%10.3v", "%!"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
		fmt.Fprintln(&b, v)
		func() {
			defer func() { fmt.Fprintln(&b, recover()) }()
			panic(v)
		}()
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		logger := slog.New(handler)
		logger.Info("value", "v", v)
		logger.Info("group", slog.Group("g", slog.Any("v", v)))
		logger.With("v", v).Info("with")
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("nested", "v", nested{v, nil}, "p", &nested{v, &v})
	return b.String()
}

func TestValuesPrintNoSecret(t *testing.T) {
	credentials := gamelift.Credentials{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey, SessionToken: SessionToken, CanExpire: true, Expires: time.Now()}
	aws := types.AwsCredentials{AccessKeyId: new(AccessKeyID), SecretAccessKey: new(SecretAccessKey), SessionToken: new(SessionToken)}
	token := gamelift.GetComputeAuthTokenOutput{AuthToken: new(AuthToken), FleetId: new("fleet-1"), ExpirationTimestamp: new(time.Now())}
	access := gamelift.GetComputeAccessOutput{Credentials: &aws, ContainerIdentifiers: make([]types.ContainerIdentifier, 1)}
	upload := gamelift.RequestUploadCredentialsOutput{UploadCredentials: &aws, StorageLocation: &types.S3Location{Bucket: new("b")}}
	static := Credentials()
	cache := gamelift.CacheCredentials(static)
	_, err := cache.Retrieve(t.Context())
	require.NoError(t, err)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", SessionToken)
	options := gamelift.Options{Region: "us-west-2", Credentials: static, BaseEndpoint: new("http://user:" + SecretAccessKey + "@host")}
	client := gamelift.New(gamelift.Options{Region: "us-west-2", Credentials: cache})

	for name, v := range map[string]any{
		"Credentials": credentials, "*Credentials": &credentials, "AwsCredentials": aws, "*AwsCredentials": &aws,
		"GetComputeAuthTokenOutput": token, "*GetComputeAuthTokenOutput": &token,
		"GetComputeAccessOutput": access, "*GetComputeAccessOutput": &access,
		"RequestUploadCredentialsOutput": upload, "*RequestUploadCredentialsOutput": &upload,
		"static": static, "environment": gamelift.EnvironmentCredentials(), "cache": cache, "cache of a cache": gamelift.CacheCredentials(cache),
		"Options": options, "*Options": &options, "Client": client, "Client's options": client.Options(),
		"nil": (*gamelift.GetComputeAuthTokenOutput)(nil), "zero": gamelift.Credentials{}, "zero output": gamelift.GetComputeAccessOutput{},
	} {
		t.Run(name, func(t *testing.T) { RequireNoSecret(t, printed(t, v)) })
	}

	// What is no secret is there for people to see.
	require.Contains(t, fmt.Sprint(credentials), AccessKeyID)
	require.Contains(t, fmt.Sprint(credentials), "REDACTED")
	require.Contains(t, fmt.Sprint(token), "fleet-1")
	require.Contains(t, fmt.Sprintf("%+v", &upload), `Bucket:"b"`)
	require.Contains(t, fmt.Sprint(client), "us-west-2")
}

// echo is a peer that repeats the secrets of a request wherever it can.
var echoes = map[string]func(w http.ResponseWriter, secrets string){
	"message": func(w http.ResponseWriter, secrets string) {
		w.WriteHeader(403)
		fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":"your keys: %s"}`, secrets)
	},
	"message of a typed exception": func(w http.ResponseWriter, secrets string) {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"__type":"NotFoundException","Message":"%s"}`, secrets)
	},
	"code": func(w http.ResponseWriter, secrets string) {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"__type":"%s"}`, secrets)
	},
	"headers": func(w http.ResponseWriter, secrets string) {
		w.Header().Set("X-Amzn-Errortype", secrets)
		w.Header().Set("X-Amzn-Requestid", secrets)
		w.Header().Set("Date", secrets)
		w.WriteHeader(500)
	},
	"HTML": func(w http.ResponseWriter, secrets string) {
		w.WriteHeader(502)
		fmt.Fprintf(w, "<html>%s</html>", secrets)
	},
	"members of the wrong type": func(w http.ResponseWriter, secrets string) {
		fmt.Fprintf(w, `{"AuthToken":{"%s":1},"FleetId":["%s"]}`, secrets, secrets)
	},
	"truncated output": func(w http.ResponseWriter, secrets string) { fmt.Fprintf(w, `{"AuthToken":"%s`, secrets) },
	"member name":      func(w http.ResponseWriter, secrets string) { fmt.Fprintf(w, `{"%s":tru}`, secrets) },
	"trailing garbage": func(w http.ResponseWriter, secrets string) { fmt.Fprintf(w, `{} %s`, secrets) },
	"redirect": func(w http.ResponseWriter, secrets string) {
		w.Header().Set("Location", "http://127.0.0.1:1/?"+secrets)
		w.WriteHeader(307)
	},
	"malformed status line": raw("HTTP/1.1 %s\r\n\r\n"),
	"malformed header":      raw("HTTP/1.1 200 OK\r\n%s\r\n\r\n"),
	"malformed length":      raw("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n"),
	"malformed chunk":       raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n"),
	"malformed encoding":    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n"),
}

func raw(format string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, secrets string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, fmt.Sprintf(format, secrets))
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}
}

// What a peer repeats of our secrets is in no error, at none of its layers, and
// in no log record, span or metric.
func TestEchoedSecrets(t *testing.T) {
	t.Parallel()
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, op := range Operations {
				var mu sync.Mutex
				var log bytes.Buffer
				tracer, meter := &Spans{}, NewMeter()
				options := Serve(t, func(w http.ResponseWriter, r *http.Request) {
					echo(w, SecretAccessKey+" "+r.Header.Get("X-Amz-Security-Token"))
				})
				options.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				options.TracerProvider, options.MeterProvider = tracer, meter
				options.Retryer = onceMore{gamelift.NewRetryer(func(o *gamelift.RetryerOptions) { o.MaxAttempts, o.MaxBackoff = 2, 0 })}
				_, md, err := op.Call(t, gamelift.New(options))
				RequireNoSecret(t, gamelift.RequestID(md))
				if err == nil {
					require.Equal(t, "members of the wrong type", name, "members that an operation does not know")
					continue
				}
				mu.Lock()
				defer mu.Unlock()
				for layer := range Layers(err) {
					RequireNoSecret(t, printed(t, layer))
				}
				var httpResponse *smithyhttp.ResponseError
				if errors.As(err, &httpResponse) {
					RequireNoSecret(t, fmt.Sprint(httpResponse.Response.Request.Header))
				}
				require.NotEmpty(t, log.String())
				RequireNoSecret(t, log.String())
				for _, span := range tracer.All {
					RequireNoSecret(t, fmt.Sprintf("%s %v", span.Name(), span.Properties))
				}
				RequireNoSecret(t, fmt.Sprint(meter.Records))
			}
		})
	}
}

// onceMore retries everything once, without a delay.
type onceMore struct{ gamelift.Retryer }

func (onceMore) IsErrorRetryable(error) bool { return true }

// An error of a caller's HTTPClient can quote what it was given.
func TestEchoedSecretsOfAnHTTPClient(t *testing.T) {
	t.Parallel()
	options := Answering(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %v", r.Header)
	})
	_, err := gamelift.New(options, OneAttempt).GetComputeAuthToken(t.Context(), AuthTokenInput())
	for layer := range Layers(err) {
		RequireNoSecret(t, printed(t, layer))
	}
	var send *smithyhttp.RequestSendError
	require.ErrorAs(t, err, &send)
}

// An error of a caller's provider can quote the keys that it comes with.
func TestEchoedSecretsOfAProvider(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	provider := gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		keys := gamelift.Credentials{AccessKeyID: "AKID", SecretAccessKey: SecretAccessKey, SessionToken: SessionToken}
		return keys, fmt.Errorf("no role for %s and %s", keys.SecretAccessKey, keys.SessionToken)
	})
	cache := gamelift.CacheCredentials(provider, func(o *gamelift.CredentialsCacheOptions) {
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	for _, p := range []gamelift.CredentialsProvider{provider, cache} {
		options := Answers().Options()
		options.Credentials = p
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
		require.ErrorContains(t, err, "no role for REDACTED")
		for layer := range Layers(err) {
			RequireNoSecret(t, printed(t, layer))
		}
	}
	require.Contains(t, log.String(), "no role for REDACTED")
	RequireNoSecret(t, log.String())
}

// An error of a caller's interceptor can quote the request, too.
func TestEchoedSecretsOfAnInterceptor(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for name, add := range map[string]func(*smithyhttp.InterceptorRegistry, quoting){
		"AfterSigning":         func(r *smithyhttp.InterceptorRegistry, q quoting) { r.AddAfterSigning(q) },
		"AfterDeserialization": func(r *smithyhttp.InterceptorRegistry, q quoting) { r.AddAfterDeserialization(q) },
		"AfterExecution":       func(r *smithyhttp.InterceptorRegistry, q quoting) { r.AddAfterExecution(q) },
	} {
		for _, quotes := range []bool{true, false} {
			var log bytes.Buffer
			tracer := &Spans{}
			options := Answers(Status(400, `{"__type":"NotFoundException"}`)).Options()
			options.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			options.TracerProvider = tracer
			add(&options.Interceptors, func(in *smithyhttp.InterceptorContext) error {
				if !quotes {
					return cause
				}
				return fmt.Errorf("%w: unexpected %v", cause, in.Request.Header)
			})
			_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
			require.Equal(t, !quotes, errors.Is(err, cause), "%s: %v", name, err)
			for layer := range Layers(err) {
				RequireNoSecret(t, printed(t, layer))
			}
			RequireNoSecret(t, log.String())
			for _, span := range tracer.All {
				RequireNoSecret(t, fmt.Sprint(span.Properties))
			}
			if name != "AfterSigning" {
				var notFound *types.NotFoundException
				require.ErrorAs(t, err, &notFound)
			}
		}
	}
}

// quoting is an interceptor.
type quoting func(*smithyhttp.InterceptorContext) error

func (q quoting) AfterSigning(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return q(in)
}
func (q quoting) AfterDeserialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return q(in)
}
func (q quoting) AfterExecution(_ context.Context, in *smithyhttp.InterceptorContext) error {
	return q(in)
}

// The member that a malformed output breaks at is named, unless a peer names it
// after a secret.
func TestSecretsAsMemberNames(t *testing.T) {
	t.Parallel()
	const secret = "secretOfLetters1"
	s := Answers(Status(200, `{"`+secret+`":tru}`))
	options := s.Options()
	options.Credentials = gamelift.StaticCredentials("a", secret, "")
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
	require.ErrorContains(t, err, "REDACTED")
	for layer := range Layers(err) {
		require.NotContains(t, printed(t, layer), secret)
	}
}

// Keys that are no good are not repeated either.
func TestInvalidKeysAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, keys := range [][3]string{{"", SecretAccessKey, SessionToken}, {"a", SecretAccessKey, SessionToken + "\n"}, {"a\x00", SecretAccessKey, ""}} {
		options := Answering(func(*http.Request) (*http.Response, error) { return nil, context.Canceled })
		options.Credentials = gamelift.StaticCredentials(keys[0], keys[1], keys[2])
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
		RequireNoSecret(t, printed(t, err))
	}
}

func TestEchoedSecretsInABrokenBody(t *testing.T) {
	t.Parallel()
	resp := Response(200, "")
	resp.Body = io.NopCloser(brokenReader{fmt.Errorf("malformed chunk %q", SessionToken)})
	_, err := gamelift.New(Answering(func(*http.Request) (*http.Response, error) { return resp, nil }), OneAttempt).GetComputeAuthToken(t.Context(), AuthTokenInput())
	for layer := range Layers(err) {
		RequireNoSecret(t, printed(t, layer))
	}
	var re *apierrors.ResponseError
	require.ErrorAs(t, err, &re)
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

// A secret that is a part of another does not leave the rest of it.
func TestSecretWithinASecret(t *testing.T) {
	t.Parallel()
	options := Answers(Status(400, `{"__type":"X","message":"you sent AAA0123456789inner0BBB and 0123456789inner0"}`)).Options()
	options.Credentials = gamelift.StaticCredentials("id", "0123456789inner0", "AAA0123456789inner0BBB")
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
	require.ErrorContains(t, err, "you sent REDACTED and REDACTED")
}

// A peer may repeat what an attempt before was signed with.
func TestSecretsOfEarlierAttempts(t *testing.T) {
	t.Parallel()
	first := ""
	options := Answering(func(r *http.Request) (*http.Response, error) {
		if first == "" {
			first = r.Header.Get("X-Amz-Security-Token")
			return Response(403, `{"__type":"ExpiredTokenException"}`), nil
		}
		return Response(403, `{"__type":"AccessDeniedException","message":"before, you sent `+first+`"}`), nil
	})
	calls := 0
	options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		calls++
		return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "b1234", SessionToken: fmt.Sprint("session-token-no-", calls)}, nil
	})
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), AuthTokenInput())
	require.ErrorContains(t, err, "before, you sent REDACTED")
}
