package awssdk

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
	after "github.com/gamelift-compute/gamelift/interop/awssdk/after/fleet"
	before "github.com/gamelift-compute/gamelift/interop/awssdk/before/fleet"
)

// outcome is the value or the failure of a call, in plain values, so that those of both callers
// can be compared.
type outcome struct {
	Value   any
	Failure before.Failure
}

// caller is one of the two, and what it does in the test.
type caller struct {
	token   func(ctx context.Context, fleetID, compute string) (before.Token, error)
	session func(ctx context.Context, fleetID, compute string) (before.Session, error)
	upload  func(ctx context.Context, buildID string) (before.Upload, error)
	explain func(error) before.Failure

	description string // of its client
}

func sdkCaller(config before.Config) caller {
	client := before.NewClient(config)
	return caller{
		description: before.Describe(client),
		explain:     before.Explain,
		token: func(ctx context.Context, fleetID, compute string) (before.Token, error) {
			return before.StartToken(ctx, client, fleetID, compute)
		},
		session: func(ctx context.Context, fleetID, compute string) (before.Session, error) {
			return before.OpenSession(ctx, client, fleetID, compute)
		},
		upload: func(ctx context.Context, buildID string) (before.Upload, error) {
			return before.StartUpload(ctx, client, buildID)
		},
	}
}

func swappedCaller(config before.Config) caller {
	client := after.NewClient(after.Config(config))
	return caller{
		description: after.Describe(client),
		explain:     func(err error) before.Failure { return before.Failure(after.Explain(err)) },
		token: func(ctx context.Context, fleetID, compute string) (before.Token, error) {
			token, err := after.StartToken(ctx, client, fleetID, compute)
			return before.Token(token), err
		},
		session: func(ctx context.Context, fleetID, compute string) (before.Session, error) {
			session, err := after.OpenSession(ctx, client, fleetID, compute)
			return before.Session{
				Keys: before.Keys(session.Keys), Target: session.Target,
				Containers: session.Containers, ComputeARN: session.ComputeARN,
			}, err
		},
		upload: func(ctx context.Context, buildID string) (before.Upload, error) {
			upload, err := after.StartUpload(ctx, client, buildID)
			return before.Upload{Keys: before.Keys(upload.Keys), Bucket: upload.Bucket, Key: upload.Key}, err
		},
	}
}

// countTransmits counts what an interceptor of the caller sees.
type countTransmits struct{ count int }

func (c *countTransmits) BeforeTransmit(context.Context, *smithyhttp.InterceptorContext) error {
	c.count++
	return nil
}

// TestSwapGivesEqualResults runs both callers against servers that are in the same state, the SDK over CBOR and ours
// over JSON.
func TestSwapGivesEqualResults(t *testing.T) {
	t.Parallel()
	want := runCaller(t, sdkCaller, gamelifttest.CBOR)
	got := runCaller(t, swappedCaller, gamelifttest.JSON)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the callers differ (-SDK +ours):\n%s", diff)
	}

	// Both could be equally wrong: what is known in advance is held against the truth.
	require.Equal(t, "GameLift 2015-10-01 in us-west-2, at most 2 attempts, for fleet", got.Description)
	require.Equal(t, 15, got.Transmits)
	require.NotEmpty(t, got.Outcomes["token, at the second attempt"].Value.(before.Token).Value)
	require.Len(t, got.Outcomes["session with a container"].Value.(before.Session).Containers, 1)
	require.NotEmpty(t, got.Outcomes["upload"].Value.(before.Upload).Keys.Session)
	require.Equal(t, "no such resource", got.Outcomes["unknown compute"].Failure.Kind)
	require.Equal(t, "InternalServiceException", got.Outcomes["internal error, retried once"].Failure.Code)
}

// performance is all that is seen of a caller.
type performance struct {
	Description string
	Outcomes    map[string]outcome
	Transmits   int // that its interceptor saw
}

// runCaller lets a caller play against a server of its own, in fake time.
func runCaller(t *testing.T, newCaller func(before.Config) caller, protocol gamelifttest.Protocol) (p performance) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		server := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) {
			o.Seed = 7                              // tokens, keys and request IDs are those of the seed
			o.Now = func() time.Time { return now } // and expiries do not depend on how long a retry waited
		})
		interceptor := &countTransmits{}
		c := newCaller(before.Config{
			Region: "us-west-2", Endpoint: server.URL(),
			KeyID: gamelifttest.AccessKeyID, Secret: gamelifttest.SecretAccessKey,
			HTTPClient:     server.ClientOptions().HTTPClient.(*http.Client),
			BeforeTransmit: interceptor,
		})
		p = performance{Description: c.description, Outcomes: play(t.Context(), c, server), Transmits: interceptor.count}
		for _, r := range server.Requests() {
			require.Equal(t, protocol, r.Protocol)
		}
		require.Empty(t, server.Unused())
		require.Len(t, server.Requests(), p.Transmits)
	})
	return p
}

// play makes calls of every kind and returns the outcome of each.
func play(ctx context.Context, c caller, server *gamelifttest.Server) map[string]outcome {
	outcomes := map[string]outcome{}
	record := func(name string, value any, err error) {
		o := outcome{Value: value}
		if err != nil {
			o = outcome{Failure: c.explain(err)}
		}
		outcomes[name] = o
	}
	token := func(name, fleetID, compute string) {
		v, err := c.token(ctx, fleetID, compute)
		record(name, v, err)
	}
	session := func(name, fleetID, compute string) {
		v, err := c.session(ctx, fleetID, compute)
		record(name, v, err)
	}
	upload := func(name, buildID string) {
		v, err := c.upload(ctx, buildID)
		record(name, v, err)
	}

	token("token", gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	session("session with an instance", gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	session("session with a container", gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute)
	upload("upload", gamelifttest.BuildID)

	token("unknown compute", gamelifttest.AnywhereFleetID, "nobody")
	session("session with an Anywhere compute", gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	upload("build of another account", "arn:aws:gamelift:us-west-2:999999999999:build/build-1")
	token("compute of another region", gamelifttest.EC2FleetID, "arn:aws:gamelift:us-east-1:111122223333:compute/"+gamelifttest.EC2Compute)

	server.Inject(gamelifttest.Fault{Status: http.StatusServiceUnavailable})
	token("token, at the second attempt", gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	server.Inject(gamelifttest.Fault{Break: gamelifttest.Reset})
	upload("upload, at the second attempt", gamelifttest.BuildID)
	server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Message: "oops", Count: 2})
	upload("internal error, retried once", gamelifttest.BuildID)
	server.Inject(gamelifttest.Fault{Code: "InternalServiceException", Message: "oops"})
	session("internal error, not retried", gamelifttest.EC2FleetID, gamelifttest.EC2Compute)

	canceled, cancel := context.WithCancel(ctx)
	cancel()
	v, err := c.token(canceled, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	record("canceled", v, err)
	expired, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	v, err = c.token(expired, gamelifttest.EC2FleetID, gamelifttest.EC2Compute)
	record("deadline exceeded", v, err)
	return outcomes
}

// TestSwapMock runs the mock that was written for the SDK.
func TestSwapMock(t *testing.T) {
	t.Parallel()
	mock := &after.Mock{FleetID: "fleet-1"}
	token, err := after.StartToken(t.Context(), mock, "fleet-1", "host")
	require.NoError(t, err)
	require.Equal(t, after.Token{Value: "token-of-host", Compute: "host", Fleet: "fleet-1", Expires: time.Unix(1_700_000_000, 0).UTC()}, token)
	_, err = after.StartToken(t.Context(), mock, "fleet-2", "host")
	require.Equal(t, after.Failure{Kind: "no such resource", Code: "NotFoundException", Message: "no fleet fleet-2"}, after.Explain(err))
	session, err := after.OpenSession(t.Context(), mock, "fleet-1", "host")
	require.NoError(t, err)
	require.Equal(t, "i-mock", session.Target)
	require.Equal(t, map[string]string{"game": "host"}, session.Containers)
	_, err = after.StartUpload(t.Context(), mock, "build-1")
	require.Equal(t, "not allowed", after.Explain(err).Kind)
	require.Equal(t, 4, mock.Calls)
}
