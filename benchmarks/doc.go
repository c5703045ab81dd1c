// Package benchmarks compares the client with aws-sdk-go-v2's service/gamelift and
// with bare net/http. It only has benchmarks. The program record runs them, writes
// the results and draws the table and the chart. The package is in a separate
// module, so that users of the client do not depend on the SDK.
package benchmarks
