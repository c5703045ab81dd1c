package main

import (
	"encoding/json"
	"net/http"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const (
	controlPrefix  = "/_stub/"
	maxControlBody = 16 << 20
)

// newControl is the API by which tests control the stub; the package
// documentation lists it.
func newControl(stub *gamelifttest.Server, clock *clock, startOffset duration) http.Handler {
	mux := http.NewServeMux()
	handle(mux, "computes", func(c compute) error {
		plain := c.plain()
		if err := plain.Validate(); err != nil {
			return err
		}
		stub.AddCompute(plain)
		return nil
	})
	handle(mux, "builds", func(b gamelifttest.Build) error {
		if err := b.Validate(); err != nil {
			return err
		}
		stub.AddBuild(b)
		return nil
	})
	handle(mux, "faults", func(f fault) error {
		plain := f.plain()
		if err := plain.Validate(); err != nil {
			return err
		}
		stub.Inject(plain)
		return nil
	})
	handle(mux, "clock", func(c struct{ Offset duration }) error {
		clock.set(c.Offset)
		return nil
	})
	mux.HandleFunc("POST "+controlPrefix+"reset", func(w http.ResponseWriter, _ *http.Request) {
		clock.set(startOffset)
		stub.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+controlPrefix+"requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, append([]gamelifttest.Request{}, stub.Requests()...))
	})
	mux.HandleFunc("GET "+controlPrefix+"unused", func(w http.ResponseWriter, _ *http.Request) {
		faults := []fault{}
		for _, f := range stub.Unused() {
			faults = append(faults, faultOf(f))
		}
		writeJSON(w, http.StatusOK, faults)
	})
	return mux
}

// handle serves a POST whose body is a T.
func handle[T any](mux *http.ServeMux, name string, do func(T) error) {
	mux.HandleFunc("POST "+controlPrefix+name, func(w http.ResponseWriter, r *http.Request) {
		var body T
		err := decode(http.MaxBytesReader(w, r.Body, maxControlBody), &body)
		if err == nil {
			err = do(body)
		}
		if err != nil {
			writeJSON(w, http.StatusBadRequest, struct{ Error string }{err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error says that the client is gone
}
