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

// RequestUploadCredentials requests fresh temporary AWS credentials with which
// to upload the files of a game build to Amazon S3, and the place to upload them
// to. It is a part of creating a build: call CreateBuild without a storage
// location first (it returns the first credentials), and this when those have
// ended. It serves builds for EC2 fleets.
//
// The credentials are short-lived, and good for the one build only. The service
// does not say when they end.
//
// Errors of the service: InternalServiceException, InvalidRequestException
// (also for a build that takes no upload any more), NotFoundException,
// UnauthorizedException (package errors), besides the codes that every AWS
// service has.
//
// See https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_RequestUploadCredentials.html
func (c *Client) RequestUploadCredentials(ctx context.Context, params *RequestUploadCredentialsInput, optFns ...func(*Options)) (*RequestUploadCredentialsOutput, error) {
	return invoke(ctx, c, &requestUploadCredentials, params, optFns)
}

// RequestUploadCredentialsInput names the build.
type RequestUploadCredentialsInput struct {
	// BuildId is the ID or the ARN of the build, as CreateBuild returned it.
	// Required.
	BuildId *string `json:",omitempty"`
}

// RequestUploadCredentialsOutput is where to upload, and with what. Members that
// the service did not send are nil.
type RequestUploadCredentialsOutput struct {
	// StorageLocation is the bucket and key to upload the build's zip file to.
	StorageLocation *types.S3Location `json:",omitempty"`

	// UploadCredentials are good for that location. Their secrets are never
	// printed.
	UploadCredentials *types.AwsCredentials `json:",omitempty"`

	// ResultMetadata tells RequestID, Attempts and ServerTime.
	ResultMetadata middleware.Metadata `json:"-"`
}

var requestUploadCredentials = operation[RequestUploadCredentialsInput, RequestUploadCredentialsOutput]{
	target: "GameLift.RequestUploadCredentials",
	validate: func(in *RequestUploadCredentialsInput, errs *smithy.InvalidParamsError) {
		require(errs, "BuildId", in.BuildId)
	},
	encode: func(e *awsjson.Encoder, in *RequestUploadCredentialsInput) {
		e.String("BuildId", in.BuildId)
	},
	decode: func(d *awsjson.Decoder, out *RequestUploadCredentialsOutput) {
		awsjson.Object(d, "StorageLocation", &out.StorageLocation, decodeS3Location)
		awsjson.Object(d, "UploadCredentials", &out.UploadCredentials, decodeAwsCredentials)
	},
	metadata: func(out *RequestUploadCredentialsOutput) *middleware.Metadata { return &out.ResultMetadata },
}

func decodeS3Location(d *awsjson.Decoder, out *types.S3Location) {
	d.String("Bucket", &out.Bucket)
	d.String("Key", &out.Key)
	d.String("ObjectVersion", &out.ObjectVersion)
	d.String("RoleArn", &out.RoleArn)
}

func decodeAwsCredentials(d *awsjson.Decoder, out *types.AwsCredentials) {
	d.String("AccessKeyId", &out.AccessKeyId)
	d.String("SecretAccessKey", &out.SecretAccessKey)
	d.String("SessionToken", &out.SessionToken)
}

// Format prints the output with its secrets redacted, at every verb.
func (o RequestUploadCredentialsOutput) Format(f fmt.State, _ rune) {
	redact.Format(f, "RequestUploadCredentialsOutput", o.LogValue())
}

// LogValue is what slog records: the output with its secrets redacted.
func (o RequestUploadCredentialsOutput) LogValue() slog.Value {
	var attrs []slog.Attr
	if at := o.StorageLocation; at != nil {
		attrs = append(attrs, slog.Attr{Key: "StorageLocation", Value: slog.GroupValue(redact.Attrs(
			redact.String("Bucket", at.Bucket),
			redact.String("Key", at.Key),
			redact.String("ObjectVersion", at.ObjectVersion),
			redact.String("RoleArn", at.RoleArn),
		)...)})
	}
	if o.UploadCredentials != nil {
		attrs = append(attrs, slog.Any("UploadCredentials", *o.UploadCredentials))
	}
	return slog.GroupValue(attrs...)
}
