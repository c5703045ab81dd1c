module github.com/gamelift-compute/gamelift/interop/sigv4

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.47.5
	github.com/aws/smithy-go/aws-http-auth v1.1.3
	github.com/gamelift-compute/gamelift v0.0.0
)

require github.com/aws/smithy-go v1.28.8 // indirect

replace github.com/gamelift-compute/gamelift => ../..
