package gamelifttest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// The computes and the build that exist by default: three fleets, one of each
// compute type, with one compute each.
const (
	// AnywhereFleetID is the ID of the Anywhere fleet.
	AnywhereFleetID = "fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"

	// AnywhereCompute is the name of the compute of AnywhereFleetID.
	AnywhereCompute = "HardwareAnywhere"

	// EC2FleetID is the ID of the managed EC2 fleet.
	EC2FleetID = "fleet-3333cccc-44dd-55ee-66ff-7777aaaa88bb"

	// EC2Compute is the name of the compute of EC2FleetID.
	EC2Compute = "i-0123456789abcdef0"

	// ContainerFleetID is the ID of the managed container fleet.
	ContainerFleetID = "containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc"

	// ContainerCompute is the name of the compute of ContainerFleetID.
	ContainerCompute = "0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"

	// BuildID is the ID of the build.
	BuildID = "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff"
)

// ComputeType is the type of a compute and of its fleet.
type ComputeType string

const (
	// EC2 is the type of an instance in a managed EC2 fleet.
	EC2 ComputeType = "EC2"

	// Anywhere is the type of a compute that is registered with an Anywhere
	// fleet.
	Anywhere ComputeType = "ANYWHERE"

	// Container is the type of a container group in a managed container fleet.
	Container ComputeType = "CONTAINER"
)

// Compute is a compute of a fleet. A fleet exists if it has a compute.
type Compute struct {
	// FleetID is the ID of the compute's fleet, not its ARN.
	FleetID string

	// Name is the name of the compute, not its ARN.
	Name string

	// Type is the type of the compute. Empty means Anywhere.
	Type ComputeType

	// InstanceID is the Target that GetComputeAccess returns. If it is empty,
	// the Target of a Container compute is made up, and an EC2 compute has none:
	// AWS documents a Target for container fleets only. It is not used for an
	// Anywhere compute.
	InstanceID string

	// Containers are the ContainerIdentifiers that GetComputeAccess returns for
	// a Container compute. If empty, one is made up. They are not used for other
	// types.
	Containers []ContainerID

	// Credentials are the credentials that GetComputeAccess returns. The zero
	// value means that each call gets new credentials, which give access to
	// nothing.
	Credentials gamelift.Credentials `json:",omitzero"`

	// AbsentFor is how long the compute is not found after it was added. This
	// can happen to a compute that was registered a moment ago.
	AbsentFor time.Duration
}

// Validate returns an error that names the first invalid field, or nil.
// [Server.AddCompute] panics with this error.
func (c Compute) Validate() error {
	switch {
	case !isID(fleetID, c.FleetID):
		return fmt.Errorf("Compute.FleetID is %q: want an ID such as %s", c.FleetID, AnywhereFleetID)
	case !isID(computeName, c.Name):
		return fmt.Errorf("Compute.Name is %q: want letters, digits and hyphens, in at most two parts with a slash between", c.Name)
	case c.Type != "" && c.Type != EC2 && c.Type != Anywhere && c.Type != Container:
		return fmt.Errorf("Compute.Type is %q: want one of %q, or none", c.Type, []ComputeType{EC2, Anywhere, Container})
	case !isComplete(c.Credentials):
		return errors.New("Compute.Credentials has no AccessKeyID or no SecretAccessKey")
	case c.AbsentFor < 0:
		return fmt.Errorf("Compute.AbsentFor is %v: want 0 or more", c.AbsentFor)
	}
	return nil
}

// isID reports whether id is valid for the member and is not an ARN.
func isID(m member, id string) bool {
	return !strings.HasPrefix(id, "arn:") && len(m.violations(input{m.name: id})) == 0
}

// isComplete reports whether the credentials have a key pair or are zero.
func isComplete(c gamelift.Credentials) bool {
	return c.AccessKeyID != "" && c.SecretAccessKey != "" || c == gamelift.Credentials{}
}

// ContainerID identifies a container of a compute.
type ContainerID struct {
	// Name is the ContainerName of the container.
	Name string

	// RuntimeID is the ContainerRuntimeId of the container.
	RuntimeID string
}

// Build is a game build.
type Build struct {
	// ID is the ID of the build, not its ARN.
	ID string

	// Bucket is the Amazon S3 bucket of the build's StorageLocation. If empty,
	// it is made up from the Region.
	Bucket string

	// Key is the object key of the build's StorageLocation. If empty, it is made
	// up from the account and the build.
	Key string

	// Credentials are the credentials that RequestUploadCredentials returns, for
	// tests that upload to their own server. The zero value means that each call
	// gets new credentials, which give access to nothing.
	Credentials gamelift.Credentials `json:",omitzero"`

	// Uploaded makes RequestUploadCredentials fail with InvalidRequestException,
	// as for a build whose files have been uploaded.
	Uploaded bool
}

// Validate returns an error that names the first invalid field, or nil.
// [Server.AddBuild] panics with this error.
func (b Build) Validate() error {
	switch {
	case !isID(buildID, b.ID):
		return fmt.Errorf("Build.ID is %q: want an ID such as %s", b.ID, BuildID)
	case !isComplete(b.Credentials):
		return errors.New("Build.Credentials has no AccessKeyID or no SecretAccessKey")
	}
	return nil
}

func defaultComputes() []Compute {
	return []Compute{
		{FleetID: AnywhereFleetID, Name: AnywhereCompute, Type: Anywhere},
		{FleetID: EC2FleetID, Name: EC2Compute, Type: EC2},
		{
			FleetID: ContainerFleetID, Name: ContainerCompute, Type: Container,
			InstanceID: "i-0fedcba9876543210",
			Containers: []ContainerID{{
				Name:      "game-server",
				RuntimeID: "0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890",
			}},
		},
	}
}

func defaultBuilds() []Build { return []Build{{ID: BuildID}} }

// arn returns the ARN of a resource of the server.
func (o *Options) arn(kind, id string) string {
	return "arn:" + partitionOf(o.Region) + ":gamelift:" + o.Region + ":" + o.AccountID + ":" + kind + "/" + id
}

func (o *Options) fleetARN(fleetID string) string {
	kind, _, _ := strings.Cut(fleetID, "-") // "fleet" or "containerfleet"
	return o.arn(kind, fleetID)
}

// The partitions other than "aws", by the prefix of their Regions.
var partitions = []struct{ prefix, name string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"eusc-", "aws-eusc"},
	{"us-iso-", "aws-iso"},
	{"us-isob-", "aws-iso-b"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"},
}

func partitionOf(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}

// reference is the ID or the ARN by which a request names a resource. Only an
// ARN has a partition, a region and an account.
type reference struct {
	id                         string
	isARN                      bool
	partition, region, account string
}

// parseReference parses an ID or an ARN of the form
// arn:partition:gamelift:region:account:kind/id. Anything else is an ID.
func parseReference(s string) reference {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != service {
		return reference{id: s}
	}
	_, id, _ := strings.Cut(parts[5], "/")
	return reference{id: id, isARN: true, partition: parts[1], region: parts[3], account: parts[4]}
}

// checkReferences returns an error if an ARN has another partition than its
// Region, or names a resource of another account. An ARN without an account, as
// in AWS's examples, names a resource of the caller's account.
func (o *Options) checkReferences(refs ...reference) *apiError {
	for _, ref := range refs {
		if !ref.isARN {
			continue
		}
		region := cmp.Or(ref.region, o.Region)
		switch {
		case ref.partition != partitionOf(region):
			return newError("InvalidRequestException", fmt.Sprintf("The partition of the ARN is %q, but Region %s is in partition %q.", ref.partition, region, partitionOf(region)))
		case ref.account != "" && ref.account != o.AccountID:
			return newError("UnauthorizedException", "The resource belongs to another account.")
		}
	}
	return nil
}

// isForeign reports whether the resource is in another Region.
func (o *Options) isForeign(ref reference) bool {
	return ref.region != "" && ref.region != o.Region
}

// Computes returns the computes of the server, sorted by fleet and name. Fields
// that are made up are filled in.
func (s *Server) Computes() []Compute {
	s.mu.Lock()
	defer s.mu.Unlock()
	var computes []Compute
	for _, c := range s.state.computes {
		listed := c.Compute
		listed.Containers = slices.Clone(c.Containers)
		computes = append(computes, listed)
	}
	slices.SortFunc(computes, func(a, b Compute) int {
		return strings.Compare(a.FleetID+" "+a.Name, b.FleetID+" "+b.Name)
	})
	return computes
}

// AddCompute adds a compute, and its fleet if it is new. It replaces a compute of
// the same fleet and name, and its token. It panics if c is invalid.
func (s *Server) AddCompute(c Compute) {
	if err := c.Validate(); err != nil {
		panic("gamelifttest: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addCompute(c)
}

// RemoveCompute removes a compute and reports whether it existed.
func (s *Server) RemoveCompute(fleetID, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := computeKey{fleetID, name}
	_, existed := s.state.computes[key]
	delete(s.state.computes, key)
	return existed
}

// Builds returns the builds of the server, sorted by ID. Fields that are made up
// are filled in.
func (s *Server) Builds() []Build {
	s.mu.Lock()
	defer s.mu.Unlock()
	var builds []Build
	for _, b := range s.state.builds {
		builds = append(builds, b)
	}
	slices.SortFunc(builds, func(a, b Build) int { return strings.Compare(a.ID, b.ID) })
	return builds
}

// AddBuild adds a build. It replaces a build of the same ID. It panics if b is
// invalid.
func (s *Server) AddBuild(b Build) {
	if err := b.Validate(); err != nil {
		panic("gamelifttest: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addBuild(b)
}

// RemoveBuild removes a build and reports whether it existed.
func (s *Server) RemoveBuild(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, existed := s.state.builds[id]
	delete(s.state.builds, id)
	return existed
}
