package awsconfig

import (
	"cmp"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/types"
)

const defaultLifetime = 10 * time.Minute

// ProviderOptions configure a [ComputeAccess] or [UploadCredentials].
type ProviderOptions struct {
	// Lifetime is how long the credentials are assumed to be valid, counted from
	// the start of the call. The service does not say when they expire. A cache
	// replaces them after Lifetime. Zero means 10 minutes. A negative Lifetime
	// means that they do not expire.
	Lifetime time.Duration
}

func newProviderOptions(optFns []func(*ProviderOptions)) (options ProviderOptions) {
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.Lifetime = cmp.Or(options.Lifetime, defaultLifetime)
	return options
}

// credentials converts the credentials of an operation to the SDK's.
func (o ProviderOptions) credentials(operation string, called time.Time, keys *types.AwsCredentials) (aws.Credentials, error) {
	if keys == nil {
		keys = &types.AwsCredentials{}
	}
	credentials := aws.Credentials{
		AccessKeyID:     aws.ToString(keys.AccessKeyId),
		SecretAccessKey: aws.ToString(keys.SecretAccessKey),
		SessionToken:    aws.ToString(keys.SessionToken),
		Source:          gamelift.ServiceID + "." + operation,
	}
	if !credentials.HasKeys() {
		return aws.Credentials{}, fmt.Errorf("awsconfig: the output of %s has no credentials", operation)
	}
	if o.Lifetime > 0 {
		credentials.CanExpire, credentials.Expires = true, called.Add(o.Lifetime)
	}
	return credentials, nil
}
