package gamelifttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestServer_Requests(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	for _, protocol := range bothProtocols {
		t.Run(string(protocol), func(t *testing.T) {
			server.Reset()
			m := askToken(protocol)
			m.header.Set("Amz-Sdk-Request", "attempt=2; max=3")
			m.input["Extra"] = nil
			served := send(t, server, m.request(t, server.URL()))
			m.operation, m.input = "RequestUploadCredentials", map[string]any{"BuildId": "build-unknown"}
			refused := send(t, server, m.request(t, server.URL()))
			m.keys.SecretAccessKey = "wrong"
			unproven := send(t, server, m.request(t, server.URL()))
			unreadable := m.request(t, server.URL())
			unreadable.Header.Set("Content-Type", "text/plain")
			unread := send(t, server, unreadable)

			path := func(operation string) string {
				if protocol == gamelifttest.CBOR {
					return "/service/GameLift/operation/" + operation
				}
				return "/"
			}
			want := []gamelifttest.Request{
				{
					Time: noon, ID: served.header.Get("X-Amzn-Requestid"), Protocol: protocol, Operation: "GetComputeAuthToken",
					Input:  map[string]any{"FleetId": gamelifttest.AnywhereFleetID, "ComputeName": gamelifttest.AnywhereCompute, "Extra": nil},
					Method: "POST", Path: path("GetComputeAuthToken"), Attempt: 2, MaxAttempts: 3, AccessKeyID: gamelifttest.AccessKeyID, Status: 200,
				},
				{
					Time: noon, ID: refused.header.Get("X-Amzn-Requestid"), Protocol: protocol, Operation: "RequestUploadCredentials",
					Input: map[string]any{"BuildId": "build-unknown"}, Method: "POST", Path: path("RequestUploadCredentials"),
					Attempt: 2, MaxAttempts: 3, AccessKeyID: gamelifttest.AccessKeyID, Status: 400, ErrorCode: "NotFoundException",
					ErrorMessage: "Build build-unknown was not found in us-west-2.",
				},
				{
					Time: noon, ID: unproven.header.Get("X-Amzn-Requestid"), Protocol: protocol, Operation: "RequestUploadCredentials",
					Input: map[string]any{"BuildId": "build-unknown"}, Method: "POST", Path: path("RequestUploadCredentials"),
					Attempt: 2, MaxAttempts: 3, Status: 400, ErrorCode: "InvalidSignatureException", ErrorMessage: mismatchText + "\n\n" + unproven.more,
				},
				{
					Time: noon, ID: unread.header.Get("X-Amzn-Requestid"), Method: "POST", Path: path("RequestUploadCredentials"),
					Attempt: 2, MaxAttempts: 3, Status: 415, ErrorCode: "UnknownOperationException",
					ErrorMessage: `The Content-Type header is "text/plain". ` + gamelifttest.Spoken,
				},
			}
			got := server.Requests()
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(gamelifttest.Request{}, "Header")); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			require.Equal(t, "20260314T120000Z", got[0].Header.Get("X-Amz-Date"))
			require.Contains(t, got[0].Header.Get("Authorization"), "Signature=")
		})
	}
}

func TestServer_Requests_areBounded(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int][]string{
		3:  {"5", "6", "7"},
		7:  {"1", "2", "3", "4", "5", "6", "7"},
		8:  {"1", "2", "3", "4", "5", "6", "7"},
		1:  {"7"},
		-1: nil,
	} {
		server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.MaxRequests = limit })
		for n := 1; n <= 7; n++ {
			m := askToken(gamelifttest.JSON)
			m.header.Set("X-N", strconv.Itoa(n))
			send(t, server, m.request(t, server.URL()))
		}
		var got []string
		for _, r := range server.Requests() {
			got = append(got, r.Header.Get("X-N"))
		}
		require.Equal(t, want, got, "limit %d", limit)
	}
}

// Requests, logs and printed servers show no keys, signatures or tokens.
func TestServer_showsNoSecrets(t *testing.T) {
	t.Parallel()
	keys := gamelift.Credentials{AccessKeyID: "ASIASHOWN", SecretAccessKey: "canary-secret", SessionToken: "canary-session"}
	var logged bytes.Buffer
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Credentials = []gamelift.Credentials{keys}
		o.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
	})
	m := askToken(gamelifttest.JSON)
	m.keys = keys
	m.header.Set("Cookie", "canary-cookie")
	token := send(t, server, m.request(t, server.URL())).body["AuthToken"].(string)
	m.keys.SessionToken = "canary-session-2"
	refused := send(t, server, m.request(t, server.URL()))
	wrong := m.request(t, server.URL())
	wrong.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=canary-secret")
	misused := send(t, server, wrong)
	wrong = m.request(t, server.URL())
	wrong.Header.Set("Authorization", "Bearer canary-secret")
	bearer := send(t, server, wrong)

	requests := server.Requests()
	require.Len(t, requests, 4)
	shown := logged.String() + fmt.Sprint(refused.body, misused.body, bearer.body)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		shown += fmt.Sprintf(verb, server) + fmt.Sprintf(verb, struct{ S *gamelifttest.Server }{server})
		shown += fmt.Sprintf(verb, requests) + fmt.Sprintf(verb, requests[0]) + fmt.Sprintf(verb, &requests[0])
	}
	build := gamelifttest.Build{ID: "build-1", Credentials: keys}
	compute := gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Credentials: keys}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		shown += fmt.Sprintf(verb, build) + fmt.Sprintf(verb, compute) + fmt.Sprintf(verb, &build) + fmt.Sprintf(verb, []gamelifttest.Compute{compute})
	}
	data, err := json.Marshal([]any{requests, build, compute})
	require.NoError(t, err)
	shown += string(data)
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("", "server", server, "request", requests[0], "requests", requests, "build", build, "compute", compute)
		shown += b.String()
	}
	require.NotContains(t, shown, "canary")
	require.NotContains(t, shown, token)
	require.NotContains(t, shown, "Signature=")
	require.Contains(t, shown, "REDACTED")
	require.Contains(t, requests[0].Header.Get("Authorization"), "Signature=", "the caller still has it")
	require.Equal(t, "canary-session", requests[0].Header.Get("X-Amz-Security-Token"))
}

func TestServer_logsEachRequest(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		o.Faults = []gamelifttest.Fault{{Skip: 1, Code: "ThrottlingException"}}
	})
	first := send(t, server, askToken(gamelifttest.CBOR).request(t, server.URL())).header.Get("X-Amzn-Requestid")
	second := send(t, server, askToken(gamelifttest.JSON).request(t, server.URL())).header.Get("X-Amzn-Requestid")
	require.Equal(t, ""+
		"level=INFO msg=request operation=GetComputeAuthToken protocol=rpcv2Cbor status=200 code=\"\" message=\"\" faulted=false attempt=0 key=AKIAIOSFODNN7EXAMPLE id="+first+"\n"+
		"level=INFO msg=request operation=GetComputeAuthToken protocol=awsJson1_1 status=400 code=ThrottlingException message=\"Rate exceeded\" faulted=true attempt=0 key=AKIAIOSFODNN7EXAMPLE id="+second+"\n",
		logged.String())
}

func TestServer_Reset(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Faults = []gamelifttest.Fault{{Code: "A"}}
		o.Quotas = map[string]gamelifttest.Quota{"GetComputeAuthToken": {Burst: 1}}
	})
	for range 2 {
		server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "added"})
		server.Inject(gamelifttest.Fault{Code: "B"})
		added := ask(gamelifttest.JSON, "GetComputeAuthToken", map[string]any{"FleetId": "fleet-1", "ComputeName": "added"})
		require.Equal(t, frontDoor+"A", send(t, server, added.request(t, server.URL())).Code)
		require.Equal(t, frontDoor+"B", send(t, server, added.request(t, server.URL())).Code)
		require.Equal(t, 200, send(t, server, added.request(t, server.URL())).Status)
		require.Equal(t, "com.amazon.coral.availability#ThrottlingException", send(t, server, added.request(t, server.URL())).Code)
		require.Len(t, server.Requests(), 4)
		server.Reset()
		require.Empty(t, server.Requests())
		require.Equal(t, []gamelifttest.Fault{{Code: "A"}}, server.Unused())
		require.Equal(t, frontDoor+"A", send(t, server, added.request(t, server.URL())).Code)
		require.Equal(t, modelled+"NotFoundException", send(t, server, added.request(t, server.URL())).Code)
		server.Reset()
	}
}

func TestServer_StartAndClose(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	server.Close() // nothing to close
	server = gamelifttest.NewUnstartedServer()
	inProcess := server.URL()
	require.Equal(t, 200, send(t, server, now(askToken(gamelifttest.JSON)).request(t, server.URL())).Status)
	server.Start()
	url := server.URL()
	require.NotEqual(t, inProcess, url)
	server.Start()
	require.Equal(t, url, server.URL(), "a second Start does nothing")
	require.Equal(t, 200, send(t, server, now(askToken(gamelifttest.JSON)).request(t, server.URL())).Status)
	require.Len(t, server.Requests(), 2)
	server.Close()
	server.Close()
	_, err := http.Get(url)
	require.Error(t, err)
}

// All methods can be called concurrently, and no two computes get the same token.
func TestServer_concurrently(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewServer(at(noon))
	defer server.Close()
	const computes, callers, calls = 4, 8, 25
	for n := range computes {
		server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "host-" + strconv.Itoa(n)})
	}
	tokens := make([]sync.Map, computes)
	t.Run("callers", func(t *testing.T) {
		for caller := range callers {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				n := caller % computes
				name := "host-" + strconv.Itoa(n)
				for range calls {
					if caller < computes {
						server.AddBuild(gamelifttest.Build{ID: "build-" + name})
						server.Inject(gamelifttest.Fault{ComputeName: "other"})
						_ = server.Requests()
						_ = server.Unused()
					}
					m := ask(bothProtocols[caller%2], "GetComputeAuthToken", map[string]any{"FleetId": "fleet-1", "ComputeName": name})
					got := send(t, server, m.request(t, server.URL()))
					tokens[n].Store(got.body["AuthToken"], got.body["ComputeName"])
				}
			})
		}
	})
	require.Len(t, server.Requests(), callers*calls)
	seen := map[any]bool{}
	for n := range computes {
		tokens[n].Range(func(token, name any) bool {
			require.False(t, seen[token], "a token of two computes")
			seen[token] = true
			require.Equal(t, "host-"+strconv.Itoa(n), name)
			return true
		})
	}
}

// Requests that arrive during Reset are served, and requests after Close fail.
func TestServer_resetAndCloseAmidRequests(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewServer(at(noon))
	m, client := askToken(gamelifttest.JSON), server.ClientOptions().HTTPClient
	var callers, served sync.WaitGroup
	for range 4 {
		served.Add(1)
		callers.Go(func() {
			for first := true; ; first = false {
				response, err := client.Do(m.request(t, server.URL()))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					t.Errorf("status %d", response.StatusCode)
				}
				if first {
					served.Done()
				}
			}
		})
	}
	served.Wait()
	for range 100 {
		server.Reset()
		_ = server.ClientOptions()
	}
	server.Close()
	callers.Wait()
}

// The in-process transport follows the rules of http.RoundTripper.
func TestServer_inProcessTransport(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	r := askToken(gamelifttest.JSON).request(t, server.URL())
	body := &closing{Reader: r.Body}
	r.Body = body
	r.Host = "" // then it is the URL's
	before := r.Header.Clone()
	response, err := server.ClientOptions().HTTPClient.(*http.Client).Transport.RoundTrip(r)
	require.NoError(t, err)
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, r, response.Request)
	require.True(t, body.closed)
	require.Equal(t, before, r.Header)
	require.Empty(t, r.Host)
	r.Header.Set("X-Amz-Date", "changed")
	require.Equal(t, before, server.Requests()[0].Header, "what is remembered is a copy")
}

// A request made in-process may have no path and header names that are not
// canonical.
func TestServer_inProcessRequestAsMade(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Credentials[0].SessionToken = "canary-session"
	})
	m := askToken(gamelifttest.JSON)
	m.keys.SessionToken = "canary-session"
	r := m.request(t, server.URL())
	r.URL.Path = ""
	for name, values := range r.Header.Clone() {
		delete(r.Header, name)
		r.Header[strings.ToLower(name)] = values
	}
	before := r.Header.Clone()
	got := send(t, server, r)
	require.Equal(t, 200, got.Status, got.Message)
	require.Equal(t, before, r.Header)
	require.Empty(t, r.URL.Path)
	request := server.Requests()[0]
	require.Equal(t, "/", request.Path)
	require.Equal(t, "20260314T120000Z", request.Header.Get("X-Amz-Date"))
	require.NotContains(t, fmt.Sprint(request), "canary")
}

// CBOR has numbers that JSON does not have.
func TestRequest_MarshalJSON_numbers(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	m := askToken(gamelifttest.CBOR)
	m.body = cbor.Encode(cbor.Map{"List": cbor.List{
		cbor.Float64(math.NaN()), cbor.Float32(float32(math.Inf(1))), cbor.Float64(math.Inf(-1)), cbor.Float64(0.5), cbor.Uint(1), cbor.NegInt(2),
		cbor.Map{"Bytes": cbor.Slice("ab")}, cbor.Bool(true), &cbor.Undefined{}, &cbor.Tag{ID: 1, Value: cbor.Uint(3)},
		cbor.String("\xff"), cbor.NegInt(0), // -2^64, as smithy-go has it
	}})
	require.Equal(t, noInput.Code, send(t, server, m.request(t, server.URL())).Code)
	request := server.Requests()[0]
	want := []any{0.5, 1.0, -2.0, map[string]any{"Bytes": []byte("ab")}, true, nil, 3.0, "\uFFFD", -math.Exp2(64)}
	require.Equal(t, want, request.Input["List"].([]any)[3:])
	data, err := json.Marshal(request)
	require.NoError(t, err)
	require.Contains(t, string(data), `{"List":["NaN","+Inf","-Inf",0.5,`)

	m.body = []byte{}
	send(t, server, m.request(t, server.URL()))
	data, err = json.Marshal(server.Requests()[1])
	require.NoError(t, err)
	require.Contains(t, string(data), `"Input":null`)
}

// The server keeps copies of what callers pass.
func TestServer_keepsCopies(t *testing.T) {
	t.Parallel()
	quotas := gamelifttest.PublishedQuotas()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.Quotas = quotas })
	fault := gamelifttest.Fault{Status: 400, Header: http.Header{"X-Fault": {"before"}}, Body: []byte(`{"a":1}`)}
	containers := []gamelifttest.ContainerID{{Name: "before"}}
	server.Inject(fault)
	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "x", Type: gamelifttest.Container, Containers: containers})
	clear(quotas)
	quotas["GetComputeAccess"] = gamelifttest.Quota{}
	fault.Header.Set("X-Fault", "after")
	fault.Body[5] = '2'
	containers[0].Name = "after"

	m := ask(gamelifttest.JSON, "GetComputeAccess", map[string]any{"FleetId": "fleet-1", "ComputeName": "x"})
	faulted := send(t, server, m.request(t, server.URL()))
	require.Equal(t, "before", faulted.header.Get("X-Fault"))
	require.Equal(t, map[string]any{"a": 1.0}, faulted.body)
	served := send(t, server, m.request(t, server.URL()))
	require.Equal(t, 200, served.Status, served.Message)
	require.Equal(t, []any{map[string]any{"ContainerName": "before", "ContainerRuntimeId": ""}}, served.body["ContainerIdentifiers"])
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func now(m *message) *message {
	m.time = time.Now()
	return m
}
