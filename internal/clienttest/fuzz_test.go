package clienttest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
)

// For every response, a call returns an output or the chain of errors that
// package errors documents, without a secret in its text.
func FuzzResponse(f *testing.F) {
	f.Add(200, "", "", OKBody)
	f.Add(200, "", "Fri, 20 Nov 2026 10:00:00 GMT", `{"ContainerIdentifiers":[{"ContainerName":null}],"Credentials":{}}`)
	f.Add(400, "NotFoundException:x", "", `{"__type":"a#b","Message":"`+SecretAccessKey+`"}`)
	f.Add(503, "", "never", "<html>")
	f.Add(302, "", "", "")
	f.Fuzz(func(t *testing.T, status int, errorType, date, body string) {
		if status < 100 || status > 999 {
			t.Skip("no HTTP")
		}
		options := Answering(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode:    status,
				Header:        http.Header{"X-Amzn-Errortype": {errorType}, "Date": {date}},
				Body:          io.NopCloser(strings.NewReader(body)),
				ContentLength: -1,
			}, nil
		})
		client := gamelift.New(options, OneAttempt)
		for _, op := range Operations {
			out, _, err := op.Call(t, client)
			if err == nil {
				if status/100 != 2 {
					t.Fatalf("status %d gave %v", status, out)
				}
				requireRoundTrip(t, out)
				continue
			}
			var operation *smithy.OperationError
			var response *apierrors.ResponseError
			var apiErr smithy.APIError
			var malformed *smithy.DeserializationError
			switch {
			case !errors.As(err, &operation), !errors.As(err, &response), response.HTTPStatusCode() != status:
				t.Fatalf("%v", err)
			case status/100 == 2 && !errors.As(err, &malformed):
				t.Fatalf("%v", err)
			case status/100 != 2 && (!errors.As(err, &apiErr) || apiErr.ErrorCode() == ""):
				t.Fatalf("%v", err)
			}
			RequireNoSecret(t, err.Error())
		}
	})
}

// requireRoundTrip marshals an output to its wire form and reads it back.
func requireRoundTrip(t *testing.T, out any) {
	t.Helper()
	wire, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	back := reflect.New(reflect.TypeOf(out).Elem()).Interface()
	if err := json.Unmarshal(wire, back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(out, back, cmpopts.IgnoreTypes(middleware.Metadata{}), cmpopts.EquateEmpty()); d != "" { // an empty list is left out
		t.Errorf("(-want +got)\n%s", d)
	}
}
