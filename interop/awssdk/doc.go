// Package awssdk has only tests, which run the client and service/gamelift of
// aws-sdk-go-v2 side by side. They show that callers move over by their import
// paths, that credentials convert, that the SDK's retryers work as they are, that
// spans, metrics and endpoints are the SDK's, and each difference that
// docs/migration.md lists. It is a module of its own, so that nobody who uses the
// client depends on the SDK.
//
// before/fleet is a caller of service/gamelift that has keys of its own, and
// before/operator one that has those of config.LoadDefaultConfig. Package after
// has the same callers moved over. To move them over again after a change, run
//
//	go test ./after -update
package awssdk
