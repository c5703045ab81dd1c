package gamelifttest_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	type validator interface{ Validate() error }
	for _, valid := range []validator{
		gamelifttest.Compute{FleetID: "fleet-1", Name: "a"},
		gamelifttest.Compute{FleetID: "containerfleet-1", Name: "a/b", Type: gamelifttest.Container, AbsentFor: 1},
		gamelifttest.Build{ID: "build-1"},
	} {
		require.NoError(t, valid.Validate())
	}
	const (
		wantFleet = ": want an ID such as " + gamelifttest.AnywhereFleetID
		wantName  = ": want letters, digits and hyphens, in at most two parts with a slash between"
		wantBuild = ": want an ID such as " + gamelifttest.BuildID
		fleetARN  = arnPrefix + "fleet/fleet-1"
		nameARN   = arnPrefix + "compute/a"
		buildARN  = arnPrefix + "build/build-1"
	)
	long := "fleet-" + strings.Repeat("a", 507)
	for want, invalid := range map[string]validator{
		`Compute.FleetID is ""` + wantFleet:                                               gamelifttest.Compute{Name: "a"},
		`Compute.FleetID is "` + long + `"` + wantFleet:                                   gamelifttest.Compute{FleetID: long, Name: "a"},
		`Compute.FleetID is "` + fleetARN + `"` + wantFleet:                               gamelifttest.Compute{FleetID: fleetARN, Name: "a"},
		`Compute.Name is ""` + wantName:                                                   gamelifttest.Compute{FleetID: "fleet-1"},
		`Compute.Name is "a/b/c"` + wantName:                                              gamelifttest.Compute{FleetID: "fleet-1", Name: "a/b/c"},
		`Compute.Name is "` + nameARN + `"` + wantName:                                    gamelifttest.Compute{FleetID: "fleet-1", Name: nameARN},
		`Compute.Type is "Anywhere": want one of ["EC2" "ANYWHERE" "CONTAINER"], or none`: gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Type: "Anywhere"},
		`Compute.AbsentFor is -1ns: want 0 or more`:                                       gamelifttest.Compute{FleetID: "fleet-1", Name: "a", AbsentFor: -1},
		`Compute.Type is "bogus": want one of ["EC2" "ANYWHERE" "CONTAINER"], or none`:    gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Type: "bogus"},
		`Compute.Type is "ec2": want one of ["EC2" "ANYWHERE" "CONTAINER"], or none`:      gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Type: "ec2"},
		`Compute.Credentials has no AccessKeyID or no SecretAccessKey`:                    gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Credentials: gamelift.Credentials{SessionToken: "a"}},
		`Build.Credentials has no AccessKeyID or no SecretAccessKey`:                      gamelifttest.Build{ID: "build-1", Credentials: gamelift.Credentials{AccessKeyID: "a"}},
		`Build.ID is ""` + wantBuild:                                                      gamelifttest.Build{},
		`Build.ID is "` + buildARN + `"` + wantBuild:                                      gamelifttest.Build{ID: buildARN},
	} {
		require.EqualError(t, invalid.Validate(), want)
		server := gamelifttest.NewUnstartedServer()
		require.PanicsWithValue(t, "gamelifttest: "+want, func() {
			switch r := invalid.(type) {
			case gamelifttest.Compute:
				server.AddCompute(r)
			case gamelifttest.Build:
				server.AddBuild(r)
			}
		})
	}
}

// A mistake in the options is a panic that names it.
func TestOptions_Validate(t *testing.T) {
	t.Parallel()
	type options = gamelifttest.Options
	key := gamelift.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "secret"}
	for want, change := range map[string]func(*options){
		`Region is "us west": want a name such as us-west-2`:                                       func(o *options) { o.Region = "us west" },
		`AccountID is "123": want 12 digits`:                                                       func(o *options) { o.AccountID = "123" },
		`Credentials[1] has no AccessKeyID or no SecretAccessKey`:                                  func(o *options) { o.Credentials = append(o.Credentials, gamelift.Credentials{AccessKeyID: "x"}) },
		`Credentials[0].AccessKeyID has a character that is not visible ASCII, a slash or a comma`: func(o *options) { o.Credentials[0].AccessKeyID = "AKIA/1" },
		`Credentials[0].SecretAccessKey has a line break`:                                          func(o *options) { o.Credentials[0].SecretAccessKey = "secret\n" },
		`Credentials[0].SessionToken has a character that is not visible ASCII`:                    func(o *options) { o.Credentials[0].SessionToken = "token\n" },
		`Credentials[1] has the same AccessKeyID as another entry`:                                 func(o *options) { o.Credentials = []gamelift.Credentials{key, key} },
		`Computes[3]: Compute.AbsentFor is -1ns: want 0 or more`: func(o *options) {
			o.Computes = append(o.Computes, gamelifttest.Compute{FleetID: "fleet-1", Name: "a", AbsentFor: -1})
		},
		`Builds[0]: Build.ID is "x": want an ID such as ` + gamelifttest.BuildID: func(o *options) { o.Builds = []gamelifttest.Build{{ID: "x"}} },
		`Faults[0]: Fault.Skip is -1: want 0 or more`:                            func(o *options) { o.Faults = []gamelifttest.Fault{{Skip: -1}} },
		`TokenLife is -1ns: want 0 or more`:                                      func(o *options) { o.TokenLife = -1 },
		`TokenRenewal is -1ns: want 0 or more`:                                   func(o *options) { o.TokenRenewal = -1 },
		`Quotas has "X", which is not an operation`:                              func(o *options) { o.Quotas = map[string]gamelifttest.Quota{"X": {}} },
		`Quotas["GetComputeAccess"] is {Burst:0 Rate:NaN}: want 0 or more`:       func(o *options) { o.Quotas = map[string]gamelifttest.Quota{"GetComputeAccess": {Rate: math.NaN()}} },
	} {
		require.PanicsWithValue(t, "gamelifttest: invalid Options: "+want, func() { gamelifttest.NewUnstartedServer(nil, change) })
	}
	require.PanicsWithValue(t, "gamelifttest: invalid Options: AccountID is \"a\": want 12 digits\nTokenLife is -1ns: want 0 or more", func() {
		gamelifttest.NewServer(func(o *options) { o.AccountID, o.TokenLife = "a", -1 })
	})
	require.NoError(t, options{}.Validate())
	require.Equal(t, "us-west-2", gamelifttest.NewUnstartedServer(nil, func(o *options) { o.Region = "" }).ClientOptions().Region)
}

// The computes and builds of a server can be listed and removed.
func TestServer_listsAndRemoves(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "a", Type: gamelifttest.EC2, AbsentFor: 1})
	server.AddBuild(gamelifttest.Build{ID: "build-1", Bucket: "bucket", Uploaded: true})
	anywhere := gamelifttest.Compute{FleetID: gamelifttest.AnywhereFleetID, Name: gamelifttest.AnywhereCompute, Type: gamelifttest.Anywhere}
	container := gamelifttest.Compute{
		FleetID: gamelifttest.ContainerFleetID, Name: gamelifttest.ContainerCompute, Type: gamelifttest.Container, InstanceID: "i-0fedcba9876543210",
		Containers: []gamelifttest.ContainerID{{Name: "game-server", RuntimeID: "0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890"}},
	}
	require.Equal(t, []gamelifttest.Compute{
		container,
		{FleetID: "fleet-1", Name: "a", Type: gamelifttest.EC2, AbsentFor: 1},
		anywhere,
		{FleetID: gamelifttest.EC2FleetID, Name: gamelifttest.EC2Compute, Type: gamelifttest.EC2},
	}, server.Computes())
	require.Equal(t, []gamelifttest.Build{
		{ID: "build-1", Bucket: "bucket", Key: "111122223333/build-1", Uploaded: true},
		{ID: gamelifttest.BuildID, Bucket: "prod-gamescale-builds-us-west-2", Key: "111122223333/" + gamelifttest.BuildID},
	}, server.Builds())

	require.True(t, server.RemoveCompute("fleet-1", "a"))
	require.False(t, server.RemoveCompute("fleet-1", "a"))
	require.True(t, server.RemoveCompute(gamelifttest.EC2FleetID, gamelifttest.EC2Compute))
	require.Equal(t, []gamelifttest.Compute{container, anywhere}, server.Computes())
	require.True(t, server.RemoveBuild(gamelifttest.BuildID))
	require.False(t, server.RemoveBuild(gamelifttest.BuildID))
	client := gamelift.New(server.ClientOptions())
	_, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr(gamelifttest.BuildID)})
	require.ErrorContains(t, err, "NotFoundException")
	_, err = client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{FleetId: ptr(gamelifttest.EC2FleetID), ComputeName: ptr(gamelifttest.EC2Compute)})
	require.ErrorContains(t, err, "NotFoundException")
	server.Reset()
	require.Len(t, server.Computes(), 3)
	require.Len(t, server.Builds(), 1)
}
