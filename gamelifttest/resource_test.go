package gamelifttest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
		`Build.ID is ""` + wantBuild:                                                      gamelifttest.Build{},
		`Build.ID is "` + buildARN + `"` + wantBuild:                                      gamelifttest.Build{ID: buildARN},
	} {
		require.EqualError(t, invalid.Validate(), want)
	}
}
