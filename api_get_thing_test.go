package gamelift

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// GetThing is an operation that the service does not have. It shows what
// an operation is, with members of every kind. TestFourthOperation calls it.
func (c *Client) GetThing(ctx context.Context, params *GetThingInput, optFns ...func(*Options)) (*GetThingOutput, error) {
	return invoke[GetThingInput, GetThingOutput](ctx, c, "GameLift.GetThing", params, optFns)
}

// GetThingInput names the thing.
type GetThingInput struct {
	Note   *string
	Count  *int32
	Active *bool
	Tags   []string
	Ports  []PortRange
	Labels map[string]string
	Since  *time.Time
}

// VisitMembers lists the members for the codecs of this module.
func (in *GetThingInput) VisitMembers(v *shape.Visitor) {
	v.String("Note", &in.Note, shape.Optional)
	v.Int32("Count", &in.Count, shape.Required)
	v.Bool("Active", &in.Active, shape.Optional)
	v.Strings("Tags", &in.Tags, shape.Optional)
	shape.List(v, "Ports", &in.Ports, shape.Optional)
	v.StringMap("Labels", &in.Labels, shape.Optional)
	v.EpochSeconds("Since", &in.Since, shape.Optional)
}

// GetThingOutput is the thing.
type GetThingOutput struct {
	Note           *string
	Count          *int32
	Active         *bool
	Tags           []string
	Ports          []PortRange
	Labels         map[string]string
	Since          *time.Time
	ResultMetadata middleware.Metadata
}

// VisitMembers lists the members for the codecs of this module.
func (out *GetThingOutput) VisitMembers(v *shape.Visitor) {
	v.String("Note", &out.Note, shape.Secret)
	v.Int32("Count", &out.Count, shape.Optional)
	v.Bool("Active", &out.Active, shape.Optional)
	v.Strings("Tags", &out.Tags, shape.Optional)
	shape.List(v, "Ports", &out.Ports, shape.Optional)
	v.StringMap("Labels", &out.Labels, shape.Secret)
	v.EpochSeconds("Since", &out.Since, shape.Optional)
	v.Metadata(&out.ResultMetadata)
}

// Format prints the output with its secrets redacted, at every verb.
func (out GetThingOutput) Format(f fmt.State, _ rune) { shape.Format(f, "GetThingOutput", &out) }

// LogValue returns the output with its secrets redacted.
func (out GetThingOutput) LogValue() slog.Value { return shape.LogValue(&out) }

// MarshalJSON returns the wire form, secrets included.
func (out GetThingOutput) MarshalJSON() ([]byte, error) { return shape.MarshalJSON(&out) }

// UnmarshalJSON reads the wire form.
func (out *GetThingOutput) UnmarshalJSON(data []byte) error { return shape.UnmarshalJSON(data, out) }

// PortRange is a range of ports.
type PortRange struct{ From, To *int32 }

// VisitMembers lists the members for the codecs of this module.
func (r *PortRange) VisitMembers(v *shape.Visitor) {
	v.Int32("From", &r.From, shape.Required)
	v.Int32("To", &r.To, shape.Optional)
}
