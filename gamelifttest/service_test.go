package gamelifttest_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/types"
)

const (
	arnPrefix = "arn:aws:gamelift:us-west-2:111122223333:"
	madeUp    = "(made up)" // replaces what the server makes up
)

func TestServer_answers(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	credentials := map[string]any{"AccessKeyId": madeUp, "SecretAccessKey": madeUp, "SessionToken": madeUp}
	upload := map[string]any{
		"StorageLocation": map[string]any{
			"Bucket": "prod-gamescale-builds-us-west-2",
			"Key":    "111122223333/" + gamelifttest.BuildID,
		},
		"UploadCredentials": credentials,
	}
	compute := func(fleetARN, fleetID, name string, more map[string]any) map[string]any {
		want := map[string]any{
			"ComputeArn": arnPrefix + "compute/" + name, "ComputeName": name,
			"FleetArn": arnPrefix + fleetARN, "FleetId": fleetID,
		}
		maps.Copy(want, more)
		return want
	}
	token := map[string]any{"AuthToken": madeUp, "ExpirationTimestamp": float64(noon.Add(3 * time.Hour).Unix())}
	for name, tt := range map[string]struct {
		operation string
		input     map[string]any
		want      map[string]any
	}{
		"token of an Anywhere compute": {
			"GetComputeAuthToken",
			map[string]any{"FleetId": gamelifttest.AnywhereFleetID, "ComputeName": gamelifttest.AnywhereCompute},
			compute("fleet/"+gamelifttest.AnywhereFleetID, gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute, token),
		},
		"token of an EC2 compute by ARNs": {
			"GetComputeAuthToken",
			map[string]any{"FleetId": arnPrefix + "fleet/" + gamelifttest.EC2FleetID, "ComputeName": arnPrefix + "compute/" + gamelifttest.EC2Compute},
			compute("fleet/"+gamelifttest.EC2FleetID, gamelifttest.EC2FleetID, gamelifttest.EC2Compute, token),
		},
		"token of a container compute": {
			"GetComputeAuthToken",
			map[string]any{"FleetId": gamelifttest.ContainerFleetID, "ComputeName": gamelifttest.ContainerCompute},
			compute("containerfleet/"+gamelifttest.ContainerFleetID, gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, token),
		},
		"access to an EC2 compute": {
			"GetComputeAccess",
			map[string]any{"FleetId": gamelifttest.EC2FleetID, "ComputeName": gamelifttest.EC2Compute},
			compute("fleet/"+gamelifttest.EC2FleetID, gamelifttest.EC2FleetID, gamelifttest.EC2Compute, map[string]any{"Credentials": credentials}),
		},
		"access to a container compute by ARNs": {
			"GetComputeAccess",
			map[string]any{
				"FleetId":     arnPrefix + "containerfleet/" + gamelifttest.ContainerFleetID,
				"ComputeName": arnPrefix + "compute/" + gamelifttest.ContainerCompute,
			},
			compute("containerfleet/"+gamelifttest.ContainerFleetID, gamelifttest.ContainerFleetID, gamelifttest.ContainerCompute, map[string]any{
				"Credentials": credentials,
				"Target":      "i-0fedcba9876543210",
				"ContainerIdentifiers": []any{map[string]any{
					"ContainerName": "game-server", "ContainerRuntimeId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890",
				}},
			}),
		},
		"upload of a build": {"RequestUploadCredentials", map[string]any{"BuildId": gamelifttest.BuildID}, upload},
		"upload of a build by an ARN without an account": {
			"RequestUploadCredentials",
			map[string]any{"BuildId": "arn:aws:gamelift:us-west-2::build/" + gamelifttest.BuildID}, upload,
		},
	} {
		for _, protocol := range bothProtocols {
			t.Run(name+"/"+string(protocol), func(t *testing.T) {
				t.Parallel()
				got := send(t, server, ask(protocol, tt.operation, tt.input).request(t, server.URL()))
				require.Equal(t, 200, got.Status, got.Message)
				hideMadeUp(t, got.body)
				if diff := cmp.Diff(tt.want, got.body); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
			})
		}
	}
}

var madeUpMembers = map[string]*regexp.Regexp{
	"AuthToken":       regexp.MustCompile(`^[a-zA-Z0-9\-]{1,64}$`),
	"AccessKeyId":     regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`),
	"SecretAccessKey": regexp.MustCompile(`^[0-9A-Za-z/+]{40}$`),
	"SessionToken":    regexp.MustCompile(`^IQoJb3JpZ2luX2Vj[0-9A-Za-z/+]{682}==$`),
}

func hideMadeUp(t *testing.T, object map[string]any) {
	t.Helper()
	for name, value := range object {
		if pattern, ok := madeUpMembers[name]; ok {
			require.Regexp(t, pattern, value, name)
			object[name] = madeUp
		}
		if inner, ok := value.(map[string]any); ok {
			hideMadeUp(t, inner)
		}
	}
}

func TestServer_refusesInput(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) {
		o.Builds = append(o.Builds, gamelifttest.Build{ID: "build-uploaded", Uploaded: true})
	})
	const (
		validation   = "com.amazon.coral.validate#ValidationException"
		fleetPattern = `Member must satisfy regular expression pattern: ^[a-z]*fleet-[a-zA-Z0-9\-]+$|^arn:.*:[a-z]*fleet\/[a-z]*fleet-[a-zA-Z0-9\-]+$`
		namePattern  = `Member must satisfy regular expression pattern: ^[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?$|^arn:.*:compute\/[a-zA-Z0-9\-]+(\/[a-zA-Z0-9\-]+)?`
		buildPattern = `Member must satisfy regular expression pattern: ^build-\S+|^arn:.*:build\/build-\S+`
	)
	fleet512, name1024 := "fleet-"+strings.Repeat("a", 506), strings.Repeat("a", 1024)
	build512 := "build-" + strings.Repeat("a", 506)
	computeInput := func(fleetID, computeName string) map[string]any {
		return map[string]any{"FleetId": fleetID, "ComputeName": computeName}
	}
	one := func(fault string) reply {
		return reply{Status: 400, Code: validation, Message: "1 validation error detected: " + fault}
	}
	model := func(code, text string) reply { return reply{Status: 400, Code: modelled + code, Message: text} }
	for name, tt := range map[string]struct {
		operation string
		input     map[string]any
		want      reply
	}{
		"empty fleet": {
			"GetComputeAuthToken", computeInput("", "x"),
			reply{Status: 400, Code: validation, Message: "2 validation errors detected: " +
				"Value '' at 'fleetId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value '' at 'fleetId' failed to satisfy constraint: " + fleetPattern},
		},
		"no fleet":               {"GetComputeAuthToken", computeInput("build-1", "x"), one("Value 'build-1' at 'fleetId' failed to satisfy constraint: " + fleetPattern)},
		"fleet and a line break": {"GetComputeAuthToken", computeInput("fleet-1\n", "x"), one("Value 'fleet-1\n' at 'fleetId' failed to satisfy constraint: " + fleetPattern)},
		"fleet ARN of another resource": {
			"GetComputeAccess", computeInput("arn:aws:gamelift:us-west-2::build/build-1", "x"),
			one("Value 'arn:aws:gamelift:us-west-2::build/build-1' at 'fleetId' failed to satisfy constraint: " + fleetPattern),
		},
		"longest fleet": {
			"GetComputeAuthToken", computeInput(fleet512, "x"),
			model("NotFoundException", "Compute x of fleet "+fleet512+" was not found."),
		},
		"fleet too long": {
			"GetComputeAuthToken", computeInput(fleet512+"a", "x"),
			one("Value '" + fleet512 + "a' at 'fleetId' failed to satisfy constraint: Member must have length less than or equal to 512"),
		},
		"empty compute": {"GetComputeAuthToken", computeInput("fleet-1", ""), one("Value '' at 'computeName' failed to satisfy constraint: " + namePattern)},
		"empty build": {
			"RequestUploadCredentials", map[string]any{"BuildId": ""},
			reply{Status: 400, Code: validation, Message: "2 validation errors detected: " +
				"Value '' at 'buildId' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value '' at 'buildId' failed to satisfy constraint: " + buildPattern},
		},
		"compute ARN of three parts": {
			"GetComputeAccess", computeInput("fleet-1", arnPrefix+"compute/a/b/c"),
			one("Value '" + arnPrefix + "compute/a/b/c' at 'computeName' failed to satisfy constraint: " + namePattern),
		},
		"compute of three parts": {"GetComputeAccess", computeInput("fleet-1", "a/b/c"), one("Value 'a/b/c' at 'computeName' failed to satisfy constraint: " + namePattern)},
		"longest compute": {
			"GetComputeAuthToken", computeInput("fleet-1", name1024),
			model("NotFoundException", "Compute "+name1024+" of fleet fleet-1 was not found."),
		},
		"compute too long": {
			"GetComputeAuthToken", computeInput("fleet-1", name1024+"a"),
			one("Value '" + name1024 + "a' at 'computeName' failed to satisfy constraint: Member must have length less than or equal to 1024"),
		},
		"no build": {
			"RequestUploadCredentials", map[string]any{},
			one("Value null at 'buildId' failed to satisfy constraint: Member must not be null"),
		},
		"build with a space": {
			"RequestUploadCredentials", map[string]any{"BuildId": "build-1 2"},
			one("Value 'build-1 2' at 'buildId' failed to satisfy constraint: " + buildPattern),
		},
		"longest build": {
			"RequestUploadCredentials", map[string]any{"BuildId": build512},
			model("NotFoundException", "Build "+build512+" was not found in us-west-2."),
		},
		"longest build in characters": {
			"RequestUploadCredentials", map[string]any{"BuildId": "build-" + strings.Repeat("é", 506)},
			model("NotFoundException", "Build build-"+strings.Repeat("é", 506)+" was not found in us-west-2."),
		},
		"build too long": {
			"RequestUploadCredentials", map[string]any{"BuildId": build512 + "a"},
			one("Value '" + build512 + "a' at 'buildId' failed to satisfy constraint: Member must have length less than or equal to 512"),
		},
		"compute of another fleet": {
			"GetComputeAuthToken", computeInput(gamelifttest.EC2FleetID, gamelifttest.AnywhereCompute),
			model("NotFoundException", "Compute HardwareAnywhere of fleet "+gamelifttest.EC2FleetID+" was not found."),
		},
		"ARN of another service": {
			"GetComputeAuthToken", computeInput("arn:aws:s3:us-west-2:111122223333:fleet/"+gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute),
			model("NotFoundException", "Compute HardwareAnywhere of fleet arn:aws:s3:us-west-2:111122223333:fleet/"+gamelifttest.AnywhereFleetID+" was not found."),
		},
		"access to an Anywhere compute": {
			"GetComputeAccess", computeInput(gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute),
			model("InvalidRequestException", "Compute HardwareAnywhere belongs to an Anywhere fleet, which GetComputeAccess does not support."),
		},
		"uploaded build": {
			"RequestUploadCredentials", map[string]any{"BuildId": "build-uploaded"},
			model("InvalidRequestException", "The files of build build-uploaded have already been uploaded."),
		},
		"fleet of another account": {
			"GetComputeAuthToken", computeInput("arn:aws:gamelift:us-west-2:444455556666:fleet/fleet-1", "x"),
			model("UnauthorizedException", "The resource belongs to another account."),
		},
		"build of another account": {
			"RequestUploadCredentials", map[string]any{"BuildId": "arn:aws:gamelift:us-west-2:444455556666:build/build-1"},
			model("UnauthorizedException", "The resource belongs to another account."),
		},
		"fleet of another partition": {
			"GetComputeAuthToken", computeInput("arn:aws-cn:gamelift:us-west-2:111122223333:fleet/"+gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute),
			model("InvalidRequestException", `The partition of the ARN is "aws-cn", but Region us-west-2 is in partition "aws".`),
		},
		"compute of no partition": {
			"GetComputeAccess", computeInput(gamelifttest.EC2FleetID, "arn:x:gamelift:us-west-2:111122223333:compute/"+gamelifttest.EC2Compute),
			model("InvalidRequestException", `The partition of the ARN is "x", but Region us-west-2 is in partition "aws".`),
		},
		"build of another partition": {
			"RequestUploadCredentials", map[string]any{"BuildId": "arn:aws-us-gov:gamelift:us-west-2::build/" + gamelifttest.BuildID},
			model("InvalidRequestException", `The partition of the ARN is "aws-us-gov", but Region us-west-2 is in partition "aws".`),
		},
		"fleet of a region that is in another partition": {
			"GetComputeAuthToken", computeInput("arn:aws-cn:gamelift:cn-north-1:111122223333:fleet/fleet-1", "x"),
			model("UnsupportedRegionException", "The resource is in Region cn-north-1, but the request was sent to Region us-west-2."),
		},
		"fleet ARN without a partition": {
			"GetComputeAuthToken", computeInput("arn::gamelift:us-west-2:111122223333:fleet/"+gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute),
			model("InvalidRequestException", `The partition of the ARN is "", but Region us-west-2 is in partition "aws".`),
		},
		"fleet ARN without a region": {
			"GetComputeAuthToken", computeInput("arn:aws-cn:gamelift::111122223333:fleet/"+gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute),
			model("InvalidRequestException", `The partition of the ARN is "aws-cn", but Region us-west-2 is in partition "aws".`),
		},
		"compute of another region": {
			"GetComputeAccess", computeInput("fleet-1", "arn:aws:gamelift:eu-west-1:111122223333:compute/x"),
			model("UnsupportedRegionException", "The resource is in Region eu-west-1, but the request was sent to Region us-west-2."),
		},
		"build of another region": {
			"RequestUploadCredentials", map[string]any{"BuildId": "arn:aws:gamelift:eu-west-1::build/" + gamelifttest.BuildID},
			model("NotFoundException", "Build "+gamelifttest.BuildID+" was not found in us-west-2."),
		},
	} {
		for _, protocol := range bothProtocols {
			t.Run(name+"/"+string(protocol), func(t *testing.T) {
				t.Parallel()
				got := send(t, server, ask(protocol, tt.operation, tt.input).request(t, server.URL()))
				if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(reply{})); diff != "" {
					t.Errorf("response (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// clock is the clock of a test.
type clock struct{ now time.Time }

func (c *clock) option(o *gamelifttest.Options) { o.Now = func() time.Time { return c.now } }

// ask sends m, signed at the clock's time.
func (c *clock) ask(t *testing.T, server *gamelifttest.Server, m *message) reply {
	t.Helper()
	m.time = c.now
	return send(t, server, m.request(t, server.URL()))
}

func TestServer_renewsTokens(t *testing.T) {
	t.Parallel()
	type step struct {
		after   time.Duration // since noon
		token   int           // which one, counted from 0
		expires time.Duration // since noon
	}
	for name, tt := range map[string]struct {
		configure func(*gamelifttest.Options)
		steps     []step
	}{
		"by default": {
			func(*gamelifttest.Options) {},
			[]step{
				{0, 0, 3 * time.Hour},
				{time.Hour, 0, 3 * time.Hour},
				{2*time.Hour + 45*time.Minute, 0, 3 * time.Hour}, // 15 minutes remain
				{2*time.Hour + 45*time.Minute + 1, 1, 5*time.Hour + 45*time.Minute},
				{5*time.Hour + 30*time.Minute, 1, 5*time.Hour + 45*time.Minute},
				{9 * time.Hour, 2, 12 * time.Hour}, // long expired
			},
		},
		"of an hour": {
			func(o *gamelifttest.Options) { o.TokenLife = time.Hour },
			[]step{{0, 0, time.Hour}, {45 * time.Minute, 0, time.Hour}, {45*time.Minute + 1, 1, time.Hour + 45*time.Minute}},
		},
		"of an hour and a bit": {
			func(o *gamelifttest.Options) { o.TokenLife = time.Hour + 125*time.Millisecond },
			[]step{{0, 0, time.Hour + 125*time.Millisecond}},
		},
		"of ten seconds": {
			func(o *gamelifttest.Options) { o.TokenLife = 10 * time.Second },
			[]step{{0, 0, 10 * time.Second}, {5 * time.Second, 0, 10 * time.Second}, {5*time.Second + 1, 1, 15 * time.Second}},
		},
		"of an hour, renewed a minute before": {
			func(o *gamelifttest.Options) { o.TokenLife, o.TokenRenewal = time.Hour, time.Minute },
			[]step{{0, 0, time.Hour}, {59 * time.Minute, 0, time.Hour}, {59*time.Minute + 1, 1, 119 * time.Minute}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c clock
			server := gamelifttest.NewUnstartedServer(c.option, tt.configure)
			var tokens []any
			for _, step := range tt.steps {
				c.now = noon.Add(step.after)
				got := c.ask(t, server, askToken(gamelifttest.JSON))
				require.Equal(t, 200, got.Status, got.Message)
				if step.token == len(tokens) {
					require.NotContains(t, tokens, got.body["AuthToken"], "after %v", step.after)
					tokens = append(tokens, got.body["AuthToken"])
				}
				require.Equal(t, tokens[step.token], got.body["AuthToken"], "after %v", step.after)
				want := float64(noon.Add(step.expires).UnixMilli()) / 1000
				require.Equal(t, want, got.body["ExpirationTimestamp"], "after %v", step.after)
			}
		})
	}
}

// Computes have different tokens, and a compute that is added again gets a new one.
// A compute that is added again, replaced or after it was removed, gets a token
// that it did not have before.
func TestServer_tokenOfAComputeThatIsAddedAgain(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer()
	client := gamelift.New(server.ClientOptions())
	seen := map[string]bool{}
	for i, before := range []func(){
		func() {},
		func() {},
		func() { server.RemoveCompute("fleet-1", "a") },
	} {
		before()
		server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "a"})
		out, err := client.GetComputeAuthToken(t.Context(), &gamelift.GetComputeAuthTokenInput{FleetId: ptr("fleet-1"), ComputeName: ptr("a")})
		require.NoError(t, err)
		require.False(t, seen[*out.AuthToken], "compute %d has an earlier token", i)
		seen[*out.AuthToken] = true
	}
}

func TestServer_tokensDiffer(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	token := func(fleetID, name string) any {
		got := send(t, server, ask(gamelifttest.JSON, "GetComputeAuthToken", map[string]any{"FleetId": fleetID, "ComputeName": name}).request(t, server.URL()))
		require.Equal(t, 200, got.Status, got.Message)
		return got.body["AuthToken"]
	}
	server.AddCompute(gamelifttest.Compute{FleetID: gamelifttest.EC2FleetID, Name: gamelifttest.AnywhereCompute})
	first := token(gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute)
	require.NotEqual(t, first, token(gamelifttest.EC2FleetID, gamelifttest.AnywhereCompute))
	require.NotEqual(t, first, token(gamelifttest.EC2FleetID, gamelifttest.EC2Compute))
	require.Equal(t, first, token(gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute))
	server.AddCompute(gamelifttest.Compute{FleetID: gamelifttest.AnywhereFleetID, Name: gamelifttest.AnywhereCompute})
	require.NotEqual(t, first, token(gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute))
	server.Reset()
	require.Equal(t, first, token(gamelifttest.AnywhereFleetID, gamelifttest.AnywhereCompute), "the same seed gives the same tokens")
}

// Each call gets new credentials. They have the characters that need escaping in
// shells, URLs and JSON, and depend on the seed.
func TestServer_madeUpCredentials(t *testing.T) {
	t.Parallel()
	issue := func(seed uint64) (issued []any) {
		server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.Seed = seed })
		for range 50 {
			got := send(t, server, ask(gamelifttest.JSON, "RequestUploadCredentials", map[string]any{"BuildId": gamelifttest.BuildID}).request(t, server.URL()))
			issued = append(issued, got.body["UploadCredentials"])
		}
		return issued
	}
	first := issue(1)
	require.Equal(t, first, issue(1))
	require.NotEqual(t, first, issue(2))
	seen := map[any]bool{}
	for _, credentials := range first {
		for name, value := range credentials.(map[string]any) {
			require.False(t, seen[value], "%s is issued twice", name)
			seen[value] = true
			if name == "AccessKeyId" {
				continue
			}
			for _, special := range []string{"/", "+"} {
				require.Contains(t, value, special, name)
			}
			require.Equal(t, name == "SessionToken", strings.HasSuffix(value.(string), "=="), name)
		}
	}
}

// Computes and builds return the credentials that a test gives them.
func TestServer_givenCredentials(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	temporary := gamelift.Credentials{AccessKeyID: "ASIAGIVEN", SecretAccessKey: "given/secret", SessionToken: "given+token=="}
	permanent := gamelift.Credentials{AccessKeyID: "AKIAGIVEN", SecretAccessKey: "given/secret"}
	server.AddBuild(gamelifttest.Build{ID: "build-1", Credentials: temporary})
	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "host", Type: gamelifttest.EC2, Credentials: permanent})
	client := gamelift.New(server.ClientOptions())
	for range 2 {
		upload, err := client.RequestUploadCredentials(t.Context(), &gamelift.RequestUploadCredentialsInput{BuildId: ptr("build-1")})
		require.NoError(t, err)
		require.Equal(t, types.AwsCredentials{
			AccessKeyId: ptr("ASIAGIVEN"), SecretAccessKey: ptr("given/secret"), SessionToken: ptr("given+token=="),
		}, *upload.UploadCredentials)
		access, err := client.GetComputeAccess(t.Context(), &gamelift.GetComputeAccessInput{FleetId: ptr("fleet-1"), ComputeName: ptr("host")})
		require.NoError(t, err)
		require.Equal(t, types.AwsCredentials{AccessKeyId: ptr("AKIAGIVEN"), SecretAccessKey: ptr("given/secret")}, *access.Credentials)
	}
}

// An EC2 compute has a Target if its InstanceID is set: the documents of AWS
// disagree about it, and callers must be ready for both.
func TestServer_targetOfEC2Computes(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	access := func(c gamelifttest.Compute) map[string]any {
		c.FleetID, c.Name = "fleet-1", "i-0a1b2c3d4e5f60718"
		server.AddCompute(c)
		return send(t, server, ask(gamelifttest.CBOR, "GetComputeAccess", map[string]any{"FleetId": c.FleetID, "ComputeName": c.Name}).request(t, server.URL())).body
	}
	require.NotContains(t, access(gamelifttest.Compute{Type: gamelifttest.EC2}), "Target")
	with := access(gamelifttest.Compute{Type: gamelifttest.EC2, InstanceID: "i-0a1b2c3d4e5f60718", Containers: []gamelifttest.ContainerID{{Name: "x"}}})
	require.Equal(t, "i-0a1b2c3d4e5f60718", with["Target"])
	require.NotContains(t, with, "ContainerIdentifiers")
	require.Contains(t, access(gamelifttest.Compute{Type: gamelifttest.Container}), "Target")
}

func TestServer_computeAbsentAfterItWasAdded(t *testing.T) {
	t.Parallel()
	c := clock{noon}
	server := gamelifttest.NewUnstartedServer(c.option)
	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-new", Name: "late", AbsentFor: 30 * time.Second})
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 400}, {30*time.Second - 1, 400}, {30 * time.Second, 200}, {time.Hour, 200}} {
		c.now = noon.Add(tt.after)
		got := c.ask(t, server, ask(gamelifttest.CBOR, "GetComputeAuthToken", map[string]any{"FleetId": "fleet-new", "ComputeName": "late"}))
		require.Equal(t, tt.want, got.Status, "after %v", tt.after)
		if tt.want == 400 {
			require.Equal(t, modelled+"NotFoundException", got.Code)
		}
	}
}

// The target and the containers of a Container compute are made up if they are not
// given.
func TestServer_addContainerCompute(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	server.AddCompute(gamelifttest.Compute{FleetID: "fleet-1", Name: "c", Type: gamelifttest.Container})
	got := send(t, server, ask(gamelifttest.CBOR, "GetComputeAccess", map[string]any{"FleetId": "fleet-1", "ComputeName": "c"}).request(t, server.URL()))
	require.Regexp(t, "^i-[0-9a-f]{17}$", got.body["Target"])
	containers := got.body["ContainerIdentifiers"].([]any)
	require.Len(t, containers, 1)
	require.Equal(t, "game-server", containers[0].(map[string]any)["ContainerName"])
	require.Regexp(t, "^[0-9a-f]{64}$", containers[0].(map[string]any)["ContainerRuntimeId"])
}

func TestServer_addBuild(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.Builds = nil })
	upload := func(id string) reply {
		return send(t, server, ask(gamelifttest.JSON, "RequestUploadCredentials", map[string]any{"BuildId": id}).request(t, server.URL()))
	}
	require.Equal(t, 400, upload(gamelifttest.BuildID).Status, "the build that Options left out")
	server.AddBuild(gamelifttest.Build{ID: "build-mine", Bucket: "my-bucket", Key: "my/key.zip"})
	require.Equal(t, map[string]any{"Bucket": "my-bucket", "Key": "my/key.zip"}, upload("build-mine").body["StorageLocation"])
	server.AddBuild(gamelifttest.Build{ID: "build-mine", Uploaded: true})
	require.Equal(t, modelled+"InvalidRequestException", upload("build-mine").Code)
	server.Reset()
	require.Equal(t, modelled+"NotFoundException", upload("build-mine").Code)
}

func TestServer_quotas(t *testing.T) {
	t.Parallel()
	c := clock{noon}
	server := gamelifttest.NewUnstartedServer(c.option, func(o *gamelifttest.Options) { o.Quotas = gamelifttest.PublishedQuotas() })
	inputs := map[string]map[string]any{
		"GetComputeAuthToken":      {"FleetId": gamelifttest.EC2FleetID, "ComputeName": gamelifttest.EC2Compute},
		"GetComputeAccess":         {"FleetId": gamelifttest.EC2FleetID, "ComputeName": gamelifttest.EC2Compute},
		"RequestUploadCredentials": {"BuildId": gamelifttest.BuildID},
	}
	served := func(operation string) (n int) {
		for {
			got := c.ask(t, server, ask(gamelifttest.JSON, operation, inputs[operation]))
			if got.Status != 200 {
				require.Equal(t, "com.amazon.coral.availability#ThrottlingException", got.Code)
				require.Equal(t, "Rate exceeded", got.Message)
				return n
			}
			n++
		}
	}
	for _, tt := range []struct {
		operation string
		after     time.Duration
		want      int
	}{
		{"GetComputeAuthToken", 0, 10},
		{"GetComputeAccess", 0, 4}, // each operation has its own
		{"RequestUploadCredentials", 0, 4},
		{"GetComputeAuthToken", 200*time.Millisecond - 1, 0},
		{"GetComputeAuthToken", 200 * time.Millisecond, 1},
		{"GetComputeAuthToken", time.Second + 200*time.Millisecond, 5},
		{"GetComputeAccess", time.Second + 200*time.Millisecond, 1},
		{"RequestUploadCredentials", 3 * time.Second, 3},
		{"GetComputeAuthToken", time.Hour, 10}, // no more than a burst
		{"GetComputeAuthToken", 0, 0},          // a clock that goes back
		{"GetComputeAuthToken", 2 * time.Second, 10},
	} {
		c.now = noon.Add(tt.after)
		require.Equal(t, tt.want, served(tt.operation), "%s after %v", tt.operation, tt.after)
	}

	unsigned := askToken(gamelifttest.JSON)
	unsigned.keys.SecretAccessKey = "wrong"
	server.Reset()
	for range 20 {
		require.Equal(t, mismatch.Code, c.ask(t, server, unsigned).Code)
	}
	require.Equal(t, 10, served("GetComputeAuthToken"), "what is refused at the front door costs nothing")
}

func TestServer_withoutQuotas(t *testing.T) {
	t.Parallel()
	server := gamelifttest.NewUnstartedServer(at(noon))
	for range 100 {
		require.Equal(t, 200, send(t, server, askToken(gamelifttest.JSON).request(t, server.URL())).Status)
	}
}

func TestOptions_Region(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1":   "arn:aws:gamelift:eu-central-1:444455556666:fleet/" + gamelifttest.AnywhereFleetID,
		"cn-north-1":     "arn:aws-cn:gamelift:cn-north-1:444455556666:fleet/" + gamelifttest.AnywhereFleetID,
		"us-gov-west-1":  "arn:aws-us-gov:gamelift:us-gov-west-1:444455556666:fleet/" + gamelifttest.AnywhereFleetID,
		"us-isob-east-1": "arn:aws-iso-b:gamelift:us-isob-east-1:444455556666:fleet/" + gamelifttest.AnywhereFleetID,
	} {
		server := gamelifttest.NewUnstartedServer(at(noon), func(o *gamelifttest.Options) { o.Region, o.AccountID = region, "444455556666" })
		m := askToken(gamelifttest.CBOR)
		m.region = region
		got := send(t, server, m.request(t, server.URL()))
		require.Equal(t, want, got.body["FleetArn"], got.Message)
		require.Equal(t, region, server.ClientOptions().Region)
	}
}
