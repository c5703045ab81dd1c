package gamelift

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/shape"
	"github.com/gamelift-compute/gamelift/types"
)

// GetComputeAccess requests temporary AWS credentials for a session with a
// fleet's compute through AWS Systems Manager (SSM). It supports EC2 and
// container fleets, but not Anywhere fleets.
//
// Start the session with the credentials and Target: `aws ssm start-session
// --target`. On a container fleet, ContainerIdentifiers name the containers that
// can be entered from there. The credentials are short-lived, and the service
// does not say when they expire: request new ones for each session.
//
// The service returns the errors InternalServiceException,
// InvalidRequestException (also for an Anywhere compute), NotFoundException,
// UnauthorizedException and UnsupportedRegionException (package errors), and the
// codes that all AWS services share.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_GetComputeAccess.html
func (c *Client) GetComputeAccess(ctx context.Context, params *GetComputeAccessInput, optFns ...func(*Options)) (*GetComputeAccessOutput, error) {
	return invoke[GetComputeAccessInput, GetComputeAccessOutput](ctx, c, "GameLift.GetComputeAccess", params, optFns)
}

// GetComputeAccessInput names the compute. Both members are required.
type GetComputeAccessInput struct {
	// ComputeName is the instance ID (EC2 fleet), or the compute name that
	// ListCompute returns (container fleet). It can also be an ARN of the
	// compute.
	ComputeName *string `json:",omitempty"`

	// FleetId is the ID or the ARN of the compute's fleet.
	FleetId *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (in *GetComputeAccessInput) VisitMembers(v *shape.Visitor) {
	v.String("ComputeName", &in.ComputeName, shape.Required)
	v.String("FleetId", &in.FleetId, shape.Required)
}

// GetComputeAccessOutput holds the credentials, and names the compute that they
// are for. Members that the service did not send are nil. Printed by fmt or
// slog, it redacts the secrets; in JSON it has its wire form.
type GetComputeAccessOutput struct {
	// ComputeArn is the ARN of the compute.
	ComputeArn *string

	// ComputeName is the name of the compute, or its instance ID.
	ComputeName *string

	// ContainerIdentifiers are the containers of a compute of a container
	// fleet, at most 10.
	ContainerIdentifiers []types.ContainerIdentifier

	// Credentials open the SSM session. Their secrets are never printed.
	Credentials *types.AwsCredentials

	// FleetArn is the ARN of the compute's fleet.
	FleetArn *string

	// FleetId is the ID of the compute's fleet.
	FleetId *string

	// Target is the target of the SSM session: the ID of the instance that the
	// compute runs on. It can be nil, since the AWS documentation does not
	// promise it for every fleet type. On an EC2 fleet, ComputeName is the
	// instance ID as well.
	Target *string

	// ResultMetadata describes the call. RequestID, Attempts and ServerTime read
	// it.
	ResultMetadata middleware.Metadata
}

// VisitMembers lists the members for the codecs of this module.
func (out *GetComputeAccessOutput) VisitMembers(v *shape.Visitor) {
	v.String("ComputeArn", &out.ComputeArn, shape.Optional)
	v.String("ComputeName", &out.ComputeName, shape.Optional)
	shape.List(v, "ContainerIdentifiers", &out.ContainerIdentifiers, shape.Optional)
	shape.Object(v, "Credentials", &out.Credentials, shape.Optional)
	v.String("FleetArn", &out.FleetArn, shape.Optional)
	v.String("FleetId", &out.FleetId, shape.Optional)
	v.String("Target", &out.Target, shape.Optional)
	v.Metadata(&out.ResultMetadata)
}

// Format prints the output with its secrets redacted, at every verb.
func (out GetComputeAccessOutput) Format(f fmt.State, _ rune) {
	shape.Format(f, "GetComputeAccessOutput", &out)
}

// LogValue returns the output with its secrets redacted.
func (out GetComputeAccessOutput) LogValue() slog.Value { return shape.LogValue(&out) }

// MarshalJSON returns the wire form, secrets included.
func (out GetComputeAccessOutput) MarshalJSON() ([]byte, error) { return shape.MarshalJSON(&out) }

// UnmarshalJSON reads the wire form.
func (out *GetComputeAccessOutput) UnmarshalJSON(data []byte) error {
	return shape.UnmarshalJSON(data, out)
}
