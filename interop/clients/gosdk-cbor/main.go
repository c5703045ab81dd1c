// Gosdk-cbor runs a service/gamelift of aws-sdk-go-v2 that speaks Smithy RPC v2 CBOR, as it does since v1.53.0, against
// the stub.
package main

import "github.com/gamelift-compute/gamelift/interop/clients/gosdk-json/check"

func main() {
	check.Main(check.Expect{Protocol: "rpcv2Cbor", KeepsNamespace: true, CorrectsClock: true})
}
