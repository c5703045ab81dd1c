package gamelift

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/awsjson"
	"github.com/gamelift-compute/gamelift/internal/redact"
)

// GetComputeAuthToken requests the token with which a game server on a compute
// calls InitSDK() of the GameLift server SDK. It serves EC2, Anywhere and
// container fleets.
//
// On EC2 fleets, and on Anywhere computes that run the Amazon GameLift Agent,
// tokens are fetched and refreshed without the caller. On other Anywhere
// computes somebody must do it: a token is short-lived, and a game
// server needs a fresh one when its process starts. Package authtoken does.
// Until shortly before a token expires the service returns the same one again.
//
// Errors of the service: InternalServiceException, InvalidRequestException,
// NotFoundException, UnauthorizedException (package errors), besides the codes
// that every AWS service has.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_GetComputeAuthToken.html
func (c *Client) GetComputeAuthToken(ctx context.Context, params *GetComputeAuthTokenInput, optFns ...func(*Options)) (*GetComputeAuthTokenOutput, error) {
	return invoke(ctx, c, &getComputeAuthToken, params, optFns)
}

// GetComputeAuthTokenInput names the compute. Both members are required.
type GetComputeAuthTokenInput struct {
	// ComputeName is, for an Anywhere fleet, the name under which the compute
	// was registered; for an EC2 fleet the instance ID; for a container fleet
	// the compute name. An ARN of the compute serves as well.
	ComputeName *string `json:",omitempty"`

	// FleetId is the ID or the ARN of the compute's fleet.
	FleetId *string `json:",omitempty"`
}

// GetComputeAuthTokenOutput is the token and the compute that it is for.
// Members that the service did not send are nil.
type GetComputeAuthTokenOutput struct {
	// AuthToken goes into the server SDK's ServerParameters, or into
	// GAMELIFT_SDK_AUTH_TOKEN. Never printed.
	AuthToken *string `json:",omitempty"`

	ComputeArn  *string `json:",omitempty"` // the compute's ARN
	ComputeName *string `json:",omitempty"` // the compute that the token is for

	// ExpirationTimestamp is the point in time, to the millisecond and in UTC,
	// from which on the token is not valid. (The service's own text calls it an
	// amount of time, which it is not.) It is by the service's clock:
	// ServerTime of ResultMetadata tells that clock's reading.
	ExpirationTimestamp *time.Time `json:",omitempty"`

	FleetArn *string `json:",omitempty"` // the ARN of the compute's fleet
	FleetId  *string `json:",omitempty"` // the ID of the compute's fleet

	// ResultMetadata tells RequestID, Attempts and ServerTime.
	ResultMetadata middleware.Metadata `json:"-"`
}

var getComputeAuthToken = operation[GetComputeAuthTokenInput, GetComputeAuthTokenOutput]{
	target: "GameLift.GetComputeAuthToken",
	validate: func(in *GetComputeAuthTokenInput, errs *smithy.InvalidParamsError) {
		require(errs, "ComputeName", in.ComputeName)
		require(errs, "FleetId", in.FleetId)
	},
	encode: func(e *awsjson.Encoder, in *GetComputeAuthTokenInput) {
		e.String("ComputeName", in.ComputeName)
		e.String("FleetId", in.FleetId)
	},
	decode: func(d *awsjson.Decoder, out *GetComputeAuthTokenOutput) {
		d.String("AuthToken", &out.AuthToken)
		d.String("ComputeArn", &out.ComputeArn)
		d.String("ComputeName", &out.ComputeName)
		d.EpochSeconds("ExpirationTimestamp", &out.ExpirationTimestamp)
		d.String("FleetArn", &out.FleetArn)
		d.String("FleetId", &out.FleetId)
	},
	metadata: func(out *GetComputeAuthTokenOutput) *middleware.Metadata { return &out.ResultMetadata },
}

// Format prints the output with its token redacted, at every verb.
func (o GetComputeAuthTokenOutput) Format(f fmt.State, _ rune) {
	redact.Format(f, "GetComputeAuthTokenOutput", o.LogValue())
}

// LogValue is what slog records: the output with its token redacted.
func (o GetComputeAuthTokenOutput) LogValue() slog.Value {
	attrs := redact.Attrs(
		redact.Secret("AuthToken", o.AuthToken),
		redact.String("ComputeArn", o.ComputeArn),
		redact.String("ComputeName", o.ComputeName),
		redact.String("FleetArn", o.FleetArn),
		redact.String("FleetId", o.FleetId),
	)
	if o.ExpirationTimestamp != nil {
		attrs = append(attrs, slog.Time("ExpirationTimestamp", *o.ExpirationTimestamp))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the wire form, the token included: AWS member names and
// ExpirationTimestamp as epoch seconds.
func (o GetComputeAuthTokenOutput) MarshalJSON() ([]byte, error) {
	type members GetComputeAuthTokenOutput
	wire := struct {
		members
		ExpirationTimestamp json.Number `json:",omitempty"`
	}{members: members(o)}
	if o.ExpirationTimestamp != nil {
		wire.ExpirationTimestamp = json.Number(strconv.FormatFloat(float64(o.ExpirationTimestamp.UnixMilli())/1e3, 'f', -1, 64))
	}
	return json.Marshal(wire)
}

// UnmarshalJSON reads the wire form, by the rules for a response's body.
func (o *GetComputeAuthTokenOutput) UnmarshalJSON(data []byte) error {
	d := awsjson.NewDecoder(data)
	getComputeAuthToken.decode(d, o)
	return d.Err()
}
