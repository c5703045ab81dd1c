package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/gamelift-compute/gamelift/buildupload"
)

func newUploadBuildCommand(settings *settings) *cobra.Command {
	var buildID, root string
	var storeSymlinks, quiet bool
	cmd := &cobra.Command{
		Use:   "upload-build --build-id B --build-root DIR|ZIP [--store-symlinks] [--quiet]",
		Short: "upload the files of a build",
		Long: `Uploads a directory or a zip file as the files of a build, which aws gamelift
create-build made without a storage location. A directory is zipped while it is
sent, without a temporary file, and the same files give the same archive. Keys that
expire during the upload are renewed.

Prints where the files are, their size and their number as JSON. Progress goes to
standard error: as a bar on a terminal, otherwise as a line a second at most. An
upload that is interrupted or fails is aborted, so that S3 keeps no part of it.

A symbolic link that is absolute or leads out of the directory is an error. Other
links are followed, or stored with --store-symlinks.`,
		Example: `# In a build pipeline
build=$(aws gamelift create-build --name my-game --operating-system AMAZON_LINUX_2023 --query Build.BuildId --output text)
gamelift upload-build --build-id "$build" --build-root ./build`,
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			cfg, client, err := settings.load(ctx)
			if err != nil {
				return failed(err)
			}
			var progress progress = silence{}
			if !quiet {
				progress = newProgress()
			}
			result, err := buildupload.Upload(ctx, client, buildID, root, func(o *buildupload.Options) {
				o.Config, o.Progress = &cfg, progress.show
				if storeSymlinks {
					o.Symlinks = buildupload.StoreSymlinks
				}
			})
			progress.end()
			if err != nil {
				return failed(err)
			}
			line, err := json.Marshal(struct {
				BuildId, Bucket, Key string
				Size                 int64
				Files                int
			}{cutARN(buildID), result.Bucket, result.Key, result.Size, result.Files})
			return failed(printText(string(line)+"\n", err))
		},
	}
	cmd.Flags().Var(value{text: &buildID, kind: "ID"}, "build-id", "ID or ARN of the build")
	cmd.Flags().Var(value{text: &root, kind: "DIR|ZIP"}, "build-root", "directory or zip file with the files of the build")
	cmd.Flags().BoolVar(&storeSymlinks, "store-symlinks", false, "put symbolic links into the archive instead of what they lead to")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "show no progress")
	required(cmd, "build-id", "build-root")
	noFiles(cmd, "build-id")
	return cmd
}
