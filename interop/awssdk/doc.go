// Package awssdk holds no code, only tests that put the client beside aws-sdk-go-v2 and its service/gamelift: a
// caller moves over by changing import paths, credentials convert, the SDK's retryers work unmodified, and spans and
// metrics have the SDK's names, and endpoints are resolved as the SDK does. It is a module of its own, so that nobody who uses the client depends on the SDK.
//
// before/fleet is a caller of service/gamelift that has keys of its own, and before/operator one that has those of
// config.LoadDefaultConfig. In after are the same callers moved over. Change the first, then
//
//	go test ./after -update
package awssdk
