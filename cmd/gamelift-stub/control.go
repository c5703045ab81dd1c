package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const (
	controlPrefix  = "/_stub/"
	maxControlBody = 16 << 20
)

// openAPI describes the control API. A test compares it with the routes.
//
//go:embed openapi.json
var openAPI []byte

// route is a method and a path of the control API.
type route struct {
	method, path string // path is relative to controlPrefix
	summary      string
	handler      http.HandlerFunc
}

// control serves the API that controls the stub.
type control struct {
	stub        *gamelifttest.Server
	clock       *clock
	startOffset duration // the clock's offset after a reset
}

func (c *control) routes() []route {
	return []route{
		{"GET", "", "list these paths", c.listPaths},
		{"GET", "openapi.json", "describe these paths in OpenAPI 3.1", c.describePaths},
		{"GET", "health", "report that the stub is running", c.reportHealth},
		{"GET", "computes", "list the computes", c.listComputes},
		{"POST", "computes", `add a compute: {"FleetID": "fleet-1", "Name": "host-1"}`, withBody(c.addCompute)},
		{"DELETE", "computes", "remove a compute: ?FleetID=fleet-1&Name=host-1", c.removeCompute},
		{"GET", "builds", "list the builds", c.listBuilds},
		{"POST", "builds", `add a build: {"ID": "build-1"}`, withBody(c.addBuild)},
		{"DELETE", "builds", "remove a build: ?ID=build-1", c.removeBuild},
		{"POST", "faults", `inject a fault: {"Code": "ThrottlingException", "Count": 2}`, withBody(c.injectFault)},
		{"DELETE", "faults", "remove all injected faults", c.clearFaults},
		{"GET", "unused", "list the injected faults that are not used up", c.listUnused},
		{"GET", "requests", "list the requests that arrived, oldest first, secrets redacted", c.listRequests},
		{"POST", "clock", `set the clock: {"Offset": "2h50m"}`, withBody(c.setClock)},
		{"POST", "reset", "return to the initial state, clock included", c.reset},
	}
}

// ServeHTTP calls the handler of a route. It uses no http.ServeMux, which redirects
// unclean paths: some clients take a redirect for success.
func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, found := strings.CutPrefix(r.URL.Path, controlPrefix)
	if !found {
		path = "" // of /_stub, without the slash
	}
	var methods []string
	for _, route := range c.routes() {
		if route.path != path {
			continue
		}
		if r.Method == route.method || r.Method == http.MethodHead && route.method == http.MethodGet {
			route.handler(w, r)
			return
		}
		methods = append(methods, route.method)
	}
	if len(methods) == 0 {
		writeError(w, http.StatusNotFound, fmt.Sprintf("there is no path %q: GET %s lists the paths", r.URL.Path, controlPrefix))
		return
	}
	allowed := strings.Join(methods, ", ")
	w.Header().Set("Allow", allowed)
	writeError(w, http.StatusMethodNotAllowed, fmt.Sprintf("the method is %s: want one of %s", r.Method, allowed))
}

func (c *control) listPaths(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, r := range c.routes() {
		fmt.Fprintf(w, "%-6s %-20s %s\n", r.method, controlPrefix+r.path, r.summary)
	}
}

func (c *control) describePaths(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI) // an error means that the client is gone
}

func (c *control) reportHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, struct{ Status string }{"ok"})
}

func (c *control) listComputes(w http.ResponseWriter, _ *http.Request) {
	computes := []compute{}
	for _, plain := range c.stub.Computes() {
		computes = append(computes, computeOf(plain))
	}
	writeJSON(w, http.StatusOK, computes)
}

func (c *control) addCompute(body compute) error {
	plain := body.plain()
	if err := plain.Validate(); err != nil {
		return err
	}
	c.stub.AddCompute(plain)
	return nil
}

func (c *control) removeCompute(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	fleetID, name := query.Get("FleetID"), query.Get("Name")
	switch {
	case fleetID == "" || name == "":
		writeError(w, http.StatusBadRequest, "the query parameters FleetID and Name are required")
	case !c.stub.RemoveCompute(fleetID, name):
		writeError(w, http.StatusNotFound, fmt.Sprintf("there is no compute %q of fleet %q", name, fleetID))
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (c *control) listBuilds(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append([]gamelifttest.Build{}, c.stub.Builds()...))
}

func (c *control) addBuild(body gamelifttest.Build) error {
	if err := body.Validate(); err != nil {
		return err
	}
	c.stub.AddBuild(body)
	return nil
}

func (c *control) removeBuild(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("ID")
	switch {
	case id == "":
		writeError(w, http.StatusBadRequest, "the query parameter ID is required")
	case !c.stub.RemoveBuild(id):
		writeError(w, http.StatusNotFound, fmt.Sprintf("there is no build %q", id))
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (c *control) injectFault(body fault) error {
	plain := body.plain()
	if err := plain.Validate(); err != nil {
		return err
	}
	c.stub.Inject(plain)
	return nil
}

func (c *control) clearFaults(w http.ResponseWriter, _ *http.Request) {
	c.stub.ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}

func (c *control) listUnused(w http.ResponseWriter, _ *http.Request) {
	faults := []fault{}
	for _, plain := range c.stub.Unused() {
		faults = append(faults, faultOf(plain))
	}
	writeJSON(w, http.StatusOK, faults)
}

func (c *control) listRequests(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append([]gamelifttest.Request{}, c.stub.Requests()...))
}

func (c *control) setClock(body struct{ Offset *duration }) error {
	if body.Offset == nil {
		return errors.New("the member Offset is missing")
	}
	c.clock.set(*body.Offset)
	return nil
}

func (c *control) reset(w http.ResponseWriter, _ *http.Request) {
	c.clock.set(c.startOffset)
	c.stub.Reset()
	w.WriteHeader(http.StatusNoContent)
}

// withBody returns a handler that decodes the body and passes it to do. If do
// returns an error, the response is status 400.
func withBody[T any](do func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body T
		err := decode(http.MaxBytesReader(w, r.Body, maxControlBody), &body)
		if err == nil {
			err = do(body)
		}
		if err != nil {
			writeError(w, http.StatusBadRequest, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, struct{ Error string }{message})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error means that the client is gone
}

// isControl reports whether a request is for the control API.
func isControl(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, controlPrefix) || r.URL.Path == strings.TrimSuffix(controlPrefix, "/")
}
