// Gosdk-json runs a service/gamelift of aws-sdk-go-v2 that speaks AWS JSON 1.1 against the stub.
package main

import "github.com/gamelift-compute/gamelift/interop/clients/gosdk-json/check"

func main() { check.Main(check.Expect{Protocol: "awsJson1_1"}) }
