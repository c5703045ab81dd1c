// Package awssdk has only tests, which run the client and service/gamelift of
// aws-sdk-go-v2 side by side. They show that callers move over by their import
// paths, that credentials convert, that the SDK's retryers work as they are, that
// spans, metrics and endpoints are the SDK's, and each difference that
// docs/migration.md lists. It is in a separate module, so that users of the client
// do not depend on the SDK.
//
// before/fleet calls service/gamelift with its own keys, and before/operator with
// the keys of config.LoadDefaultConfig. Package after has the same programs moved
// over to the client. To move them over again after a change, run
//
//	go test ./after -update
package awssdk
