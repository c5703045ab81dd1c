// Package buildupload uploads the files of a game build to Amazon GameLift
// Servers: a directory, which it zips while it sends, or a zip file.
//
//	result, err := buildupload.Upload(ctx, client, buildID, "path/to/build")
package buildupload
