package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// document is the OpenAPI document.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	Summary    string
	Parameters []struct {
		Name, In, Example string
		Required          bool
	}
	RequestBody struct{ Content map[string]content }
	Responses   map[string]struct{ Content map[string]content }
}

type content struct {
	Schema  schema
	Example json.RawMessage
}

// schema is the part of JSON Schema that the document uses. A test fails if the
// document uses more.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Description, Format  string
	Pattern              *string
	Enum                 []any
	Const                any
	Minimum, Maximum     *float64
	Items                *schema
	Properties           map[string]schema
	Required             []string
	AdditionalProperties any
}

func readDocument(t *testing.T, data []byte) *document {
	t.Helper()
	var d document
	require.NoError(t, json.Unmarshal(data, &d))
	return &d
}

// check returns the ways in which a decoded JSON value does not fit the schema.
func (d *document) check(path string, s schema, value any) (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, path+" "+fmt.Sprintf(format, args...)) }
	if s.Ref != "" {
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		referred, ok := d.Components.Schemas[name]
		if !ok {
			wrong("refers to %s, which does not exist", s.Ref)
		}
		return append(problems, d.check(path, referred, value)...)
	}
	kind := map[reflect.Kind]string{
		reflect.String: "string", reflect.Float64: "number", reflect.Bool: "boolean", reflect.Map: "object", reflect.Slice: "array", reflect.Invalid: "null",
	}[reflect.ValueOf(value).Kind()]
	types, _ := s.Type.([]any)
	if one, ok := s.Type.(string); ok {
		types = []any{one}
	}
	if n, ok := value.(float64); ok && n == float64(int64(n)) && slices.Contains(types, any("integer")) {
		kind = "integer"
	}
	if len(types) > 0 && !slices.Contains(types, any(kind)) {
		wrong("is a %s: want %v", kind, types)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, value) || s.Const != nil && s.Const != value {
		wrong("is %v", value)
	}
	switch v := value.(type) {
	case string:
		if s.Pattern != nil && !regexp.MustCompile(*s.Pattern).MatchString(v) {
			wrong("is %q, which does not match %s", v, *s.Pattern)
		}
	case float64:
		if s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			wrong("is %v", v)
		}
	case []any:
		for i, item := range v {
			problems = append(problems, d.check(fmt.Sprintf("%s[%d]", path, i), *s.Items, item)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				wrong("lacks %s", name)
			}
		}
		for name, member := range v {
			property, known := s.Properties[name]
			switch more := s.AdditionalProperties.(type) {
			case bool:
				if !known && !more {
					wrong("has %s", name)
				}
			case map[string]any:
				data, _ := json.Marshal(more)
				_ = json.Unmarshal(data, &property)
				known = true
			}
			if known {
				problems = append(problems, d.check(path+"."+name, property, member)...)
			}
		}
	}
	return problems
}

// The OpenAPI document, the list of paths and the package documentation have the
// same routes.
func TestOpenAPI_routes(t *testing.T) {
	t.Parallel()
	p := start(t)
	status, text := p.control(t, "GET", "openapi.json", "")
	require.Equal(t, 200, status)
	d := readDocument(t, []byte(text))
	require.Equal(t, "3.1.0", d.OpenAPI)
	var documented, served []string
	for path, operations := range d.Paths {
		for method := range operations {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	_, list := p.control(t, "GET", "", "")
	for line := range strings.Lines(list + "\n") {
		fields := strings.Fields(line)
		served = append(served, fields[0]+" "+fields[1])
		require.Contains(t, packageDoc(t), "//\t"+strings.TrimSuffix(line, "\n")+"\n")
	}
	slices.Sort(documented)
	slices.Sort(served)
	if diff := cmp.Diff(served, documented); diff != "" {
		t.Errorf("routes (-served +documented):\n%s", diff)
	}
	var routes []string
	for _, r := range (&control{}).routes() {
		routes = append(routes, r.method+" /_stub/"+r.path)
	}
	slices.Sort(routes)
	require.Equal(t, routes, served)
}

// Every operation in the document, sent with its example, gets a response that the
// document describes. So does every mistake for which it has a status.
func TestOpenAPI_operations(t *testing.T) {
	t.Parallel()
	p := start(t)
	d := readDocument(t, openAPI)
	base := p.env["AWS_ENDPOINT_URL_GAMELIFT"]
	// So that the list of requests is not empty.
	_, err := p.token(t, gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute)
	require.NoError(t, err)

	send := func(method, path string, query url.Values, body string) (status int, contentType string, data []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path+"?"+query.Encode(), strings.NewReader(body))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		data, err = io.ReadAll(response.Body)
		require.NoError(t, err)
		contentType, _, _ = strings.Cut(response.Header.Get("Content-Type"), ";")
		return response.StatusCode, contentType, data
	}
	expect := func(op operation, what string, wantStatus, status int, contentType string, data []byte) {
		t.Helper()
		require.Equal(t, wantStatus, status, "%s: %s", what, data)
		response, ok := op.Responses[fmt.Sprint(status)]
		require.True(t, ok, "%s: status %d is not documented", what, status)
		if len(response.Content) == 0 {
			require.Empty(t, data, what)
			return
		}
		described, ok := response.Content[contentType]
		require.True(t, ok, "%s: content type %s is not documented", what, contentType)
		if contentType != "application/json" {
			return
		}
		var value any
		require.NoError(t, json.Unmarshal(data, &value))
		require.Empty(t, d.check(what, described.Schema, value), "%s", data)
	}
	// Resources are added before they are removed.
	for _, method := range []string{"post", "get", "delete"} {
		for path, operations := range d.Paths {
			op, ok := operations[method]
			if !ok || path == "/_stub/reset" {
				continue
			}
			what := method + " " + path
			require.NotEmpty(t, op.Summary, what)
			query, example := url.Values{}, op.RequestBody.Content["application/json"]
			if method == "post" {
				var value any
				require.NoError(t, json.Unmarshal(example.Example, &value), what)
				require.Empty(t, d.check(what+": example", example.Schema, value))
			}
			for _, parameter := range op.Parameters {
				require.Equal(t, "query", parameter.In)
				require.True(t, parameter.Required)
				query.Set(parameter.Name, parameter.Example)
			}
			want := 200
			if _, ok := op.Responses["204"]; ok {
				want = 204
			}
			status, contentType, data := send(strings.ToUpper(method), path, query, string(example.Example))
			expect(op, what, want, status, contentType, data)
			if _, ok := op.Responses["404"]; ok {
				status, contentType, data = send(strings.ToUpper(method), path, query, "")
				expect(op, what+", a second time", 404, status, contentType, data)
			}
			if _, ok := op.Responses["400"]; ok {
				status, contentType, data = send(strings.ToUpper(method), path, nil, `{"Unknown": 1}`)
				expect(op, what+", without what is required", 400, status, contentType, data)
			}
		}
	}
	status, _, data := send("POST", "/_stub/reset", nil, "")
	require.Equal(t, 204, status, "%s", data)
}

// The schemas have the members of the Go types.
func TestOpenAPI_schemas(t *testing.T) {
	t.Parallel()
	d := readDocument(t, openAPI)
	for name, goType := range map[string]reflect.Type{
		"Compute":     reflect.TypeFor[compute](),
		"ContainerID": reflect.TypeFor[gamelifttest.ContainerID](),
		"Build":       reflect.TypeFor[gamelifttest.Build](),
		"Credentials": reflect.TypeFor[gamelift.Credentials](),
		"Fault":       reflect.TypeFor[fault](),
		"Request":     reflect.TypeFor[gamelifttest.Request](),
	} {
		var want, got []string
		for _, field := range reflect.VisibleFields(goType) {
			if !field.Anonymous && !slices.Contains(want, field.Name) {
				want = append(want, field.Name)
			}
		}
		for property, s := range d.Components.Schemas[name].Properties {
			got = append(got, property)
			require.NotEmpty(t, s.Description, "%s.%s", name, property)
			require.True(t, s.Ref != "" || s.Type != nil, "%s.%s has no type", name, property)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Go +document):\n%s", name, diff)
		}
	}
	// Values with every member set fit their schemas.
	for name, value := range map[string]any{
		"Fault": faultOf(gamelifttest.Fault{
			Operation: "GetComputeAccess", Skip: 1, Probability: 0.5, Count: -1, Status: 400, Code: "A", Header: http.Header{"A": {"b"}},
			RetryAfter: 1500, Body: []byte("b"), DateSkew: -3600e9, Delay: 1, Drip: 90e9, Break: gamelifttest.HTML,
		}),
		"Compute": computeOf(gamelifttest.Compute{
			FleetID: "fleet-1", Name: "a", Type: gamelifttest.Container, InstanceID: "i-1", Containers: []gamelifttest.ContainerID{{Name: "a", RuntimeID: "b"}}, AbsentFor: 1,
		}),
	} {
		data, err := json.Marshal(value)
		require.NoError(t, err)
		var decoded any
		require.NoError(t, json.Unmarshal(data, &decoded))
		require.Empty(t, d.check(name, d.Components.Schemas[name], decoded))
	}
}

// The document uses no keyword that these tests do not understand.
func TestOpenAPI_keywords(t *testing.T) {
	t.Parallel()
	var d struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(openAPI, &d))
	for name, data := range d.Components.Schemas {
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&schema{}), name)
	}
}

func TestControl_listAndRemove(t *testing.T) {
	t.Parallel()
	p := start(t)
	ok := func(method, path, body string) {
		t.Helper()
		status, text := p.control(t, method, path, body)
		require.Equal(t, 204, status, text)
	}
	ok("POST", "computes", `{"FleetID": "fleet-1", "Name": "a/b", "Type": "CONTAINER", "AbsentFor": "1ms",
		"Credentials": {"AccessKeyID": "AKIA", "SecretAccessKey": "canary", "SessionToken": "canary"}}`)
	ok("POST", "builds", `{"ID": "build-1", "Credentials": {"AccessKeyID": "AKIA", "SecretAccessKey": "canary"}}`)
	_, text := p.control(t, "GET", "computes", "")
	require.NotContains(t, text, "canary")
	var computes []struct{ FleetID, Name, AbsentFor string }
	require.NoError(t, json.Unmarshal([]byte(text), &computes))
	require.Len(t, computes, 4)
	require.Equal(t, struct{ FleetID, Name, AbsentFor string }{"fleet-1", "a/b", "1ms"}, computes[1])
	_, text = p.control(t, "GET", "builds", "")
	require.NotContains(t, text, "canary")
	require.Equal(t, 2, strings.Count(text, `"ID":`))

	ok("DELETE", "computes?FleetID=fleet-1&Name=a/b", "")
	ok("DELETE", "builds?ID=build-1", "")
	_, text = p.control(t, "GET", "computes", "")
	require.NotContains(t, text, "fleet-1")
	_, text = p.control(t, "GET", "builds", "")
	require.NotContains(t, text, "build-1\"")
	for path, want := range map[string]string{
		"computes?FleetID=fleet-1&Name=a/b": `404 {"Error":"there is no compute \"a/b\" of fleet \"fleet-1\""}`,
		"computes?FleetID=fleet-1":          `400 {"Error":"the query parameters FleetID and Name are required"}`,
		"builds?ID=build-1":                 `404 {"Error":"there is no build \"build-1\""}`,
		"builds":                            `400 {"Error":"the query parameter ID is required"}`,
	} {
		status, text := p.control(t, "DELETE", path, "")
		require.Equal(t, want, fmt.Sprint(status, " ", text))
	}

	ok("POST", "faults", `{"Code": "ThrottlingException"}`)
	ok("DELETE", "faults", "")
	_, text = p.control(t, "GET", "unused", "")
	require.Equal(t, "[]", text)
	_, text = p.control(t, "GET", "requests", "")
	require.Equal(t, "[]", text, "requests to the control API are not recorded")
	// The last slash can be left out.
	status, text := p.request(t, "GET", "/_stub", "")
	require.Equal(t, 200, status)
	require.Contains(t, text, "/_stub/health")
	_, text = p.control(t, "GET", "requests", "")
	require.Equal(t, "[]", text)
}

// A path that is not clean is a mistake too. A redirect would look like success to
// curl --fail.
func TestControl_uncleanPaths(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, path := range []string{"/_stub//reset", "/_stub/./reset", "/_stub/../_stub/reset", "/_stub/reset/", "/_stub//"} {
		status, text := p.request(t, "POST", path, "")
		require.Equal(t, 404, status, path)
		require.Equal(t, fmt.Sprintf(`{"Error":"there is no path \"%s\": GET /_stub/ lists the paths"}`, path), text)
	}
}
