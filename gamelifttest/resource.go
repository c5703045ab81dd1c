package gamelifttest

import (
	"fmt"
	"strings"
	"time"
)

// What a server has from the start: three fleets with one compute each, one for
// every compute type, and a build.
const (
	AnywhereFleetID  = "fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa"
	AnywhereCompute  = "HardwareAnywhere"
	EC2FleetID       = "fleet-3333cccc-44dd-55ee-66ff-7777aaaa88bb"
	EC2Compute       = "i-0123456789abcdef0"
	ContainerFleetID = "containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc"
	ContainerCompute = "0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"
	BuildID          = "build-1111aaaa-22bb-33cc-44dd-5555eeee66ff"
)

// ComputeType is the type of a compute and its fleet.
type ComputeType string

// The compute types, as the service names them.
const (
	EC2       ComputeType = "EC2"
	Anywhere  ComputeType = "ANYWHERE"
	Container ComputeType = "CONTAINER"
)

// Compute is a compute of a fleet. The fleet exists by having a compute.
type Compute struct {
	FleetID string // the ID, not the ARN
	Name    string // the ID, not the ARN

	// Type is what the compute runs on. Zero: Anywhere.
	Type ComputeType

	// InstanceID and Containers are what GetComputeAccess tells about a
	// Container compute: the EC2 instance below it (Target), and its
	// containers (ContainerIdentifiers). Empty: made up. Other types ignore
	// them.
	InstanceID string
	Containers []ContainerID

	// AbsentFor is how long after it was added the compute is still
	// NotFoundException, as a compute can be that was registered a moment ago.
	AbsentFor time.Duration
}

// Validate tells what is wrong with the compute, if anything. One that is
// invalid can be added, and no request finds it.
func (c Compute) Validate() error {
	switch {
	case !isID(fleetID, c.FleetID):
		return fmt.Errorf("Compute.FleetID is %q: want an ID such as %s", c.FleetID, AnywhereFleetID)
	case !isID(computeName, c.Name):
		return fmt.Errorf("Compute.Name is %q: want letters, digits and hyphens, in at most two parts with a slash between", c.Name)
	case c.Type != "" && c.Type != EC2 && c.Type != Anywhere && c.Type != Container:
		return fmt.Errorf("Compute.Type is %q: want one of %q, or none", c.Type, []ComputeType{EC2, Anywhere, Container})
	case c.AbsentFor < 0:
		return fmt.Errorf("Compute.AbsentFor is %v: want 0 or more", c.AbsentFor)
	}
	return nil
}

func isID(m member, id string) bool {
	return !strings.HasPrefix(id, "arn:") && m.check(input{m.name: id}) == nil
}

// ContainerID names a container of a compute.
type ContainerID struct{ Name, RuntimeID string }

// Build is a game build.
type Build struct {
	ID string // not the ARN

	// Bucket and Key are where its files are to be uploaded. Empty: made up
	// from region and ID.
	Bucket, Key string

	// Uploaded builds take no upload any more: InvalidRequestException.
	Uploaded bool
}

// Validate tells what is wrong with the build, if anything. One that is invalid
// can be added, and no request finds it.
func (b Build) Validate() error {
	if !isID(buildID, b.ID) {
		return fmt.Errorf("Build.ID is %q: want an ID such as %s", b.ID, BuildID)
	}
	return nil
}

func seededComputes() []Compute {
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

func seededBuilds() []Build { return []Build{{ID: BuildID}} }

// arn names a resource of the server: kind/id.
func (o *Options) arn(kind, id string) string {
	return "arn:" + partition(o.Region) + ":gamelift:" + o.Region + ":" + o.AccountID + ":" + kind + "/" + id
}

func (o *Options) fleetARN(fleetID string) string {
	kind, _, _ := strings.Cut(fleetID, "-") // "fleet" or "containerfleet"
	return o.arn(kind, fleetID)
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// reference is how a request names a resource: by its ID alone, or by an ARN,
// which also tells region and account.
type reference struct{ id, region, account string }

// parseReference reads an ID or an ARN, arn:partition:gamelift:region:account:kind/id.
// What is not quite an ARN is an ID.
func parseReference(s string) reference {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != service {
		return reference{id: s}
	}
	_, id, _ := strings.Cut(parts[5], "/")
	return reference{id: id, region: parts[3], account: parts[4]}
}
