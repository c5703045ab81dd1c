// Package benchmarks holds no code, only benchmarks of the client beside aws-sdk-go-v2's service/gamelift. It is a
// module of its own, so that nobody who uses the client depends on the SDK.
package benchmarks
