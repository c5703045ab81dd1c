package awsconfig

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamelift-compute/gamelift"
)

// ComputeAccess provides the credentials that GetComputeAccess returns for a
// compute. They give access to the compute through AWS Systems Manager. A
// ComputeAccess is safe for concurrent use.
type ComputeAccess struct {
	client               *gamelift.Client
	fleetID, computeName string
	options              ProviderOptions
	output               atomic.Pointer[gamelift.GetComputeAccessOutput]
}

var _ aws.CredentialsProvider = (*ComputeAccess)(nil)

// NewComputeAccess makes a provider of credentials for a compute. fleetID and
// computeName are IDs or ARNs, as in GetComputeAccessInput. Nil functions are
// skipped. A nil client, or an empty fleetID or computeName, is an error of
// Retrieve.
//
// Each Retrieve is a call, and the clients of the SDK call Retrieve for every
// attempt of every request. Wrap the provider in aws.NewCredentialsCache before
// you pass it to a client.
func NewComputeAccess(client *gamelift.Client, fleetID, computeName string, optFns ...func(*ProviderOptions)) *ComputeAccess {
	return &ComputeAccess{client: client, fleetID: fleetID, computeName: computeName, options: newProviderOptions(optFns)}
}

// Retrieve calls GetComputeAccess and returns its credentials. The error of a
// failed call is returned as it is.
func (a *ComputeAccess) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if a == nil || a.client == nil {
		return aws.Credentials{}, errors.New("awsconfig: ComputeAccess has no client: use NewComputeAccess")
	}
	called := time.Now()
	output, err := a.client.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{FleetId: &a.fleetID, ComputeName: &a.computeName})
	if err != nil {
		return aws.Credentials{}, err
	}
	credentials, err := a.options.credentials("GetComputeAccess", called, output.Credentials)
	if err != nil {
		return aws.Credentials{}, err
	}
	a.output.Store(output)
	return credentials, nil
}

// Output returns the whole output of the last successful Retrieve: Target,
// ContainerIdentifiers and the rest. Before the first, it returns nil. The
// caller must not modify it.
func (a *ComputeAccess) Output() *gamelift.GetComputeAccessOutput {
	if a == nil {
		return nil
	}
	return a.output.Load()
}
