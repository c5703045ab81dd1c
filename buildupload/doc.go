// Package buildupload uploads the files of a game build to Amazon GameLift
// Servers: a directory, which it zips while it sends, or a zip file.
//
// # Uploading
//
// Create a build without a storage location, as CreateBuild of the AWS SDK does
// or "aws gamelift create-build", and give its ID to [Upload]:
//
//	client, err := awsconfig.Load(ctx)
//	...
//	result, err := buildupload.Upload(ctx, client, buildID, "path/to/build")
//
// Upload calls RequestUploadCredentials, and with the credentials that it
// returns the transfer manager of aws-sdk-go-v2. GameLift starts to process the
// build when the object is complete.
//
// # The source is checked first
//
// Nothing is sent before the whole source has been checked. It is an error if
// the source is absent, has no file ([ErrEmpty]), or is neither a directory nor
// a zip file, and if a directory has
//
//   - a link that is absolute or leads out of the source, even if it leads back
//     in again ([ErrOutside]),
//   - a link that leads to nothing or in a circle,
//   - a device, a socket or a pipe,
//   - a file or a directory that cannot be read,
//   - a path of 65,535 bytes or more, which a zip file cannot hold.
//
// The error names the path. A source that is a link itself is followed.
//
// # The archive
//
// A zip file is sent byte for byte. A directory becomes a zip file while it is
// sent, without a temporary file. The same tree gives the same bytes on every
// machine, with every number of processors, as long as the version of this
// module is the same:
//
//   - Entries are sorted by name within each directory. Every directory has an
//     entry, empty ones too, and comes ahead of what is in it.
//   - Permission bits and modification times are kept, the times in seconds of
//     UTC. Times before 1970 become 1970, and times after 2106 become 2106.
//     Owners, access times and extended attributes are not kept.
//   - Files are deflated, in blocks of 128 KiB, so that several processors can
//     work on a file.
//
// With [FollowSymlinks], the archive has the file or directory that a link
// leads to, under the name of the link, once for each link. With
// [StoreSymlinks], it has the link itself, with the permission bits 0777.
//
// A file that changes its size while it is read ends the upload with an error.
//
// # Credentials
//
// Credentials are requested after the check, and renewed after
// Options.CredentialsLifetime, or when S3 refuses them with ExpiredToken: once
// for all requests in flight. A request whose credentials were refused is made
// again with new ones, twice at most, whatever the retryer says. A renewal that
// fails, or names another bucket or key, ends the upload with an error.
//
// # Retries
//
// S3 is called and retried as the SDK does it, as Options.Config and
// Options.S3Options say. A part that is sent again is not read again.
//
// # Errors, and the end of the context
//
// On any error, and when the context is done, the parts in flight are given up
// and the multipart upload is aborted, which may take another 30 seconds. A key
// that may only put objects gets AccessDenied for that: then the ID of the
// upload that is left behind is in the error, after the first cause. An upload
// whose ID is unknown, because the connection broke when S3 had just created it,
// cannot be aborted; only a lifecycle rule of the bucket can remove it. errors.Is
// finds context.Canceled and context.DeadlineExceeded, and the cause of the
// context, whether or not the abort succeeds. Nothing that Upload started runs
// after it has returned.
//
// # Progress
//
// Options.Progress receives the number of bytes of the source's files that have
// been sent, as the connection takes them. The archive is smaller than the
// files, and so the number is an estimate from how much the files have shrunk
// so far. It does not fall when a part is sent again, and reaches the total
// only when S3 has acknowledged the object.
//
// # Memory
//
// Upload keeps up to Options.Concurrency + 2 parts in memory, 48 MiB by default,
// whatever the size of the source, and 1 MiB for each processor, at most 4, to
// deflate with. A file adds about 500 bytes while its directory is uploaded, because
// the end of a zip file lists all files. Upload runs the garbage collector after
// every 1,024 blocks, so that a long upload takes no more memory than a short one.
//
// # Secrets
//
// Secret keys and session tokens are in no error, not even if S3 or a proxy
// repeats them, and in no record of Options.Config.Logger, not even if
// ClientLogMode has it log whole requests.
//
// # Next to aws gamelift upload-build
//
//	                  this package                       aws gamelift upload-build
//	source            a directory or a zip file          a directory
//	checked first     everything                         that there is a file
//	temporary space   none                               the whole archive, in the directory for temporary files
//	expiry            credentials are requested after    credentials are requested before it zips, and never
//	                  the check, and renewed             renewed
//	abort             on every error and interrupt,      on errors and Ctrl-C; not if it is terminated, or if the
//	                  with credentials that are good     credentials have expired
//	links out of      an error                           followed, if they lead to a file
//	the source
//	links to          followed or stored, as             left out, without a word
//	directories       Options.Symlinks says
//	links to nothing  an error, ahead of everything      an error, after the build was created
//	or in a circle
//	empty             in the archive                     left out
//	directories
//	order             by name                            as the file system lists them
//	times             in UTC, to the second              in local time, to two seconds; before 1980 an error
//	same tree, same   yes                                no
//	bytes
//	deflating         in parallel, while it sends        with one processor, before it sends
//	progress          a function, for any display        "\r" lines, into pipes as well
package buildupload
