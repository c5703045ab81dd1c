package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// help is the template of a command's page.
const help = `NAME
    {{.CommandPath}} - {{.Short}}

SYNOPSIS
    {{.UseLine}}

DESCRIPTION
{{indent .Long}}
{{- if .HasAvailableSubCommands}}

COMMANDS
{{- range .Commands}}{{if .IsAvailableCommand}}
    {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}
{{- end}}

OPTIONS
{{trimRightSpace .Flags.FlagUsages}}
{{- if .HasExample}}

EXAMPLES
{{indent .Example}}
{{- end}}

EXIT STATUS
    0         done
    1         the service, S3, the network, keys or local files failed
    2         the command line is wrong; nothing was sent
    126, 127  the command cannot be run, or is not found
    128+n     ended by signal n
    Otherwise it is the status of the command that gamelift ran.
`

func newRootCommand(signals *signals) *cobra.Command {
	cobra.AddTemplateFunc("indent", indent)
	var settings settings
	root := &cobra.Command{
		Use:   "gamelift COMMAND",
		Short: "tokens, credentials, sessions and builds of Amazon GameLift Servers",
		Long: `Does the operator's tasks for which Amazon GameLift Servers hands out credentials.

Region and keys are those of other AWS tools: the environment, the profiles of
~/.aws/config and ~/.aws/credentials, IAM Identity Center, web identities,
processes, containers and instances.`,
		Example: `gamelift token --fleet-id fleet-1234 --compute-name my-host -- ./my-game-server
gamelift session --fleet-id fleet-1234 --compute-name i-0123
gamelift upload-build --build-id build-1234 --build-root ./build

# Complete commands and flags in this shell
source <(gamelift completion bash)`,
		Version:               version(),
		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		PersistentPreRunE:     func(*cobra.Command, []string) error { return settings.check() },
		RunE: func(*cobra.Command, []string) error {
			return errors.New("there is no command: see gamelift --help")
		},
	}
	root.SetHelpTemplate(help)
	root.SetVersionTemplate("gamelift {{.Version}}\n")
	root.SetHelpCommand(newHelpCommand())
	root.CompletionOptions.DisableDefaultCmd = true // it takes any argument
	settings.addTo(root)
	for _, cmd := range []*cobra.Command{
		newTokenCommand(&settings, signals),
		newAccessCommand(&settings, signals),
		newSessionCommand(&settings, signals),
		newUploadBuildCommand(&settings),
		newCompletionCommand(),
	} {
		cmd.DisableFlagsInUseLine = true
		root.AddCommand(cmd)
	}
	return root
}

func newHelpCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "help [COMMAND]", Hidden: true, DisableFlagsInUseLine: true}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		about, rest, err := cmd.Root().Find(args)
		if err == nil && len(rest) > 0 {
			err = fmt.Errorf("there is no help about %q", rest[0])
		}
		if err != nil {
			return err
		}
		about.InitDefaultHelpFlag()
		return about.Help()
	}
	return cmd
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n    "), "    \n", "\n")
}

// version returns the version of the module, as go install records it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}
