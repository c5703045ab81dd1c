package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

// installAWS puts a program aws into PATH, and nothing else.
func (o *operator) installAWS(script string) {
	o.t.Helper()
	o.write("bin/aws", "#!/bin/sh\n"+script, 0o755)
	o.env = append(o.env, "PATH="+o.home+"/bin:/usr/bin:/bin")
}

func TestSession(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.env = append(o.env, "AWS_SESSION_TOKEN=", "AWS_PROFILE=operator")
	o.write(".aws/config", "[profile operator]\n", 0o600)
	o.installAWS(`read typed; echo "$typed|$*|$AWS_ACCESS_KEY_ID|${AWS_SESSION_TOKEN:+token}|$AWS_PROFILE|$AWS_REGION"; echo of aws >&2; exit 9`)
	for _, test := range []struct {
		name           string
		args           []string
		target, stderr string
	}{
		{"EC2", ec2, gamelifttest.EC2Compute, ""},
		{"container", container, "i-0fedcba9876543210", "sudo docker exec -it 0a1b2c3d4e5f60718293a4b5c6d7e8f9-1234567890 sh # game-server\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := o.command(with("session", test.args)...)
			cmd.Stdin = strings.NewReader("typed\n")
			r := finish(t, cmd)
			require.Equal(t, 9, r.status)
			require.Equal(t, test.stderr+"of aws\n", r.stderr)
			require.Regexp(t, `^typed\|ssm start-session --target `+test.target+` --region us-west-2\|ASIA\w+\|token\|\|us-west-2\n$`, r.stdout)
		})
	}
}

func TestSession_withoutATarget(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.installAWS(`echo "$4"`)
	keys := `"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}`
	o.stub.Inject(gamelifttest.Fault{Body: []byte(`{"ComputeName": "i-1", ` + keys + `}`)}, gamelifttest.Fault{Body: []byte(`{` + keys + `}`)})
	require.Equal(t, "i-1\n", o.output(with("session", ec2)...))
	require.Equal(t, gamelifttest.EC2Compute+"\n", o.output(with("session", ec2[:2],
		"--compute-name", "arn:aws:gamelift:us-west-2:111122223333:compute/"+gamelifttest.EC2Compute)...))
}

func TestSession_everyContainer(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.installAWS("exit 0")
	fleet := "containerfleet-1"
	o.stub.AddCompute(gamelifttest.Compute{FleetID: fleet, Name: "host", Type: gamelifttest.Container, Containers: []gamelifttest.ContainerID{
		{Name: "game-server", RuntimeID: "id-1"}, {Name: "side", RuntimeID: "id-2"}, {Name: "odd\n\x1b[0m", RuntimeID: "id-3"},
	}})
	r := o.run("session", "--fleet-id", fleet, "--compute-name", "host")
	require.Equal(t, result{stderr: "sudo docker exec -it id-1 sh # game-server\nsudo docker exec -it id-2 sh # side\nsudo docker exec -it id-3 sh # 'odd  [0m'\n"}, r)
}

func TestSession_print(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.without("AWS_REGION")
	o.env = append(o.env, "PATH=/nowhere")
	o.write(".aws/config", "[profile the operator's]\naws_access_key_id = "+gamelifttest.AccessKeyID+
		"\naws_secret_access_key = "+gamelifttest.SecretAccessKey+"\n", 0o600)
	printed := o.output(with("session", container, "--print", "--region", "us-west-2",
		"--profile", "the operator's", "--endpoint-url", o.stub.URL())...)
	require.Equal(t, "gamelift access --fleet-id "+gamelifttest.ContainerFleetID+" --compute-name "+gamelifttest.ContainerCompute+
		" --region us-west-2 --profile 'the operator'\\''s' --endpoint-url "+o.stub.URL()+
		" -- aws ssm start-session --target i-0fedcba9876543210 --region us-west-2\n", printed)

	o.installAWS(`echo "$*"`)
	o.env = append(o.env, "PATH="+o.home+"/bin:"+strings.TrimSuffix(binary, "/gamelift"))
	sh := o.command()
	sh.Path, sh.Args = "/bin/sh", []string{"sh", "-c", printed}
	require.Equal(t, result{stdout: "ssm start-session --target i-0fedcba9876543210 --region us-west-2\n"}, finish(t, sh))
}

func TestSession_noAWS(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.env = append(o.env, "PATH="+o.home+"/bin")
	require.Contains(t, o.fails(statusNotFound, with("session", ec2)...), "aws")
	o.write("bin/aws", "not executable", 0o600)
	require.Contains(t, o.fails(statusCannotRun, with("session", ec2)...), "aws")
	require.Empty(t, o.stub.Requests())
}

// TestEndpointURL has the flag reach GameLift, and no other service.
func TestEndpointURL(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.without("AWS_ENDPOINT_URL_GAMELIFT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
	sts := newOperator(t) // answers what is no GameLift request with an error
	o.env = append(o.env, "AWS_ENDPOINT_URL_STS="+sts.stub.URL(), "AWS_MAX_ATTEMPTS=1")
	o.write(".aws/config", `[profile role]
role_arn = arn:aws:iam::111122223333:role/r
source_profile = operator
[profile operator]
aws_access_key_id = AKIA
aws_secret_access_key = s
`, 0o600)
	require.Contains(t, o.fails(statusFailed, with("token", anywhere, "--profile", "role", "--endpoint-url", o.stub.URL())...), "AssumeRole")
	require.Empty(t, o.stub.Requests())
	require.NotEmpty(t, sts.stub.Requests())

	o.env = append(o.env, "AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:1",
		"AWS_ACCESS_KEY_ID="+gamelifttest.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+gamelifttest.SecretAccessKey)
	o.fails(statusFailed, with("token", anywhere)...)
	var token map[string]any
	require.NoError(t, json.Unmarshal([]byte(o.output(with("token", anywhere, "--endpoint-url", o.stub.URL())...)), &token))
	require.Contains(t, o.output(with("token", anywhere, "--endpoint-url", o.stub.URL(), "--", "env")...),
		"AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:1\n")
}
