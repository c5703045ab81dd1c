package gamelift_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"reflect"
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

const testAuthToken = "canary-auth-token"

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

func requireNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testSecretKey, testSessionToken, testAuthToken} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprint([]byte(secret))} {
			if i := strings.Index(text, form); i >= 0 {
				t.Fatalf("a secret is printed: …%s", text[max(0, i-200):min(len(text), i+40)])
			}
		}
	}
}

func TestValuesPrintNoSecret(t *testing.T) {
	credentials := gamelift.Credentials{AccessKeyID: testAccessKeyID, SecretAccessKey: testSecretKey, SessionToken: testSessionToken, CanExpire: true, Expires: time.Now()}
	aws := types.AwsCredentials{AccessKeyId: ptr(testAccessKeyID), SecretAccessKey: ptr(testSecretKey), SessionToken: ptr(testSessionToken)}
	token := gamelift.GetComputeAuthTokenOutput{AuthToken: ptr(testAuthToken), FleetId: ptr("fleet-1"), ExpirationTimestamp: ptr(time.Now())}
	access := gamelift.GetComputeAccessOutput{Credentials: &aws, ContainerIdentifiers: make([]types.ContainerIdentifier, 1)}
	upload := gamelift.RequestUploadCredentialsOutput{UploadCredentials: &aws, StorageLocation: &types.S3Location{Bucket: ptr("b")}}
	static := testCredentials()
	cache := gamelift.CacheCredentials(static)
	_, err := cache.Retrieve(t.Context())
	require.NoError(t, err)
	setenv(t, map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": testSecretKey, "AWS_SESSION_TOKEN": testSessionToken})
	options := gamelift.Options{Region: "us-west-2", Credentials: static, BaseEndpoint: ptr("http://user:" + testSecretKey + "@host")}
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
		t.Run(name, func(t *testing.T) { requireNoSecret(t, printed(t, v)) })
	}

	// What is no secret is there for people to see.
	require.Contains(t, fmt.Sprint(credentials), testAccessKeyID)
	require.Contains(t, fmt.Sprint(credentials), "REDACTED")
	require.Contains(t, fmt.Sprint(token), "fleet-1")
	require.Contains(t, fmt.Sprintf("%+v", &upload), `Bucket:"b"`)
	require.Contains(t, fmt.Sprint(client), "us-west-2")
}

func TestCredentialsRedactInJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: testSecretKey, SessionToken: testSessionToken})
	require.NoError(t, err)
	require.JSONEq(t, `{"AccessKeyID":"a","SecretAccessKey":"REDACTED","SessionToken":"REDACTED","Source":"","CanExpire":false,"Expires":"0001-01-01T00:00:00Z","AccountID":""}`, string(got))
	got, err = json.Marshal(map[string]any{"c": &gamelift.Credentials{}})
	require.NoError(t, err)
	require.NotContains(t, string(got), "REDACTED", "what is absent is not shown as present")
}

// The wire structures marshal to their wire form, because that is what it is
// for, and read it back.
func TestOutputsMarshalToTheirWireForm(t *testing.T) {
	t.Parallel()
	aws := &types.AwsCredentials{AccessKeyId: ptr("a"), SecretAccessKey: ptr("s")}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{gamelift.GetComputeAuthTokenOutput{}, `{}`},
		{gamelift.GetComputeAuthTokenOutput{
			AuthToken: ptr("t"), ComputeArn: ptr("ca"), ComputeName: ptr("c"), FleetArn: ptr("fa"), FleetId: ptr("f"),
			ExpirationTimestamp: ptr(time.UnixMilli(1763632800123).UTC()),
		}, `{"AuthToken":"t","ComputeArn":"ca","ComputeName":"c","FleetArn":"fa","FleetId":"f","ExpirationTimestamp":1763632800.123}`},
		{gamelift.GetComputeAuthTokenOutput{ExpirationTimestamp: ptr(time.Unix(1763632800, 0).UTC())}, `{"ExpirationTimestamp":1763632800}`},
		{gamelift.GetComputeAccessOutput{
			ComputeArn: ptr("ca"), Credentials: aws, ContainerIdentifiers: []types.ContainerIdentifier{{ContainerName: ptr("n")}}, Target: ptr("i-1"),
		}, `{"ComputeArn":"ca","Credentials":{"AccessKeyId":"a","SecretAccessKey":"s"},"ContainerIdentifiers":[{"ContainerName":"n"}],"Target":"i-1"}`},
		{gamelift.RequestUploadCredentialsOutput{StorageLocation: &types.S3Location{Bucket: ptr("b"), Key: ptr("k")}, UploadCredentials: aws},
			`{"StorageLocation":{"Bucket":"b","Key":"k"},"UploadCredentials":{"AccessKeyId":"a","SecretAccessKey":"s"}}`},
		{*authTokenInput(), `{"ComputeName":"compute-1","FleetId":"fleet-1"}`},
		{gamelift.GetComputeAccessInput{}, `{}`},
		{gamelift.RequestUploadCredentialsInput{BuildId: ptr("b")}, `{"BuildId":"b"}`},
	} {
		got, err := json.Marshal(tt.value)
		require.NoError(t, err)
		require.JSONEq(t, tt.want, string(got))
		back := reflect.New(reflect.TypeOf(tt.value))
		require.NoError(t, json.Unmarshal(got, back.Interface()))
		diff(t, tt.value, back.Elem().Interface(), ignoreMetadata)
	}
	var out gamelift.GetComputeAuthTokenOutput
	require.ErrorContains(t, json.Unmarshal([]byte(`{"AuthToken":1}`), &out), "AuthToken")
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
			for _, op := range operations {
				var mu sync.Mutex
				var log bytes.Buffer
				tracer, meter := &spans{}, newMeter()
				options := serve(t, func(w http.ResponseWriter, r *http.Request) {
					echo(w, testSecretKey+" "+r.Header.Get("X-Amz-Security-Token"))
				})
				options.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				options.TracerProvider, options.MeterProvider = tracer, meter
				options.Retryer = &limitedRetryer{spyRetryer{retries: true}}
				_, md, err := op.call(t, gamelift.New(options))
				requireNoSecret(t, gamelift.RequestID(md))
				if err == nil {
					require.Equal(t, "members of the wrong type", name, "members that an operation does not know")
					continue
				}
				mu.Lock()
				defer mu.Unlock()
				for layer := range layers(err) {
					requireNoSecret(t, printed(t, layer))
				}
				var httpResponse *smithyhttp.ResponseError
				if errors.As(err, &httpResponse) {
					requireNoSecret(t, fmt.Sprint(httpResponse.Response.Request.Header))
				}
				require.NotEmpty(t, log.String())
				requireNoSecret(t, log.String())
				for _, span := range tracer.all {
					requireNoSecret(t, fmt.Sprintf("%s %v", span.name, span.properties))
				}
				requireNoSecret(t, fmt.Sprint(meter.records))
			}
		})
	}
}

// limitedRetryer retries everything once.
type limitedRetryer struct{ spyRetryer }

func (*limitedRetryer) MaxAttempts() int { return 2 }

// layers yields an error and all that it wraps.
func layers(err error) func(func(error) bool) {
	return func(yield func(error) bool) {
		for pending := []error{err}; len(pending) > 0; {
			err, pending = pending[0], pending[1:]
			if err == nil {
				continue
			}
			if !yield(err) {
				return
			}
			pending = append(pending, errors.Unwrap(err))
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				pending = append(pending, joined.Unwrap()...)
			}
		}
	}
}

// An error of a caller's HTTPClient can quote what it was given.
func TestEchoedSecretsOfAnHTTPClient(t *testing.T) {
	t.Parallel()
	options := answering(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %v", r.Header)
	})
	_, err := gamelift.New(options, oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	for layer := range layers(err) {
		requireNoSecret(t, printed(t, layer))
	}
	var send *smithyhttp.RequestSendError
	require.ErrorAs(t, err, &send)
}

// The member that a malformed output breaks at is named, unless a peer names it
// after a secret.
func TestSecretsAsMemberNames(t *testing.T) {
	t.Parallel()
	const secret = "secretOfLetters1"
	s := answers(status(200, `{"`+secret+`":tru}`))
	options := s.options()
	options.Credentials = gamelift.StaticCredentials("a", secret, "")
	_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
	require.ErrorContains(t, err, "REDACTED")
	for layer := range layers(err) {
		require.NotContains(t, printed(t, layer), secret)
	}
}

// Keys that are no good are not repeated either.
func TestInvalidKeysAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, keys := range [][3]string{{"", testSecretKey, testSessionToken}, {"a", testSecretKey, testSessionToken + "\n"}, {"a\x00", testSecretKey, ""}} {
		options := answering(func(*http.Request) (*http.Response, error) { return nil, context.Canceled })
		options.Credentials = gamelift.StaticCredentials(keys[0], keys[1], keys[2])
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput())
		requireNoSecret(t, printed(t, err))
	}
}

func TestEchoedSecretsInABrokenBody(t *testing.T) {
	t.Parallel()
	resp := response(200, "")
	resp.Body = io.NopCloser(brokenReader{fmt.Errorf("malformed chunk %q", testSessionToken)})
	_, err := gamelift.New(answering(func(*http.Request) (*http.Response, error) { return resp, nil }), oneAttempt).GetComputeAuthToken(t.Context(), authTokenInput())
	for layer := range layers(err) {
		requireNoSecret(t, printed(t, layer))
	}
	var re *apierrors.ResponseError
	require.ErrorAs(t, err, &re)
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

func TestRequestOfAnErrorsResponse(t *testing.T) {
	t.Parallel()
	for _, session := range []string{"", testSessionToken} {
		options := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) })
		options.Credentials = gamelift.StaticCredentials("a", "s", session)
		var sent http.Header
		_, err := gamelift.New(options).GetComputeAuthToken(t.Context(), authTokenInput(), at("AfterAttempt", func(in *smithyhttp.InterceptorContext) error { sent = in.Request.Header; return nil }))
		var re *apierrors.ResponseError
		require.ErrorAs(t, err, &re)
		shown := re.Response.Request.Header
		require.Equal(t, []string{"REDACTED"}, shown["Authorization"])
		if session == "" {
			require.NotContains(t, shown, "X-Amz-Security-Token")
		}
		require.Contains(t, sent.Get("Authorization"), "AWS4-HMAC-SHA256", "an interceptor sees what was sent")
		require.Equal(t, session, sent.Get("X-Amz-Security-Token"))
	}
}

func TestPrintedOutput(t *testing.T) {
	t.Parallel()
	require.Equal(t, `GetComputeAccessOutput{ComputeName:"c" Credentials:{AccessKeyId:"a" SecretAccessKey:"REDACTED"}}`,
		fmt.Sprint(gamelift.GetComputeAccessOutput{ComputeName: ptr("c"), Credentials: &types.AwsCredentials{AccessKeyId: ptr("a"), SecretAccessKey: ptr("s")}}))
}

func TestWireFormOfEveryMember(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  string
	}{
		{types.AwsCredentials{AccessKeyId: ptr("a"), SecretAccessKey: ptr("s"), SessionToken: ptr("t")}, `{"AccessKeyId":"a","SecretAccessKey":"s","SessionToken":"t"}`},
		{types.S3Location{Bucket: ptr("b"), Key: ptr("k"), ObjectVersion: ptr("v"), RoleArn: ptr("r")}, `{"Bucket":"b","Key":"k","ObjectVersion":"v","RoleArn":"r"}`},
		{types.ContainerIdentifier{ContainerName: ptr("n"), ContainerRuntimeId: ptr("i")}, `{"ContainerName":"n","ContainerRuntimeId":"i"}`},
		{gamelift.GetComputeAccessOutput{FleetArn: ptr("fa"), FleetId: ptr("f"), ComputeName: ptr("c")}, `{"FleetArn":"fa","FleetId":"f","ComputeName":"c"}`},
	} {
		got, err := json.Marshal(tt.value)
		require.NoError(t, err)
		require.JSONEq(t, tt.want, string(got))
	}
}

// A secret that is a part of another does not leave the rest of it.
func TestSecretWithinASecret(t *testing.T) {
	t.Parallel()
	options := answers(status(400, `{"__type":"X","message":"you sent AAA0123456789inner0BBB and 0123456789inner0"}`)).options()
	options.Credentials = gamelift.StaticCredentials("id", "0123456789inner0", "AAA0123456789inner0BBB")
	_, err := call(t, gamelift.New(options))
	require.ErrorContains(t, err, "you sent REDACTED and REDACTED")
}

// A peer may repeat what an attempt before was signed with.
func TestSecretsOfEarlierAttempts(t *testing.T) {
	t.Parallel()
	first := ""
	options := answering(func(r *http.Request) (*http.Response, error) {
		if first == "" {
			first = r.Header.Get("X-Amz-Security-Token")
			return response(403, `{"__type":"ExpiredTokenException"}`), nil
		}
		return response(403, `{"__type":"AccessDeniedException","message":"before, you sent `+first+`"}`), nil
	})
	calls := 0
	options.Credentials = gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
		calls++
		return gamelift.Credentials{AccessKeyID: "a", SecretAccessKey: "b1234", SessionToken: fmt.Sprint("session-token-no-", calls)}, nil
	})
	_, err := call(t, gamelift.New(options))
	require.ErrorContains(t, err, "before, you sent REDACTED")
}
