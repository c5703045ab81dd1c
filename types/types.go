// Package types holds the structures that the operations return, and the
// service's exceptions under the names that callers of AWS SDKs look for here.
//
// Marshaled to JSON the structures have their wire form, secrets included,
// because that is what it is for. Printed by fmt or slog they redact.
package types

import (
	"fmt"
	"log/slog"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

// AwsCredentials are temporary AWS credentials for one task: an SSM session
// with a compute (GetComputeAccess), or the upload of a build's files
// (RequestUploadCredentials). The service does not say when they expire.
type AwsCredentials struct {
	AccessKeyId     *string `json:",omitempty"` // names the key; no secret
	SecretAccessKey *string `json:",omitempty"` // signs requests; never printed
	SessionToken    *string `json:",omitempty"` // to be passed with every request; never printed
}

// Format prints the access key ID and redacts the rest, at every verb.
func (c AwsCredentials) Format(f fmt.State, _ rune) { redact.Format(f, "AwsCredentials", c.LogValue()) }

// LogValue is what slog records: the access key ID, and the rest redacted.
func (c AwsCredentials) LogValue() slog.Value {
	return slog.GroupValue(redact.Attrs(
		redact.String("AccessKeyId", c.AccessKeyId),
		redact.Secret("SecretAccessKey", c.SecretAccessKey),
		redact.Secret("SessionToken", c.SessionToken),
	)...)
}

// S3Location says where in Amazon S3 the files of a build go.
type S3Location struct {
	Bucket        *string `json:",omitempty"` // the bucket's name
	Key           *string `json:",omitempty"` // the object's key: the zip file of the build
	ObjectVersion *string `json:",omitempty"` // only for a bucket with versioning
	RoleArn       *string `json:",omitempty"` // the role with which the service reads a bucket of the caller's own
}

// ContainerIdentifier names a container that runs on a compute of a container
// fleet.
type ContainerIdentifier struct {
	ContainerName      *string `json:",omitempty"` // as the container group definition names it
	ContainerRuntimeId *string `json:",omitempty"` // unique on the compute; what Docker commands there take
}
