package gamelift

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	apierrors "github.com/gamelift-compute/gamelift/errors"
)

// TestFourthOperation calls an operation with members of every kind.
func TestFourthOperation(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 20, 10, 0, 0, 500e6, time.UTC)
	const sinceOnTheWire = "1795168800.5"
	full := &GetThingInput{
		Note: new("a note"), Count: new(int32(0)), Active: new(false), Tags: []string{"a", ""},
		Ports:  []PortRange{{From: new(int32(7777))}, {From: new(int32(1)), To: new(int32(2))}},
		Labels: map[string]string{"k": "v"}, Since: &since,
	}
	const fullBody = `{"Note":"a note","Count":0,"Active":false,"Tags":["a",""],"Ports":[{"From":7777},{"From":1,"To":2}],` +
		`"Labels":{"k":"v"},"Since":` + sinceOnTheWire + `}`
	least := &GetThingInput{Count: new(int32(-1))}
	tests := []struct {
		name   string
		input  *GetThingInput
		status int
		answer string
		body   string // that arrives; "" if nothing does
		want   *GetThingOutput
		err    string
	}{
		{
			"every member", full, 200,
			`{"Note":"canary","Count":17,"Active":true,"Tags":["x","y"],"Ports":[{"From":1},{"To":2}],"Labels":{"secret":"canary"},` +
				`"Since":` + sinceOnTheWire + `,"Unknown":[{}]}`,
			fullBody,
			&GetThingOutput{
				Note: new("canary"), Count: new(int32(17)), Active: new(true), Tags: []string{"x", "y"},
				Ports:  []PortRange{{From: new(int32(1))}, {To: new(int32(2))}},
				Labels: map[string]string{"secret": "canary"}, Since: &since,
			}, "",
		},
		{"no member", least, 200, `{}`, `{"Count":-1}`, &GetThingOutput{}, ""},
		{
			"null members", least, 200,
			`{"Note":null,"Count":null,"Active":null,"Tags":null,"Ports":null,"Labels":null,"Since":null}`,
			`{"Count":-1}`, &GetThingOutput{}, "",
		},
		{
			"empty members", &GetThingInput{Count: new(int32(1)), Note: new(""), Tags: []string{}, Ports: []PortRange{}, Labels: map[string]string{}}, 200,
			`{"Note":"","Tags":[],"Ports":[],"Labels":{}}`, `{"Note":"","Count":1,"Tags":[],"Ports":[],"Labels":{}}`,
			&GetThingOutput{Note: new(""), Tags: []string{}, Ports: []PortRange{}, Labels: map[string]string{}}, "",
		},
		{"nil input", nil, 200, ``, ``, nil, "missing required field, GetThingInput.Count"},
		{
			"a required member of an element is missing", &GetThingInput{Count: new(int32(1)), Ports: []PortRange{{From: new(int32(1))}, {}}}, 200,
			``, ``, nil, "missing required field, GetThingInput.Ports[1].From",
		},
		{"malformed output", least, 200, `{"Ports":[{},{"To":"canary"}]}`, `{"Count":-1}`, nil, "member Ports[1].To: a string where a number belongs"},
		{"error of the service", least, 400, `{"__type":"NotFoundException","Message":"no such thing"}`, `{"Count":-1}`, nil, "NotFoundException: no such thing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var arrived string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				arrived = r.Header.Get("X-Amz-Target") + " " + string(body)
				w.Header().Set("X-Amzn-Requestid", "r-1")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer server.Close()
			client := New(Options{
				Region: "us-west-2", Credentials: StaticCredentials("a", "s", ""), BaseEndpoint: &server.URL, HTTPClient: server.Client(),
			})

			out, err := client.GetThing(t.Context(), tt.input)
			if tt.body != "" {
				require.Equal(t, "GameLift.GetThing "+tt.body, arrived)
			} else {
				require.Empty(t, arrived)
			}
			if diff := cmp.Diff(tt.want, out, cmpopts.IgnoreTypes(middleware.Metadata{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.NotContains(t, err.Error(), "canary")
				var operation *smithy.OperationError
				require.ErrorAs(t, err, &operation)
				require.Equal(t, "GetThing", operation.OperationName)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "r-1", RequestID(out.ResultMetadata))
			require.NotContains(t, fmt.Sprintf("%+v", out), "canary")

			wire, err := json.Marshal(out)
			require.NoError(t, err)
			var back GetThingOutput
			require.NoError(t, json.Unmarshal(wire, &back))
			if diff := cmp.Diff(tt.want, &back, cmpopts.IgnoreTypes(middleware.Metadata{})); diff != "" {
				t.Errorf("JSON (-want +got)\n%s", diff)
			}
		})
	}
	require.Equal(t, `GetThingOutput{Note:"REDACTED" Count:1 Ports:2}`,
		fmt.Sprint(GetThingOutput{Note: new("canary"), Count: new(int32(1)), Ports: make([]PortRange, 2)}))
}

func TestFourthOperation_NotFound(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"__type":"NotFoundException"}`)
	}))
	defer server.Close()
	client := New(Options{
		Region: "us-west-2", Credentials: StaticCredentials("a", "s", ""), BaseEndpoint: &server.URL, HTTPClient: server.Client(),
	})
	_, err := client.GetThing(t.Context(), &GetThingInput{Count: new(int32(1))})
	var notFound *apierrors.NotFoundException
	require.ErrorAs(t, err, &notFound)
}

// An operation is one short file. If a change makes it longer, its list of
// members is stated twice somewhere.
func TestFourthOperation_Length(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("api_get_thing_test.go")
	require.NoError(t, err)
	lines := 0
	for line := range strings.Lines(string(file)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			lines++
		}
	}
	require.LessOrEqual(t, lines, 60)
}
