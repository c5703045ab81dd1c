package gamelifttest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// state is what changes while a server runs, all guarded by Server.mu.
type state struct {
	computes map[computeKey]*compute
	builds   map[string]Build
	buckets  map[string]bucket // by operation
	faults   []*armed
	chance   *rand.Rand // for Fault.Probability
	history  history
	arrived  int // requests
	issued   int // credentials
}

func newState(seed uint64) state {
	return state{
		computes: map[computeKey]*compute{},
		builds:   map[string]Build{},
		buckets:  map[string]bucket{},
		chance:   rand.New(rand.NewPCG(seed, 0)),
	}
}

type computeKey struct{ fleetID, name string }

// compute is a Compute with what came of it.
type compute struct {
	Compute
	appears time.Time // from when on it is found

	token      string // "" before the first is asked for
	expires    time.Time
	generation int // how many tokens there were
}

func (s *Server) addCompute(c Compute) {
	if c.Type == "" {
		c.Type = Anywhere
	}
	c.InstanceID = cmp.Or(c.InstanceID, "i-"+s.made("instance", c.FleetID, c.Name)[:17])
	c.Containers = slices.Clone(c.Containers)
	if len(c.Containers) == 0 {
		c.Containers = []ContainerID{{"game-server", s.made("container", c.FleetID, c.Name)}}
	}
	key := computeKey{c.FleetID, c.Name}
	added := &compute{Compute: c, appears: s.options.Now().Add(c.AbsentFor)}
	if replaced, ok := s.state.computes[key]; ok {
		added.generation = replaced.generation // its tokens do not come again
	}
	s.state.computes[key] = added
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

func (s *Server) getComputeAuthToken(in input, now time.Time) (map[string]any, *failure) {
	c, failed := s.findCompute(in, now)
	if failed != nil {
		return nil, failed
	}
	if c.token == "" || c.expires.Sub(now) < s.options.TokenRenewal {
		c.generation++
		c.token = uuid(s.made("token", c.FleetID, c.Name, strconv.Itoa(c.generation)))
		c.expires = now.Add(s.options.TokenLife)
	}
	out := s.describe(c)
	out["AuthToken"] = c.token
	out["ExpirationTimestamp"] = c.expires
	return out, nil
}

func (s *Server) getComputeAccess(in input, now time.Time) (map[string]any, *failure) {
	c, failed := s.findCompute(in, now)
	if failed != nil {
		return nil, failed
	}
	if c.Type == Anywhere {
		return nil, fail("InvalidRequestException", "Compute "+c.Name+" is of an Anywhere fleet, to which GetComputeAccess gives no access.")
	}
	out := s.describe(c)
	out["Credentials"] = s.credentials("compute", c.FleetID, c.Name)
	if c.Type == Container {
		out["Target"] = c.InstanceID
		identifiers := []any{}
		for _, id := range c.Containers {
			identifiers = append(identifiers, map[string]any{"ContainerName": id.Name, "ContainerRuntimeId": id.RuntimeID})
		}
		out["ContainerIdentifiers"] = identifiers
	}
	return out, nil
}

func (s *Server) requestUploadCredentials(in input, _ time.Time) (map[string]any, *failure) {
	ref := parseReference(in["BuildId"])
	if failed := s.checkAccount(ref); failed != nil {
		return nil, failed
	}
	b, ok := s.state.builds[ref.id]
	if !ok || s.isForeign(ref) {
		return nil, fail("NotFoundException", "Build "+ref.id+" was not found in "+s.options.Region+".")
	}
	if b.Uploaded {
		return nil, fail("InvalidRequestException", "Build "+b.ID+" has its files already and takes no upload.")
	}
	return map[string]any{
		"StorageLocation":   map[string]any{"Bucket": b.Bucket, "Key": b.Key},
		"UploadCredentials": s.credentials("build", b.ID),
	}, nil
}

// findCompute finds what FleetId and ComputeName name.
func (s *Server) findCompute(in input, now time.Time) (*compute, *failure) {
	fleet, name := parseReference(in["FleetId"]), parseReference(in["ComputeName"])
	for _, ref := range []reference{fleet, name} {
		if failed := s.checkAccount(ref); failed != nil {
			return nil, failed
		}
		if s.isForeign(ref) {
			return nil, fail("UnsupportedRegionException", "The resource is of region "+ref.region+", and this is "+s.options.Region+".")
		}
	}
	c, ok := s.state.computes[computeKey{fleet.id, name.id}]
	if !ok || now.Before(c.appears) {
		return nil, fail("NotFoundException", "Compute "+name.id+" of fleet "+fleet.id+" was not found.")
	}
	return c, nil
}

// checkAccount refuses resources of other accounts. ARNs without an account,
// which the documentation has too, are the caller's own.
func (s *Server) checkAccount(ref reference) *failure {
	if ref.account == "" || ref.account == s.options.AccountID {
		return nil
	}
	return fail("UnauthorizedException", "The resource belongs to another account.")
}

func (s *Server) isForeign(ref reference) bool {
	return ref.region != "" && ref.region != s.options.Region
}

// describe has what both operations on computes tell.
func (s *Server) describe(c *compute) map[string]any {
	return map[string]any{
		"ComputeArn":  s.options.arn("compute", c.Name),
		"ComputeName": c.Name,
		"FleetArn":    s.options.fleetARN(c.FleetID),
		"FleetId":     c.FleetID,
	}
}

// credentials makes up what the service would issue: new ones for each request.
func (s *Server) credentials(of ...string) map[string]any {
	s.state.issued++
	of = append(of, strconv.Itoa(s.state.issued))
	id := s.made(append(of, "access key ID")...)
	return map[string]any{
		"AccessKeyId":     "ASIA" + strings.ToUpper(id[:16]),
		"SecretAccessKey": s.made(append(of, "secret access key")...)[:40],
		"SessionToken":    s.made(append(of, "session token")...),
	}
}

// made makes up a value in 64 hexadecimal digits: another one for each
// sequence of parts, the same one for the same Options.Seed.
func (s *Server) made(parts ...string) string {
	hash := sha256.Sum256([]byte(strconv.FormatUint(s.options.Seed, 10) + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(hash[:])
}

// uuid shapes hexadecimal digits as a UUID.
func uuid(digits string) string {
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:32]
}
