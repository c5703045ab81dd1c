// Package sigv4 holds no code, only tests: it signs random requests with internal/sigv4 and with
// two independent signers, those of aws-sdk-go-v2 and of smithy-go, and compares. It is a module of
// its own, so that nobody who uses the client depends on them.
package sigv4
