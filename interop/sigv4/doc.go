// Package sigv4 holds no code, only tests: it signs random requests with internal/sigv4 and with
// two independent signers, those of aws-sdk-go-v2 and of smithy-go, and compares. It is in a
// separate module, so that users of the client do not depend on them.
package sigv4
