module github.com/gamelift-compute/gamelift/interop/clients/gosdk-cbor

go 1.26.0

require github.com/gamelift-compute/gamelift/interop/clients/gosdk-json v0.0.0

require (
	github.com/aws/aws-sdk-go-v2 v1.47.5 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.4.25 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.7.25 // indirect
	github.com/aws/aws-sdk-go-v2/service/gamelift v1.55.0 // indirect
	github.com/aws/smithy-go v1.28.8 // indirect
)

replace github.com/gamelift-compute/gamelift/interop/clients/gosdk-json => ../gosdk-json
