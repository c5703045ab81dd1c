package gamelift

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// GetComputeAuthToken requests the token that a game server on a compute passes
// to InitSDK() of the GameLift server SDK. It supports EC2, Anywhere and
// container fleets.
//
// On EC2 fleets, and on Anywhere computes that run the Amazon GameLift Agent,
// tokens are fetched and refreshed without the caller. On other Anywhere
// computes the caller must do it: a token is short-lived, and a game server
// needs a fresh one when its process starts. Package authtoken does this. Until
// shortly before a token expires, the service returns the same one again.
//
// The service returns the errors InternalServiceException,
// InvalidRequestException, NotFoundException, UnauthorizedException and
// UnsupportedRegionException (package errors), and the codes that all AWS
// services share.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_GetComputeAuthToken.html
func (c *Client) GetComputeAuthToken(ctx context.Context, params *GetComputeAuthTokenInput, optFns ...func(*Options)) (*GetComputeAuthTokenOutput, error) {
	return invoke[GetComputeAuthTokenInput, GetComputeAuthTokenOutput](ctx, c, "GameLift.GetComputeAuthToken", params, optFns)
}

// GetComputeAuthTokenInput names the compute. Both members are required.
type GetComputeAuthTokenInput struct {
	// ComputeName is the name under which the compute was registered (Anywhere
	// fleet), the instance ID (EC2 fleet), or the compute name (container
	// fleet). It can also be an ARN of the compute.
	ComputeName *string `json:",omitempty"`

	// FleetId is the ID or the ARN of the compute's fleet.
	FleetId *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (in *GetComputeAuthTokenInput) VisitMembers(v *shape.Visitor) {
	v.String("ComputeName", &in.ComputeName, shape.Required)
	v.String("FleetId", &in.FleetId, shape.Required)
}

// GetComputeAuthTokenOutput holds the token, and names the compute that it is
// for. Members that the service did not send are nil. Printed by fmt or slog, it
// redacts the token; in JSON it has its wire form.
type GetComputeAuthTokenOutput struct {
	// AuthToken is the token. It belongs in the server SDK's ServerParameters,
	// or in GAMELIFT_SDK_AUTH_TOKEN. It is never printed.
	AuthToken *string

	// ComputeArn is the ARN of the compute.
	ComputeArn *string

	// ComputeName is the name of the compute that the token is for.
	ComputeName *string

	// ExpirationTimestamp is the time at which the token expires, to the
	// millisecond and in UTC. It is a time of the service's clock; see
	// ServerTime. (The service's documentation calls it an amount of time, but
	// it is a point in time.)
	ExpirationTimestamp *time.Time

	// FleetArn is the ARN of the compute's fleet.
	FleetArn *string

	// FleetId is the ID of the compute's fleet.
	FleetId *string

	// ResultMetadata describes the call. RequestID, Attempts and ServerTime read
	// it.
	ResultMetadata middleware.Metadata
}

// VisitMembers lists the members for the codecs of this module.
func (out *GetComputeAuthTokenOutput) VisitMembers(v *shape.Visitor) {
	v.String("AuthToken", &out.AuthToken, shape.Secret)
	v.String("ComputeArn", &out.ComputeArn, shape.Optional)
	v.String("ComputeName", &out.ComputeName, shape.Optional)
	v.EpochSeconds("ExpirationTimestamp", &out.ExpirationTimestamp, shape.Optional)
	v.String("FleetArn", &out.FleetArn, shape.Optional)
	v.String("FleetId", &out.FleetId, shape.Optional)
	v.Metadata(&out.ResultMetadata)
}

// Format prints the output with its token redacted, at every verb.
func (out GetComputeAuthTokenOutput) Format(f fmt.State, _ rune) {
	shape.Format(f, "GetComputeAuthTokenOutput", &out)
}

// LogValue returns the output with its token redacted.
func (out GetComputeAuthTokenOutput) LogValue() slog.Value { return shape.LogValue(&out) }

// MarshalJSON returns the wire form, the token included: AWS member names and
// ExpirationTimestamp as epoch seconds.
func (out GetComputeAuthTokenOutput) MarshalJSON() ([]byte, error) { return shape.MarshalJSON(&out) }

// UnmarshalJSON reads the wire form.
func (out *GetComputeAuthTokenOutput) UnmarshalJSON(data []byte) error {
	return shape.UnmarshalJSON(data, out)
}
