package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
)

// otherKeys are the variables that take precedence over the keys of the compute in
// some AWS SDK.
var otherKeys = []string{
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
}

func newAccessCommand(settings *settings, signals *signals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "access --fleet-id F --compute-name C [--output json|env|credential-process] [-- COMMAND ARGS...]",
		Short: "get AWS credentials for access to a compute",
		Long: `Gets temporary AWS credentials for access to a compute of an EC2 or container
fleet through AWS Systems Manager, and prints them or runs a command with them.

--output json prints the response of GetComputeAccess. --output env prints lines
for a shell, which set the variables that AWS tools read. --output
credential-process prints the credentials for a profile of ~/.aws/config, in the
form that AWS SDKs and the AWS CLI read, with an expiry in 10 minutes.

With -- COMMAND, the command runs with these variables. It does not get variables
that would take precedence over them, such as AWS_PROFILE.`,
		Example: `# Copy a file with the credentials of a compute
gamelift access --fleet-id fleet-1234 --compute-name i-0123 -- aws s3 cp s3://my-bucket/file .

# A profile for every AWS SDK, in ~/.aws/config
[profile compute]
region = us-west-2
credential_process = gamelift access --profile operator --fleet-id fleet-1234 --compute-name i-0123 --output credential-process`,
		Args: commandArgs("output"),
	}
	var compute compute
	compute.addTo(cmd)
	output := addOutput(cmd, "json", "env", credentialProcess)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		command, err := findCommand(args)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		cfg, client, err := settings.load(ctx)
		if err != nil {
			return failed(err)
		}
		if *output == credentialProcess {
			if err := guardCredentialProcess(cfg); err != nil {
				return failed(err)
			}
		}
		access, err := getAccess(ctx, client, compute)
		switch {
		case err != nil:
			return failed(err)
		case command != nil:
			return access.run(signals, command)
		case *output == "env":
			return failed(printText(access.script()))
		case *output == credentialProcess:
			return failed(printText(access.process()))
		}
		return failed(printText(indented(access.output)))
	}
	return cmd
}

// access holds the credentials for a compute.
type access struct {
	output *gamelift.GetComputeAccessOutput
	keys   aws.Credentials
	region string
}

func getAccess(ctx context.Context, client *gamelift.Client, compute compute) (*access, error) {
	provider := awsconfig.NewComputeAccess(client, compute.fleetID, compute.name)
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	return &access{output: provider.Output(), keys: keys, region: client.Options().Region}, nil
}

func (a *access) variables() ([]string, error) {
	variables := []string{
		"AWS_ACCESS_KEY_ID=" + a.keys.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + a.keys.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + a.keys.SessionToken,
		"AWS_CREDENTIAL_EXPIRATION=" + a.expiration(),
		"AWS_REGION=" + a.region,
		"AWS_DEFAULT_REGION=" + a.region,
	}
	return variables, checkVariables(variables, "\x00")
}

func (a *access) expiration() string { return a.keys.Expires.UTC().Format(time.RFC3339) }

// run runs a command with the variables.
func (a *access) run(signals *signals, command *command) error {
	variables, err := a.variables()
	if err != nil {
		return failed(err)
	}
	return command.run(signals, environment(os.Environ(), otherKeys, variables))
}

// script returns shell commands that set the variables.
func (a *access) script() (string, error) {
	variables, err := a.variables()
	return "unset " + quoteWords(otherKeys...) + "\n" + exports(variables), err
}

// process returns the output of a credential process. See
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
func (a *access) process() (string, error) {
	line, err := json.Marshal(struct {
		Version                                                int
		AccessKeyId, SecretAccessKey, SessionToken, Expiration string
	}{1, a.keys.AccessKeyID, a.keys.SecretAccessKey, a.keys.SessionToken, a.expiration()})
	return string(line) + "\n", err
}
