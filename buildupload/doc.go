// Package buildupload uploads the files of a game build to Amazon GameLift
// Servers: a directory, which it zips while it sends, or a zip file.
//
// # Uploading
//
// Create a build without a storage location, with CreateBuild of the AWS SDK or
// with "aws gamelift create-build", and pass its ID to [Upload]:
//
//	client, err := awsconfig.Load(ctx)
//	...
//	result, err := buildupload.Upload(ctx, client, buildID, "path/to/build")
//
// Upload calls RequestUploadCredentials, and uploads with the returned
// credentials and the transfer manager of aws-sdk-go-v2. GameLift starts to
// process the build when the object is complete.
//
// # The source is checked first
//
// Nothing is sent before the whole source has been checked. It is an error if
// the source is absent, has no file ([ErrEmpty]), or is neither a directory nor
// a zip file. It is also an error if a directory contains
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
//     entry, even if it is empty. Its entry precedes those of its files.
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
// The SDK sends and retries the requests to S3, as Options.Config and
// Options.S3Options say. A part that is sent again is not read again.
//
// # Errors, and the end of the context
//
// On any error, and when the context is done, the parts in flight are given up
// and the multipart upload is aborted. The abort may take another 30 seconds. If
// the credentials may only put objects, the abort gets AccessDenied, and the
// error has the ID of the upload that is left behind, after the first cause. If
// the connection breaks when S3 has just created the upload, its ID is unknown
// and it cannot be aborted; only a lifecycle rule of the bucket can remove it.
// In the error, errors.Is finds context.Canceled or context.DeadlineExceeded,
// and the cause of the context, whether or not the abort succeeds. Nothing that
// Upload started runs after it has returned.
//
// # Progress
//
// Options.Progress receives the number of bytes of the source's files that have
// been sent, as the connection takes them. The archive is smaller than the
// files, so the number is an estimate from the compression so far. It does not
// fall when a part is sent again, and reaches the total only when S3 has
// acknowledged the object.
//
// # Memory
//
// Upload keeps up to Options.Concurrency + 2 parts in memory, 48 MiB by default,
// whatever the size of the source. To deflate, it needs 1 MiB for each
// processor, 4 MiB at most. Each file of a directory adds about 500 bytes,
// because the end of a zip file lists all files. Upload runs the garbage
// collector after every 1,024 blocks, so that a long upload takes no more memory
// than a short one.
//
// # Secrets
//
// No error contains a secret key or a session token, not even if S3 or a proxy
// repeats it. No record of Options.Config.Logger contains one, not even if
// ClientLogMode makes it log whole requests.
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
