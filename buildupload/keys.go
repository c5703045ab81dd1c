package buildupload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift/awsconfig"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/types"
)

// keys provides the credentials of one upload, and renews them once for all
// requests. It is not an aws.CredentialsCache, for two reasons: a cache fetches
// in a goroutine that a canceled upload would leave running, and its Invalidate
// drops fresh credentials when a refusal of the old ones comes late.
type keys struct {
	source  *awsconfig.UploadCredentials
	fail    context.CancelCauseFunc // ends the upload
	lock    chan struct{}           // a mutex for the fields below; locked while it is full
	current aws.Credentials
	target  types.S3Location // of the first credentials
	secrets []string         // of all credentials so far
}

func newKeys(source *awsconfig.UploadCredentials, fail context.CancelCauseFunc) *keys {
	return &keys{source: source, fail: fail, lock: make(chan struct{}, 1)}
}

// Retrieve implements aws.CredentialsProvider. If the credentials cannot be
// renewed, it ends the upload, so that no other request tries to renew them.
func (k *keys) Retrieve(ctx context.Context) (aws.Credentials, error) {
	select {
	case k.lock <- struct{}{}:
		defer k.unlock()
	case <-ctx.Done():
		return aws.Credentials{}, context.Cause(ctx)
	}
	if ctx.Err() != nil { // maybe while it waited for the lock
		return aws.Credentials{}, context.Cause(ctx)
	}
	if k.current.HasKeys() && !k.current.Expired() {
		return k.current, nil
	}
	fresh, err := k.renew(ctx)
	if err != nil {
		k.fail(err)
	}
	return fresh, err
}

// renew requests credentials. The caller holds the lock.
func (k *keys) renew(ctx context.Context) (aws.Credentials, error) {
	fresh, err := k.source.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	target := k.source.Output().StorageLocation
	if target == nil || aws.ToString(target.Bucket) == "" || aws.ToString(target.Key) == "" {
		return aws.Credentials{}, errors.New("the output of RequestUploadCredentials names no bucket and key")
	}
	if k.target.Bucket == nil {
		k.target = *target
	}
	if *target.Bucket != *k.target.Bucket || *target.Key != *k.target.Key {
		return aws.Credentials{}, fmt.Errorf("the renewed credentials are for s3://%s/%s, but the upload goes to s3://%s/%s",
			*target.Bucket, *target.Key, *k.target.Bucket, *k.target.Key)
	}
	k.current = fresh
	k.secrets = append(k.secrets, fresh.SecretAccessKey, fresh.SessionToken)
	return fresh, nil
}

func (k *keys) unlock() { <-k.lock }

// refused reports whether S3 refused the credentials of a request as expired. If
// so, they are not used again. Credentials that replaced them in the meantime
// stay.
func (k *keys) refused(err error) bool {
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != "ExpiredToken" {
		return false
	}
	k.lock <- struct{}{}
	defer k.unlock()
	if usedBy(err) == k.current.AccessKeyID {
		k.current = aws.Credentials{}
	}
	return true
}

// usedBy returns the access key ID that the request of a failed call was signed
// with.
func usedBy(err error) string {
	failed, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || failed.Response == nil || failed.Response.Request == nil {
		return ""
	}
	_, scope, _ := strings.Cut(failed.Response.Request.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(scope, "/")
	return id
}

// scrub removes the secrets from the error of an S3 call: from the request in
// it, and from its text, in which S3 or a proxy may repeat them.
func (k *keys) scrub(err error) error {
	if failed, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && failed.Response != nil && failed.Response.Request != nil {
		shown := failed.Response.Request.Clone(context.Background())
		shown.Body = nil
		shown.Header.Del("Authorization")
		shown.Header.Del("X-Amz-Security-Token")
		failed.Response.Request = shown
	}
	text := err.Error()
	scrubbed := k.redact(text)
	if scrubbed == text {
		return err
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return &smithy.GenericAPIError{Code: k.redact(api.ErrorCode()), Message: scrubbed, Fault: api.ErrorFault()}
	}
	return errors.New(scrubbed)
}

func (k *keys) redact(text string) string {
	k.lock <- struct{}{}
	defer k.unlock()
	return redact.Text(text, slices.Clone(k.secrets)...)
}

// logger returns a logger that redacts, because the SDK logs whole requests if
// Config.ClientLogMode says so.
func (k *keys) logger(to logging.Logger) logging.Logger {
	return logging.LoggerFunc(func(classification logging.Classification, format string, v ...any) {
		to.Logf(classification, "%s", k.redact(fmt.Sprintf(format, v...)))
	})
}
