package gamelifttest

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// state is the part of a server that changes while it runs. Server.mu guards
// it.
type state struct {
	computes map[computeKey]*compute
	builds   map[string]Build
	buckets  map[string]bucket // by operation
	faults   []*injected
	random   *rand.Rand // for Fault.Probability
	history  history

	// Numbers from which values are made up. They only grow, so that no value is
	// issued twice.
	requested int                // requests
	issued    int                // credentials
	tokens    map[computeKey]int // tokens of each compute, also of a removed one
}

func newState(seed uint64) state {
	return state{
		computes: map[computeKey]*compute{},
		tokens:   map[computeKey]int{},
		builds:   map[string]Build{},
		buckets:  map[string]bucket{},
		random:   rand.New(rand.NewPCG(seed, 0)),
	}
}

type computeKey struct{ fleetID, name string }

// compute is a Compute with its token.
type compute struct {
	Compute
	appears time.Time // until then it is not found

	token   string // "" until one is requested
	expires time.Time
}

func (s *Server) addCompute(c Compute) {
	if c.Type == "" {
		c.Type = Anywhere
	}
	c.Containers = slices.Clone(c.Containers)
	if c.Type == Container {
		if c.InstanceID == "" {
			c.InstanceID = "i-" + s.hexDigits("instance", c.FleetID, c.Name)[:17]
		}
		if len(c.Containers) == 0 {
			c.Containers = []ContainerID{{"game-server", s.hexDigits("container", c.FleetID, c.Name)}}
		}
	}
	s.state.computes[computeKey{c.FleetID, c.Name}] = &compute{Compute: c, appears: s.options.Now().Add(c.AbsentFor)}
}

func (s *Server) addBuild(b Build) {
	if b.Bucket == "" {
		b.Bucket = "prod-gamescale-builds-" + s.options.Region
	}
	if b.Key == "" {
		b.Key = s.options.AccountID + "/" + b.ID
	}
	s.state.builds[b.ID] = b
}

func (s *Server) getComputeAuthToken(in input, now time.Time) (map[string]any, *apiError) {
	c, failed := s.findCompute(in, now)
	if failed != nil {
		return nil, failed
	}
	if c.token == "" || c.expires.Sub(now) < s.options.TokenRenewal {
		key := computeKey{c.FleetID, c.Name}
		s.state.tokens[key]++
		c.token = s.uuid("token", c.FleetID, c.Name, strconv.Itoa(s.state.tokens[key]))
		c.expires = now.Add(s.options.TokenLife)
	}
	out := s.describe(c)
	out["AuthToken"] = c.token
	out["ExpirationTimestamp"] = c.expires
	return out, nil
}

func (s *Server) getComputeAccess(in input, now time.Time) (map[string]any, *apiError) {
	c, failed := s.findCompute(in, now)
	if failed != nil {
		return nil, failed
	}
	if c.Type == Anywhere {
		return nil, newError("InvalidRequestException", "Compute "+c.Name+" belongs to an Anywhere fleet, which GetComputeAccess does not support.")
	}
	out := s.describe(c)
	out["Credentials"] = s.credentials(c.Credentials, "compute", c.FleetID, c.Name)
	if c.InstanceID != "" {
		out["Target"] = c.InstanceID
	}
	if c.Type == Container {
		identifiers := []any{}
		for _, id := range c.Containers {
			identifiers = append(identifiers, map[string]any{"ContainerName": id.Name, "ContainerRuntimeId": id.RuntimeID})
		}
		out["ContainerIdentifiers"] = identifiers
	}
	return out, nil
}

func (s *Server) requestUploadCredentials(in input, _ time.Time) (map[string]any, *apiError) {
	ref := parseReference(in.text("BuildId"))
	if failed := s.options.checkReferences(ref); failed != nil {
		return nil, failed
	}
	b, ok := s.state.builds[ref.id]
	if !ok || s.options.isForeign(ref) {
		return nil, newError("NotFoundException", "Build "+ref.id+" was not found in "+s.options.Region+".")
	}
	if b.Uploaded {
		return nil, newError("InvalidRequestException", "The files of build "+b.ID+" have already been uploaded.")
	}
	return map[string]any{
		"StorageLocation":   map[string]any{"Bucket": b.Bucket, "Key": b.Key},
		"UploadCredentials": s.credentials(b.Credentials, "build", b.ID),
	}, nil
}

// findCompute returns the compute that FleetId and ComputeName name.
func (s *Server) findCompute(in input, now time.Time) (*compute, *apiError) {
	fleet, name := parseReference(in.text("FleetId")), parseReference(in.text("ComputeName"))
	if failed := s.options.checkReferences(fleet, name); failed != nil {
		return nil, failed
	}
	for _, ref := range []reference{fleet, name} {
		if s.options.isForeign(ref) {
			return nil, newError("UnsupportedRegionException", "The resource is in Region "+ref.region+", but the request was sent to Region "+s.options.Region+".")
		}
	}
	c, ok := s.state.computes[computeKey{fleet.id, name.id}]
	if !ok || now.Before(c.appears) {
		return nil, newError("NotFoundException", "Compute "+name.id+" of fleet "+fleet.id+" was not found.")
	}
	return c, nil
}

// describe returns the members that the outputs of both compute operations have.
func (s *Server) describe(c *compute) map[string]any {
	return map[string]any{
		"ComputeArn":  s.options.arn("compute", c.Name),
		"ComputeName": c.Name,
		"FleetArn":    s.options.fleetARN(c.FleetID),
		"FleetId":     c.FleetID,
	}
}
