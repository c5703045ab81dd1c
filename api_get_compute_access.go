package gamelift

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/types"
)

// GetComputeAccess requests temporary AWS credentials with which to open a
// session on a fleet's compute through AWS Systems Manager (SSM). It serves EC2
// and container fleets, and never Anywhere fleets.
//
// Start the session with the credentials and Target: `aws ssm start-session
// --target`. On a container fleet, ContainerIdentifiers tell which container to
// enter from there. The credentials are short-lived, and the service does not
// say when they end: ask for new ones for each session.
//
// Errors of the service: InternalServiceException, InvalidRequestException
// (also for an Anywhere compute), NotFoundException, UnauthorizedException,
// UnsupportedRegionException (package errors), besides the codes that every AWS
// service has.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_GetComputeAccess.html
func (c *Client) GetComputeAccess(ctx context.Context, params *GetComputeAccessInput, optFns ...func(*Options)) (*GetComputeAccessOutput, error) {
	return invoke(ctx, c, &getComputeAccess, params, optFns)
}

// GetComputeAccessInput names the compute. Both members are required.
type GetComputeAccessInput struct {
	// ComputeName is, for an EC2 fleet, the instance ID; for a container fleet
	// the compute name, as ListCompute tells it. An ARN of the compute serves
	// as well.
	ComputeName *string `json:",omitempty"`

	// FleetId is the ID or the ARN of the compute's fleet.
	FleetId *string `json:",omitempty"`
}

// GetComputeAccessOutput is the access and the compute that it is for. Members
// that the service did not send are nil.
type GetComputeAccessOutput struct {
	ComputeArn  *string `json:",omitempty"` // the compute's ARN
	ComputeName *string `json:",omitempty"` // compute name or instance ID

	// ContainerIdentifiers are, on a container fleet, the containers of the
	// compute, at most 10.
	ContainerIdentifiers []types.ContainerIdentifier `json:",omitempty"`

	// Credentials open the SSM session. Their secrets are never printed.
	Credentials *types.AwsCredentials `json:",omitempty"`

	FleetArn *string `json:",omitempty"` // the ARN of the compute's fleet
	FleetId  *string `json:",omitempty"` // the ID of the compute's fleet

	// Target is the ID of the instance on which the compute runs: the target of
	// the SSM session.
	Target *string `json:",omitempty"`

	// ResultMetadata tells RequestID, Attempts and ServerTime.
	ResultMetadata middleware.Metadata `json:"-"`
}

var getComputeAccess = operation[GetComputeAccessInput, GetComputeAccessOutput]{
	target: "GameLift.GetComputeAccess",
	validate: func(in *GetComputeAccessInput, errs *smithy.InvalidParamsError) {
		require(errs, "ComputeName", in.ComputeName)
		require(errs, "FleetId", in.FleetId)
	},
	encode: func(e *awsjson.Encoder, in *GetComputeAccessInput) {
		e.String("ComputeName", in.ComputeName)
		e.String("FleetId", in.FleetId)
	},
	decode: func(d *awsjson.Decoder, out *GetComputeAccessOutput) {
		d.String("ComputeArn", &out.ComputeArn)
		d.String("ComputeName", &out.ComputeName)
		awsjson.List(d, "ContainerIdentifiers", &out.ContainerIdentifiers, decodeContainerIdentifier)
		awsjson.Object(d, "Credentials", &out.Credentials, decodeAwsCredentials)
		d.String("FleetArn", &out.FleetArn)
		d.String("FleetId", &out.FleetId)
		d.String("Target", &out.Target)
	},
	metadata: func(out *GetComputeAccessOutput) *middleware.Metadata { return &out.ResultMetadata },
}

func decodeContainerIdentifier(d *awsjson.Decoder, out *types.ContainerIdentifier) {
	d.String("ContainerName", &out.ContainerName)
	d.String("ContainerRuntimeId", &out.ContainerRuntimeId)
}

// Format prints the output with its secrets redacted, at every verb.
func (o GetComputeAccessOutput) Format(f fmt.State, _ rune) {
	redact.Format(f, "GetComputeAccessOutput", o.LogValue())
}

// LogValue is what slog records: the output with its secrets redacted.
func (o GetComputeAccessOutput) LogValue() slog.Value {
	attrs := redact.Attrs(
		redact.String("ComputeArn", o.ComputeArn),
		redact.String("ComputeName", o.ComputeName),
		redact.String("FleetArn", o.FleetArn),
		redact.String("FleetId", o.FleetId),
		redact.String("Target", o.Target),
	)
	if len(o.ContainerIdentifiers) > 0 {
		attrs = append(attrs, slog.Int("ContainerIdentifiers", len(o.ContainerIdentifiers)))
	}
	if o.Credentials != nil {
		attrs = append(attrs, slog.Any("Credentials", *o.Credentials))
	}
	return slog.GroupValue(attrs...)
}
