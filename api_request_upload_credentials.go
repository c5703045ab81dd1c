package gamelift

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamelift-compute/gamelift/internal/shape"
	"github.com/gamelift-compute/gamelift/types"
)

// RequestUploadCredentials requests temporary AWS credentials for the upload of
// a game build's files to Amazon S3, and the place to upload them to.
// CreateBuild without a storage location returns the first credentials. Call
// this operation when those have expired. It supports builds for EC2 fleets.
//
// The credentials are short-lived, and valid for one build only. The service
// does not say when they expire.
//
// The service returns the errors InternalServiceException,
// InvalidRequestException (also for a build that no longer accepts an upload),
// NotFoundException and UnauthorizedException (package errors), and the codes
// that all AWS services share.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_RequestUploadCredentials.html
func (c *Client) RequestUploadCredentials(ctx context.Context, params *RequestUploadCredentialsInput, optFns ...func(*Options)) (*RequestUploadCredentialsOutput, error) {
	return invoke[RequestUploadCredentialsInput, RequestUploadCredentialsOutput](ctx, c, "GameLift.RequestUploadCredentials", params, optFns)
}

// RequestUploadCredentialsInput names the build.
type RequestUploadCredentialsInput struct {
	// BuildId is the ID or the ARN of the build that CreateBuild returned. It
	// is required.
	BuildId *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (in *RequestUploadCredentialsInput) VisitMembers(v *shape.Visitor) {
	v.String("BuildId", &in.BuildId, shape.Required)
}

// RequestUploadCredentialsOutput holds the place to upload to, and the
// credentials for it. Members that the service did not send are nil. Printed by
// fmt or slog, it redacts the secrets; in JSON it has its wire form.
type RequestUploadCredentialsOutput struct {
	// StorageLocation is the bucket and the key to upload the build's zip file
	// to.
	StorageLocation *types.S3Location

	// UploadCredentials are valid for that location only. Their secrets are
	// never printed.
	UploadCredentials *types.AwsCredentials

	// ResultMetadata describes the call. RequestID, Attempts and ServerTime read
	// it.
	ResultMetadata middleware.Metadata
}

// VisitMembers lists the members for the codecs of this module.
func (out *RequestUploadCredentialsOutput) VisitMembers(v *shape.Visitor) {
	shape.Object(v, "StorageLocation", &out.StorageLocation, shape.Optional)
	shape.Object(v, "UploadCredentials", &out.UploadCredentials, shape.Optional)
	v.Metadata(&out.ResultMetadata)
}

// Format prints the output with its secrets redacted, at every verb.
func (out RequestUploadCredentialsOutput) Format(f fmt.State, _ rune) {
	shape.Format(f, "RequestUploadCredentialsOutput", &out)
}

// LogValue returns the output with its secrets redacted.
func (out RequestUploadCredentialsOutput) LogValue() slog.Value { return shape.LogValue(&out) }

// MarshalJSON returns the wire form, secrets included.
func (out RequestUploadCredentialsOutput) MarshalJSON() ([]byte, error) {
	return shape.MarshalJSON(&out)
}

// UnmarshalJSON reads the wire form.
func (out *RequestUploadCredentialsOutput) UnmarshalJSON(data []byte) error {
	return shape.UnmarshalJSON(data, out)
}
