package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
)

func newSessionCommand(settings *settings, signals *signals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session --fleet-id F --compute-name C [--print]",
		Short: "open a session on a compute",
		Long: `Opens a session on a compute of an EC2 or container fleet: runs aws ssm
start-session with the credentials of the compute. It needs the AWS CLI and its
Session Manager plugin.

On a container fleet, the command to type there is written to standard error
first, for each container.

--print prints a command that does the same, and opens no session.`,
		Example: `# A shell on the instance
gamelift session --fleet-id fleet-1234 --compute-name i-0123

# The command, to add a document or parameters to it
gamelift session --fleet-id fleet-1234 --compute-name i-0123 --print`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	var compute compute
	compute.addTo(cmd)
	printOnly := cmd.Flags().Bool("print", false, "print the command, and open no session")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		session := []string{"aws", "ssm", "start-session", "--target"}
		var command *command
		if !*printOnly {
			var err error
			if command, err = findCommand(session); err != nil {
				return err
			}
		}
		ctx := cmd.Context()
		_, client, err := settings.load(ctx)
		if err != nil {
			return failed(err)
		}
		access, err := getAccess(ctx, client, compute)
		if err != nil {
			return failed(err)
		}
		out := access.output
		target := cmp.Or(aws.ToString(out.Target), aws.ToString(out.ComputeName), cutARN(compute.name))
		session = append(session, target, "--region", access.region)
		if *printOnly {
			_, err := fmt.Println(accessLine(settings, compute, session))
			return failed(err)
		}
		for _, container := range out.ContainerIdentifiers {
			enter := quoteWords("sudo", "docker", "exec", "-it", aws.ToString(container.ContainerRuntimeId), "sh")
			fmt.Fprintln(os.Stderr, plain(enter+" # "+quoteWords(aws.ToString(container.ContainerName))))
		}
		command.argv = session
		return access.run(signals, command)
	}
	return cmd
}

// accessLine returns the command line that runs a command with the compute's keys.
func accessLine(settings *settings, compute compute, command []string) string {
	words := []string{"gamelift", "access", "--fleet-id", compute.fleetID, "--compute-name", compute.name}
	for _, flag := range [][2]string{
		{"--region", settings.region}, {"--profile", settings.profile}, {"--endpoint-url", settings.endpointURL},
	} {
		if flag[1] != "" {
			words = append(words, flag[0], flag[1])
		}
	}
	return quoteWords(append(append(words, "--"), command...)...)
}
