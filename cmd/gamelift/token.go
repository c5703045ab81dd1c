package main

import (
	"cmp"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
)

// callersKeys are the variables with the caller's AWS keys, which a game server
// does not need.
var callersKeys = []string{
	"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY",
	"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY",
	"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
	"AWS_CREDENTIAL_EXPIRATION",
}

func newTokenCommand(settings *settings, signals *signals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token --fleet-id F --compute-name C [--output json|env] [--watch FILE | -- COMMAND ARGS...]",
		Short: "get the auth token that a game server passes to InitSDK()",
		Long: `Gets the auth token of a compute, and prints it, keeps it fresh in a file, or
runs a command with it.

--output json prints the response of GetComputeAuthToken. --output env prints
lines for a shell, which set the variables that InitSDK() reads:
GAMELIFT_SDK_AUTH_TOKEN, GAMELIFT_SDK_FLEET_ID and GAMELIFT_SDK_HOST_ID.

With -- COMMAND, the command runs with these variables. It does not get the AWS
keys of the caller.

--watch writes the variables to FILE as NAME=value lines, or as JSON with
--output json. The file has mode 0600 and is replaced as a whole. It is written at
once and whenever the token is renewed, until SIGINT or SIGTERM. If a request
fails, or a renewed token cannot be written, gamelift writes a line to standard
error, and the file keeps its token while the token is valid. When the token
expires, the file is removed.`,
		Example: `# Start a game server on this host
gamelift token --fleet-id fleet-1234 --compute-name my-host -- ./my-game-server

# Set the variables in this shell
eval "$(gamelift token --fleet-id fleet-1234 --compute-name my-host --output env)"

# Keep a file fresh for systemd's EnvironmentFile=
gamelift token --fleet-id fleet-1234 --compute-name my-host --watch /run/gamelift/token`,
		Args: commandArgs("output", "watch"),
	}
	var compute compute
	compute.addTo(cmd)
	output := addOutput(cmd, "json", "env")
	var watched string
	cmd.Flags().Var(value{text: &watched, kind: "FILE"}, "watch", "keep a file fresh until a signal")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		command, err := findCommand(args)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		_, client, err := settings.load(ctx)
		if err != nil {
			return failed(err)
		}
		if watched != "" {
			write := tokenLines
			if cmd.Flags().Changed("output") && *output == "json" {
				write = tokenJSON
			}
			return failed(watch(ctx, client, compute, watched, write))
		}
		out, err := client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: &compute.fleetID, ComputeName: &compute.name})
		if err != nil {
			return failed(err)
		}
		if command != nil {
			variables, err := tokenVariables(out, compute)
			if err != nil {
				return failed(err)
			}
			return command.run(signals, environment(os.Environ(), callersKeys, variables))
		}
		write := tokenJSON
		if *output == "env" {
			write = tokenExports
		}
		return failed(printText(write(out, compute)))
	}
	return cmd
}

var errNoToken = errors.New("the response of GetComputeAuthToken has no AuthToken")

// tokenVariables returns the variables that InitSDK() reads.
func tokenVariables(out *gamelift.GetComputeAuthTokenOutput, asked compute) ([]string, error) {
	token := authtoken.Token{
		Value:       aws.ToString(out.AuthToken),
		FleetID:     cmp.Or(aws.ToString(out.FleetId), cutARN(asked.fleetID)),
		ComputeName: cmp.Or(aws.ToString(out.ComputeName), cutARN(asked.name)),
	}
	if token.Value == "" {
		return nil, errNoToken
	}
	variables := token.Env(authtoken.ServerProcess{})
	return variables, checkVariables(variables, "\x00")
}

// The forms of a token. Each ends in a newline.

func tokenJSON(out *gamelift.GetComputeAuthTokenOutput, _ compute) (string, error) {
	if aws.ToString(out.AuthToken) == "" {
		return "", errNoToken
	}
	return indented(out)
}

func tokenExports(out *gamelift.GetComputeAuthTokenOutput, asked compute) (string, error) {
	variables, err := tokenVariables(out, asked)
	return exports(variables), err
}

// tokenLines returns the variables in the format of systemd's EnvironmentFile=
// and of docker run --env-file.
func tokenLines(out *gamelift.GetComputeAuthTokenOutput, asked compute) (string, error) {
	variables, err := tokenVariables(out, asked)
	if err != nil {
		return "", err
	}
	return strings.Join(variables, "\n") + "\n", checkVariables(variables, "\r\n")
}
