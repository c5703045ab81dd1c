package gamelift_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/types"
)

// tokens is the part of a *gamelift.Client that launcher uses.
type tokens interface {
	GetComputeAuthToken(context.Context, *gamelift.GetComputeAuthTokenInput, ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error)
}

var _ tokens = (*gamelift.Client)(nil)

// launch is the code under test.
func launch(ctx context.Context, client tokens, fleetID, compute string) (string, error) {
	out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: &fleetID, ComputeName: &compute})
	var notFound *types.NotFoundException
	if errors.As(err, &notFound) {
		return "", fmt.Errorf("register %s first", compute)
	}
	if err != nil {
		return "", err
	}
	return *out.AuthToken, nil
}

// mock is a function in place of a client.
type mock func(*gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error)

func (m mock) GetComputeAuthToken(_ context.Context, params *gamelift.GetComputeAuthTokenInput, _ ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error) {
	return m(params)
}

// A mock in place of the client. Its errors are those that the client returns.
// Package gamelifttest tests more: requests, retries and what the service
// refuses.
func Example_mock() {
	client := mock(func(params *gamelift.GetComputeAuthTokenInput) (*gamelift.GetComputeAuthTokenOutput, error) {
		if *params.ComputeName != "host-1" {
			return nil, apierrors.FromCode("NotFoundException", "no such compute")
		}
		token := "token-1"
		return &gamelift.GetComputeAuthTokenOutput{AuthToken: &token}, nil
	})
	for _, compute := range []string{"host-1", "host-2"} {
		fmt.Println(launch(context.Background(), client, "fleet-1", compute))
	}
	// Output:
	// token-1 <nil>
	//  register host-2 first
}
