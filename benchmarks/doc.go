// Package benchmarks measures the client beside aws-sdk-go-v2's
// service/gamelift and beside bare net/http. It has no code of its own, only
// benchmarks; the program record runs them, writes the results down and draws
// the table and the chart. The package is a module of its own, so that nobody
// who uses the client depends on the SDK.
package benchmarks
