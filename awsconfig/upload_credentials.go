package awsconfig

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamelift-compute/gamelift"
)

// UploadCredentials provides the credentials that RequestUploadCredentials
// returns for a build. They allow the upload of the build's files to Amazon S3.
// An UploadCredentials is safe for concurrent use.
type UploadCredentials struct {
	client  *gamelift.Client
	buildID string
	options ProviderOptions
	output  atomic.Pointer[gamelift.RequestUploadCredentialsOutput]
}

var _ aws.CredentialsProvider = (*UploadCredentials)(nil)

// NewUploadCredentials makes a provider of credentials for the upload of a
// build. buildID is an ID or an ARN, as in RequestUploadCredentialsInput. Nil
// functions are skipped. A nil client or an empty buildID is an error of
// Retrieve.
//
// Each Retrieve is a call, and the clients of the SDK call Retrieve for every
// attempt of every request. Wrap the provider in aws.NewCredentialsCache before
// you pass it to a client.
func NewUploadCredentials(client *gamelift.Client, buildID string, optFns ...func(*ProviderOptions)) *UploadCredentials {
	return &UploadCredentials{client: client, buildID: buildID, options: newProviderOptions(optFns)}
}

// Retrieve calls RequestUploadCredentials and returns its credentials. The
// error of a failed call is returned as it is.
func (u *UploadCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if u == nil || u.client == nil {
		return aws.Credentials{}, errors.New("awsconfig: UploadCredentials has no client: use NewUploadCredentials")
	}
	called := time.Now()
	output, err := u.client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &u.buildID})
	if err != nil {
		return aws.Credentials{}, err
	}
	credentials, err := u.options.credentials("RequestUploadCredentials", called, output.UploadCredentials)
	if err != nil {
		return aws.Credentials{}, err
	}
	u.output.Store(output)
	return credentials, nil
}

// Output returns the whole output of the last successful Retrieve:
// StorageLocation and the rest. Before the first, it returns nil. The caller
// must not modify it.
func (u *UploadCredentials) Output() *gamelift.RequestUploadCredentialsOutput {
	if u == nil {
		return nil
	}
	return u.output.Load()
}
