package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newCompletionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: "print a script that makes a shell complete commands and flags",
		Long:  `Prints a script for a shell, which completes commands, flags and their values.`,
		Example: `# bash, in ~/.bashrc; needs the package bash-completion
source <(gamelift completion bash)

# zsh, in ~/.zshrc, after compinit
source <(gamelift completion zsh)

# fish
gamelift completion fish > ~/.config/fish/completions/gamelift.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return fmt.Errorf("want one of %s", strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return failed(root.GenBashCompletionV2(os.Stdout, true))
			case "zsh":
				return failed(root.GenZshCompletion(os.Stdout))
			case "fish":
				return failed(root.GenFishCompletion(os.Stdout, true))
			}
			return failed(root.GenPowerShellCompletionWithDesc(os.Stdout))
		},
	}
}
