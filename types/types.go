// Package types holds the structures that the operations return, and the
// service's exceptions under the names that they have in other AWS SDKs.
//
// In JSON the structures have their wire form, secrets included. Printed by fmt
// or slog, they redact their secrets.
package types

import (
	"fmt"
	"log/slog"

	"github.com/gamelift-compute/gamelift/internal/shape"
)

// AwsCredentials are temporary AWS credentials for one task: an SSM session
// with a compute (GetComputeAccess), or the upload of a build's files
// (RequestUploadCredentials). The service does not say when they expire.
type AwsCredentials struct {
	// AccessKeyId identifies the key. It is not a secret.
	AccessKeyId *string `json:",omitempty"`

	// SecretAccessKey signs requests. It is never printed.
	SecretAccessKey *string `json:",omitempty"`

	// SessionToken must be sent with every request that the key signs. It is
	// never printed.
	SessionToken *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (c *AwsCredentials) VisitMembers(v *shape.Visitor) {
	v.String("AccessKeyId", &c.AccessKeyId, shape.Optional)
	v.String("SecretAccessKey", &c.SecretAccessKey, shape.Secret)
	v.String("SessionToken", &c.SessionToken, shape.Secret)
}

// Format prints the access key ID and redacts the secrets, at every verb.
func (c AwsCredentials) Format(f fmt.State, _ rune) { shape.Format(f, "AwsCredentials", &c) }

// LogValue returns the access key ID, and the secrets redacted.
func (c AwsCredentials) LogValue() slog.Value { return shape.LogValue(&c) }

// S3Location is a place in Amazon S3 for the files of a build.
type S3Location struct {
	// Bucket is the name of the bucket.
	Bucket *string `json:",omitempty"`

	// Key is the object key of the build's zip file.
	Key *string `json:",omitempty"`

	// ObjectVersion is the version of the object. It is nil unless the bucket
	// has versioning.
	ObjectVersion *string `json:",omitempty"`

	// RoleArn is the role that lets the service read a bucket of the caller's
	// account.
	RoleArn *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (l *S3Location) VisitMembers(v *shape.Visitor) {
	v.String("Bucket", &l.Bucket, shape.Optional)
	v.String("Key", &l.Key, shape.Optional)
	v.String("ObjectVersion", &l.ObjectVersion, shape.Optional)
	v.String("RoleArn", &l.RoleArn, shape.Optional)
}

// ContainerIdentifier names a container that runs on a compute of a container
// fleet.
type ContainerIdentifier struct {
	// ContainerName is the name in the container group definition.
	ContainerName *string `json:",omitempty"`

	// ContainerRuntimeId identifies the container on its compute. Docker
	// commands there accept it.
	ContainerRuntimeId *string `json:",omitempty"`
}

// VisitMembers lists the members for the codecs of this module.
func (c *ContainerIdentifier) VisitMembers(v *shape.Visitor) {
	v.String("ContainerName", &c.ContainerName, shape.Optional)
	v.String("ContainerRuntimeId", &c.ContainerRuntimeId, shape.Optional)
}
