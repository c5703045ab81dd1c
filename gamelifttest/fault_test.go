package gamelifttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// arrival is a response as a client received it.
type arrival struct {
	Err     error // of the request; then nothing else is set
	Status  int
	Header  map[string]string // of those that the case names
	Body    string            // CBOR as JSON
	BodyErr error
}

// The Body of an arrival that is the service's whole response, or the first half
// of its bytes.
const whole, half = "(whole)", "(half)"

// Every fault has the same effect over the network and in-process, in both
// protocols.
func TestFault_effects(t *testing.T) {
	t.Parallel()
	listening := gamelifttest.NewServer(at(noon))
	t.Cleanup(listening.Close)
	inProcess := gamelifttest.NewUnstartedServer(at(noon))

	for name, tt := range map[string]struct {
		fault gamelifttest.Fault
		want  arrival
	}{
		"nothing": {gamelifttest.Fault{}, arrival{Status: 200, Body: whole}},
		"modelled code": {
			gamelifttest.Fault{Code: "NotFoundException", Message: "gone"},
			arrival{Status: 400, Body: `{"Message":"gone","__type":"com.amazonaws.gamelift#NotFoundException"}`},
		},
		"code of the service's fault": {
			gamelifttest.Fault{Code: "InternalServiceException"},
			arrival{Status: 500, Body: `{"__type":"com.amazonaws.gamelift#InternalServiceException"}`},
		},
		"unavailable": {
			gamelifttest.Fault{Code: "ServiceUnavailableException"},
			arrival{Status: 503, Body: `{"__type":"com.amazon.coral.service#ServiceUnavailableException"}`},
		},
		"throttling": {
			gamelifttest.Fault{Code: "ThrottlingException", RetryAfter: 1200 * time.Millisecond},
			arrival{
				Status: 400, Header: map[string]string{"Retry-After": "2", "X-Amz-Retry-After": "1200"},
				Body: `{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}`,
			},
		},
		"code under another status": {
			gamelifttest.Fault{Code: "SlowDown", Status: 503},
			arrival{Status: 503, Body: `{"__type":"com.amazon.coral.service#SlowDown"}`},
		},
		"status alone":           {gamelifttest.Fault{Status: 502}, arrival{Status: 502, Body: `{}`}},
		"status with a response": {gamelifttest.Fault{Status: 203}, arrival{Status: 203, Body: whole}},
		"status without a body":  {gamelifttest.Fault{Status: 204}, arrival{Status: 204}},
		"informational":          {gamelifttest.Fault{Status: 103}, arrival{Status: 200, Body: whole}},
		"informational, then an error": {
			gamelifttest.Fault{Status: 103, Code: "NotFoundException"},
			arrival{Status: 400, Body: `{"__type":"com.amazonaws.gamelift#NotFoundException"}`},
		},
		"redirect": {
			gamelifttest.Fault{Status: 307, Header: http.Header{"location": {"http://example.invalid/"}}},
			arrival{Status: 307, Header: map[string]string{"Location": "http://example.invalid/"}, Body: `{}`},
		},
		"other body": {
			gamelifttest.Fault{Status: 400, Body: []byte(`{"code":5}`), Header: http.Header{"X-Amzn-Errortype": {"Odd"}}},
			arrival{Status: 400, Header: map[string]string{"X-Amzn-Errortype": "Odd"}, Body: `{"code":5}`},
		},
		"empty":   {gamelifttest.Fault{Break: gamelifttest.Empty}, arrival{Status: 200, Header: map[string]string{"Content-Length": "0"}}},
		"no body": {gamelifttest.Fault{Body: []byte{}}, arrival{Status: 200, Header: map[string]string{"Content-Length": "0"}}},
		"HTML": {
			gamelifttest.Fault{Break: gamelifttest.HTML, Status: 502},
			arrival{
				Status: 502, Header: map[string]string{"Content-Type": "text/html"},
				Body: "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Gateway</h1></body></html>\n",
			},
		},
		"oversized":            {gamelifttest.Fault{Break: gamelifttest.Oversized}, arrival{Status: 200, Body: whole + strings.Repeat(" ", 4<<20)}},
		"reset":                {gamelifttest.Fault{Break: gamelifttest.Reset}, arrival{Err: syscall.ECONNRESET}},
		"reset mid-body":       {gamelifttest.Fault{Break: gamelifttest.ResetBody}, arrival{Status: 200, Body: half, BodyErr: syscall.ECONNRESET}},
		"truncated":            {gamelifttest.Fault{Break: gamelifttest.Truncated}, arrival{Status: 200, Body: half, BodyErr: io.ErrUnexpectedEOF}},
		"drip":                 {gamelifttest.Fault{Drip: time.Nanosecond}, arrival{Status: 200, Body: whole}},
		"drip, truncated":      {gamelifttest.Fault{Drip: time.Nanosecond, Break: gamelifttest.Truncated}, arrival{Status: 200, Body: half, BodyErr: io.ErrUnexpectedEOF}},
		"delay":                {gamelifttest.Fault{Delay: time.Nanosecond}, arrival{Status: 200, Body: whole}},
		"long Content-Length":  {gamelifttest.Fault{Header: http.Header{"content-length": {"9999"}}}, arrival{Status: 200, Body: whole, BodyErr: io.ErrUnexpectedEOF}},
		"short Content-Length": {gamelifttest.Fault{Header: http.Header{"Content-Length": {"2"}}, Body: []byte("{}more")}, arrival{Status: 200, Body: "{}"}},
		"date":                 {gamelifttest.Fault{DateSkew: -time.Hour}, arrival{Status: 200, Header: map[string]string{"Date": "Sat, 14 Mar 2026 11:00:00 GMT"}, Body: whole}},
		"large headers": {
			gamelifttest.Fault{Header: http.Header{"X-Large": {strings.Repeat("x", 1<<16)}}},
			arrival{Status: 200, Header: map[string]string{"X-Large": strings.Repeat("x", 1<<16)}, Body: whole},
		},
	} {
		for where, server := range map[string]*gamelifttest.Server{"listening": listening, "in-process": inProcess} {
			for _, protocol := range bothProtocols {
				t.Run(name+"/"+where+"/"+string(protocol), func(t *testing.T) { // not parallel: the faults are the server's
					wholeBody := receive(t, server, protocol, gamelifttest.Fault{}, nil).Body
					got := receive(t, server, protocol, tt.fault, tt.want.Header)
					got.Body = readable(protocol, wholeBody, got.Body)
					if diff := cmp.Diff(tt.want, got, cmpopts.EquateErrors()); diff != "" {
						t.Errorf("arrived (-want +got):\n%s", diff)
					}
					require.Empty(t, server.Unused())
				})
			}
		}
	}
}

// readable returns the body in the form of the cases of TestFault_effects.
func readable(protocol gamelifttest.Protocol, wholeBody, body string) string {
	if protocol == gamelifttest.CBOR {
		wholeValue, _ := cbor.Decode([]byte(wholeBody))
		value, err := cbor.Decode([]byte(body))
		// The order of its members is random.
		switch _, isMap := value.(cbor.Map); {
		case cmp.Equal(wholeValue, value):
			return whole + body[len(wholeBody):]
		case err != nil && len(body) == len(wholeBody)/2:
			return half
		case isMap:
			text, _ := json.Marshal(plain(value))
			return string(text)
		}
		return body
	}
	if rest, ok := strings.CutPrefix(body, wholeBody); ok {
		return whole + rest
	}
	if body != "" && body == wholeBody[:len(wholeBody)/2] {
		return half
	}
	return body
}

// receive requests a token with one fault injected. It does not follow redirects.
func receive(t *testing.T, server *gamelifttest.Server, protocol gamelifttest.Protocol, fault gamelifttest.Fault, header map[string]string) arrival {
	t.Helper()
	server.Inject(fault)
	client := *server.ClientOptions().HTTPClient.(*http.Client)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(askToken(protocol).request(t, server.URL()))
	if err != nil {
		return arrival{Err: err}
	}
	defer response.Body.Close()
	require.NotEmpty(t, response.Header.Get("X-Amzn-Requestid"))
	require.NotEmpty(t, response.Header.Get("Date"))
	got := arrival{Status: response.StatusCode}
	for name := range header {
		if got.Header == nil {
			got.Header = map[string]string{}
		}
		got.Header[name] = response.Header.Get(name)
	}
	body, err := io.ReadAll(response.Body)
	got.Body, got.BodyErr = string(body), err
	return got
}

func TestFault_informationalStatusIsSent(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewServer(at(noon))
	defer server.Close()
	server.Inject(gamelifttest.Fault{Status: 103})
	var seen []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { seen = append(seen, code); return nil },
	})
	got := send(t, server, askToken(gamelifttest.JSON).request(t, server.URL()).WithContext(ctx))
	require.Equal(t, 200, got.Status)
	require.Equal(t, []int{103}, seen)
}

// A header without values is removed.
func TestFault_removesHeaders(t *testing.T) {
	t.Parallel()
	listening := gamelifttest.NewServer(at(noon))
	defer listening.Close()
	for _, server := range []*gamelifttest.Server{listening, gamelifttest.NewUnstartedServer(at(noon))} {
		server.Inject(gamelifttest.Fault{Header: http.Header{"Date": nil, "x-amzn-requestid": {}, "Content-Length": nil}})
		response, err := server.ClientOptions().HTTPClient.Do(askToken(gamelifttest.JSON).request(t, server.URL()))
		require.NoError(t, err)
		defer response.Body.Close()
		require.Empty(t, response.Header.Values("Date"))
		require.Empty(t, response.Header.Values("X-Amzn-Requestid"))
		require.Positive(t, response.ContentLength)
	}
}

// The headers of an HTML page are those of a proxy, not those of the protocol.
func TestFault_htmlInPlaceOfCBOR(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Faults = []gamelifttest.Fault{{Break: gamelifttest.HTML}}
	})
	response, err := server.ClientOptions().HTTPClient.Do(askToken(gamelifttest.CBOR).request(t, server.URL()))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, []string{"text/html"}, response.Header["Content-Type"])
	require.Empty(t, response.Header["Smithy-Protocol"])
}

// In a bubble, delays are exact.
func TestFault_timing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := gamelifttest.NewUnstartedServer()
		client := server.ClientOptions().HTTPClient
		start := time.Now()
		elapsed := func() time.Duration { return time.Since(start) }
		request := func() *http.Request {
			m := askToken(gamelifttest.CBOR)
			m.time = time.Now()
			return m.request(t, server.URL())
		}

		server.Inject(gamelifttest.Fault{Delay: 3 * time.Second, Drip: time.Second, Body: []byte("0123456789")})
		response, err := client.Do(request())
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, elapsed(), "the headers come after the delay")
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "0123456789", string(body))
		require.Equal(t, 13*time.Second, elapsed(), "each byte after a second")
		require.NoError(t, response.Body.Close())
		_, err = response.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, http.ErrBodyReadAfterClose)

		start = time.Now()
		server.Inject(gamelifttest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, err = client.Do(request().WithContext(ctx))
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, elapsed(), "the request's context ends the delay")

		start = time.Now()
		server.Inject(gamelifttest.Fault{Drip: time.Hour})
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		response, err = client.Do(request().WithContext(ctx))
		require.NoError(t, err)
		_, err = io.ReadAll(response.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, elapsed(), "and the drip")

		ctx, cancel = context.WithCancel(t.Context())
		response, err = client.Do(request().WithContext(ctx))
		require.NoError(t, err)
		cancel()
		_, err = io.ReadAll(response.Body)
		require.ErrorIs(t, err, context.Canceled, "also where nothing is slow")
		server.Reset()
		_, err = client.Do(request().WithContext(ctx))
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, server.Requests(), "a request that has ended does not arrive")
	})
}

// A response that would take hours ends if the client leaves or the server closes.
func TestFault_endsEarly(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]gamelifttest.Fault{
		"delay": {Delay: 1000 * time.Hour},
		"drip":  {Drip: 1000 * time.Hour},
	} {
		t.Run(name+", client leaves", func(t *testing.T) {
			t.Parallel()
			arrived := make(arrivals, 1)
			server := gamelifttest.NewServer(at(noon), arrived.option)
			server.Inject(fault)
			ctx, cancel := context.WithCancel(t.Context())
			r := askToken(gamelifttest.JSON).request(t, server.URL()).WithContext(ctx)
			go func() { <-arrived; cancel() }()
			require.ErrorIs(t, readAll(server, r), context.Canceled)
			server.Close() // would hang if the response continued
		})
		t.Run(name+", server closes", func(t *testing.T) {
			t.Parallel()
			arrived := make(arrivals, 1)
			server := gamelifttest.NewServer(at(noon), arrived.option)
			server.Inject(fault)
			r := askToken(gamelifttest.JSON).request(t, server.URL())
			go func() { <-arrived; server.Close() }()
			require.Error(t, readAll(server, r))
			server.Close()
		})
	}
}

// Drip delays the body, not the headers.
func TestFault_dripSendsHeadersFirst(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewServer(at(noon))
	defer server.Close()
	server.Inject(gamelifttest.Fault{Drip: 1000 * time.Hour})
	response, err := server.ClientOptions().HTTPClient.Do(askToken(gamelifttest.JSON).request(t, server.URL()))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
}

// arrivals is a slog.Handler that signals each request, once its response is made.
type arrivals chan struct{}

func (a arrivals) option(o *gamelifttest.Options) { o.Logger = slog.New(a) }

func (a arrivals) Enabled(context.Context, slog.Level) bool  { return true }
func (a arrivals) Handle(context.Context, slog.Record) error { a <- struct{}{}; return nil }
func (a arrivals) WithAttrs([]slog.Attr) slog.Handler        { return a }
func (a arrivals) WithGroup(string) slog.Handler             { return a }

func readAll(server *gamelifttest.Server, r *http.Request) error {
	response, err := server.ClientOptions().HTTPClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	return err
}

// step is a request and the error code it gets, which names the fault.
type step struct {
	operation, id string
	want          string
}

func TestFault_matches(t *testing.T) {
	t.Parallel()
	const (
		token  = "GetComputeAuthToken"
		access = "GetComputeAccess"
		upload = "RequestUploadCredentials"
	)
	ec2 := arnPrefix + "fleet/" + gamelifttest.EC2FleetID
	for name, tt := range map[string]struct {
		faults []gamelifttest.Fault
		steps  []step
		unused []gamelifttest.Fault
	}{
		"once": {
			[]gamelifttest.Fault{{Code: "A"}},
			[]step{{token, gamelifttest.EC2Compute, "A"}, {token, gamelifttest.EC2Compute, ""}}, nil,
		},
		"in order": {
			[]gamelifttest.Fault{{Code: "A", Count: 2}, {Code: "B"}},
			[]step{{token, gamelifttest.EC2Compute, "A"}, {access, gamelifttest.EC2Compute, "A"}, {upload, "", "B"}, {upload, "", ""}}, nil,
		},
		"for ever": {
			[]gamelifttest.Fault{{Code: "A", Count: -1}, {Code: "B"}},
			[]step{{token, gamelifttest.EC2Compute, "A"}, {upload, "", "A"}, {upload, "", "A"}},
			[]gamelifttest.Fault{{Code: "B"}},
		},
		"by operation": {
			[]gamelifttest.Fault{{Code: "A", Operation: access}, {Code: "B", Operation: upload}},
			[]step{{token, gamelifttest.EC2Compute, ""}, {upload, "", "B"}, {access, gamelifttest.EC2Compute, "A"}}, nil,
		},
		"by compute": {
			[]gamelifttest.Fault{{Code: "A", ComputeName: gamelifttest.EC2Compute, Count: 2}},
			[]step{
				{token, "other", ""}, {upload, "", ""}, {token, gamelifttest.EC2Compute, "A"},
				{token, arnPrefix + "compute/" + gamelifttest.EC2Compute, "A"},
			}, nil,
		},
		"by an ARN": {
			[]gamelifttest.Fault{{Code: "A", ComputeName: arnPrefix + "compute/" + gamelifttest.EC2Compute, Count: 2}},
			[]step{
				{token, "other", ""}, {token, gamelifttest.EC2Compute, "A"}, {token, arnPrefix + "compute/" + gamelifttest.EC2Compute, "A"},
			}, nil,
		},
		"by fleet": {
			[]gamelifttest.Fault{{Code: "A", FleetID: gamelifttest.EC2FleetID}, {Code: "B", FleetID: "fleet-other"}},
			[]step{{upload, "", ""}, {token, "other", "A"}},
			[]gamelifttest.Fault{{Code: "B", FleetID: "fleet-other"}},
		},
		"by build": {
			[]gamelifttest.Fault{{Code: "A", BuildID: gamelifttest.BuildID, Count: 3}},
			[]step{{token, gamelifttest.EC2Compute, ""}, {upload, "", "A"}},
			[]gamelifttest.Fault{{Code: "A", BuildID: gamelifttest.BuildID, Count: 2}},
		},
		"after others": {
			[]gamelifttest.Fault{{Code: "A"}, {Code: "B", Operation: token, Skip: 2, Count: 2}},
			[]step{
				{token, "x", "A"}, {upload, "", ""}, {token, gamelifttest.EC2Compute, ""}, {token, gamelifttest.EC2Compute, ""},
				{token, gamelifttest.EC2Compute, "B"}, {token, gamelifttest.EC2Compute, "B"}, {token, gamelifttest.EC2Compute, ""},
			}, nil,
		},
		"none of them": {
			[]gamelifttest.Fault{{Count: -1, Operation: access}, {Code: "A", Skip: 1}},
			[]step{{token, gamelifttest.EC2Compute, ""}},
			[]gamelifttest.Fault{{Count: -1, Operation: access}, {Code: "A", Skip: 1}},
		},
		"input that would be refused": {
			[]gamelifttest.Fault{{Code: "A"}},
			[]step{{token, "not a name", "A"}, {token, "not a name", "ValidationException"}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := gamelifttest.NewUnstartedServer(at(noon))
			server.AddCompute(gamelifttest.Compute{FleetID: gamelifttest.EC2FleetID, Name: "other"})
			server.Inject(tt.faults...)
			for i, step := range tt.steps {
				input := map[string]any{"FleetId": ec2, "ComputeName": step.id}
				if step.operation == upload {
					input = map[string]any{"BuildId": gamelifttest.BuildID}
				}
				got := send(t, server, ask(gamelifttest.JSON, step.operation, input).request(t, server.URL()))
				_, code, _ := strings.Cut(got.Code, "#")
				require.Equal(t, step.want, code, "step %d", i)
				require.Equal(t, len(step.want) == 1, server.Requests()[i].Faulted, "step %d", i)
			}
			if diff := cmp.Diff(tt.unused, server.Unused()); diff != "" {
				t.Errorf("unused (-want +got):\n%s", diff)
			}
		})
	}
}

// A request whose signature is wrong uses up no fault.
func TestFault_onlyForSignedRequests(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	server.Inject(gamelifttest.Fault{Code: "A"})
	m := askToken(gamelifttest.JSON)
	m.keys.SecretAccessKey = "wrong"
	require.Equal(t, mismatch.Code, send(t, server, m.request(t, server.URL())).Code)
	require.Len(t, server.Unused(), 1)
}

func TestFault_probability(t *testing.T) {
	t.Parallel()
	pattern := func(seed uint64) (hits string, n int) {
		server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
			o.Seed = seed
			o.Faults = []gamelifttest.Fault{{Code: "A", Probability: 0.25, Count: -1}}
		})
		for range 1000 {
			if send(t, server, askToken(gamelifttest.JSON).request(t, server.URL())).Status == 200 {
				hits += "."
			} else {
				hits, n = hits+"x", n+1
			}
		}
		return hits, n
	}
	first, n := pattern(1)
	require.InDelta(t, 250, n, 50)
	again, _ := pattern(1)
	require.Equal(t, first, again, "the seed decides")
	other, _ := pattern(2)
	require.NotEqual(t, first, other)
}

func TestFault_Validate(t *testing.T) {
	t.Parallel()
	require.NoError(t, gamelifttest.Fault{}.Validate())
	require.NoError(t, gamelifttest.Fault{Header: http.Header{"x-.~": {"a\tb", "é", ""}, "Content-Length": {"0"}, "Date": nil}}.Validate())
	for want, fault := range map[string]gamelifttest.Fault{
		`Fault.Operation is "GetToken": want one of GetComputeAccess, GetComputeAuthToken, RequestUploadCredentials, or none`: {Operation: "GetToken"},
		`Fault.Skip is -1: want 0 or more`:                                                                   {Skip: -1},
		`Fault.Probability is 1.5: want 0 to 1`:                                                              {Probability: 1.5},
		`Fault.Header has the name "", which HTTP does not allow`:                                            {Header: http.Header{"": {"a"}}},
		`Fault.Header has the name "a b", which HTTP does not allow`:                                         {Header: http.Header{"X-Good": {"a"}, "a b": {"a"}}},
		`Fault.Header has the name "Länge", which HTTP does not allow`:                                       {Header: http.Header{"Länge": nil}},
		`Fault.Header["X-Bad"] has a control character, such as a line break`:                                {Header: http.Header{"X-Bad": {"a", "b\r\nX-More: c"}}},
		`Fault.Header["content-length"] is "": want 0 or more`:                                               {Header: http.Header{"content-length": {""}}},
		`Fault.Header["Content-Length"] is "-1": want 0 or more`:                                             {Header: http.Header{"Content-Length": {"-1"}}},
		`Fault.Status is 101: want 100 to 999 except 101, or 0`:                                              {Status: 101},
		`Fault.Status is 99: want 100 to 999 except 101, or 0`:                                               {Status: 99},
		`Fault.Status is 1000: want 100 to 999 except 101, or 0`:                                             {Status: 1000},
		`Fault.RetryAfter is -1ns: want 0 or more`:                                                           {RetryAfter: -1},
		`Fault.Delay is -1ns: want 0 or more`:                                                                {Delay: -1},
		`Fault.Drip is -1ns: want 0 or more`:                                                                 {Drip: -1},
		`Fault.Break is "broken": want one of ["reset" "reset-body" "truncated" "empty" "html" "oversized"]`: {Break: "broken"},
	} {
		require.EqualError(t, fault.Validate(), want)
		server := gamelifttest.NewUnstartedServer(at(noon))
		require.PanicsWithValue(t, "gamelifttest: "+want, func() { server.Inject(gamelifttest.Fault{}, fault) })
		require.Empty(t, server.Unused(), "none is injected")
	}
}

// A caller can change what Unused returns.
func TestServer_Unused_isACopy(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	server.Inject(gamelifttest.Fault{Header: http.Header{"X-A": {"a"}}, Body: []byte("a")})
	unused := server.Unused()[0]
	unused.Header.Set("X-A", "b")
	unused.Body[0] = 'b'
	again := server.Unused()[0]
	require.Equal(t, "a", again.Header.Get("X-A"))
	require.Equal(t, "a", string(again.Body))
}

func TestServer_ClearFaults(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Faults = []gamelifttest.Fault{{Code: "A", Count: -1}}
	})
	server.Inject(gamelifttest.Fault{Code: "B"})
	server.ClearFaults()
	require.Empty(t, server.Unused())
	require.Equal(t, 200, send(t, server, askToken(gamelifttest.JSON).request(t, server.URL())).Status)
	server.Reset()
	require.Len(t, server.Unused(), 1, "those of the Options are back")
}

// If the connection cannot be taken over, ServeHTTP panics as net/http expects.
func TestServer_ServeHTTP_reset(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	server.Inject(gamelifttest.Fault{Break: gamelifttest.Reset})
	defer func() {
		err, _ := recover().(error)
		require.True(t, errors.Is(err, http.ErrAbortHandler))
	}()
	server.ServeHTTP(plainWriter{}, askToken(gamelifttest.JSON).request(t, server.URL()))
}

type plainWriter struct{}

func (plainWriter) Header() http.Header         { return http.Header{} }
func (plainWriter) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (plainWriter) WriteHeader(int)             {}
