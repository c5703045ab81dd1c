// Package awsconfig connects package gamelift with aws-sdk-go-v2: the SDK's
// configuration and credentials in, the credentials that Amazon GameLift
// Servers hands out back to the SDK. It is a module of its own, so that the
// client itself does not depend on the SDK.
package awsconfig
