package gamelifttest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// operation is an operation of the service: the members of its input, in the
// order in which AWS reports violations, and the function that makes its output.
// The function is called with Server.mu locked.
type operation struct {
	members []member
	serve   func(s *Server, in input, now time.Time) (map[string]any, *apiError)
}

// operations are the operations that a server has, by name.
var operations = map[string]*operation{
	"GetComputeAuthToken":      {[]member{fleetID, computeName}, (*Server).getComputeAuthToken},
	"GetComputeAccess":         {[]member{fleetID, computeName}, (*Server).getComputeAccess},
	"RequestUploadCredentials": {[]member{buildID}, (*Server).requestUploadCredentials},
}

// Members of inputs, with the constraints of the API model.
var (
	fleetID = member{"FleetId", text, true, newLimits(1, 512,
		`^[a-z]*fleet-[a-zA-Z0-9\-]+$|^arn:.*:[a-z]*fleet\/[a-z]*fleet-[a-zA-Z0-9\-]+$`)}
	computeName = member{"ComputeName", text, true, newLimits(0, 1024,
		`^[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?$|^arn:.*:compute\/[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?`)}
	buildID = member{"BuildId", text, true, newLimits(1, 512, `^build-\S+|^arn:.*:build\/build-\S+`)}
)

func operationNames(operations map[string]*operation) string {
	return strings.Join(slices.Sorted(maps.Keys(operations)), ", ")
}
