package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"

	"github.com/gamelift-compute/gamelift"
)

// Credentials adapts a provider of the SDK for the client. It calls provider
// for every attempt and keeps nothing. If provider is slow, or its credentials
// expire, wrap it in aws.NewCredentialsCache first; a provider of
// config.LoadDefaultConfig has that cache. Do not wrap the result in
// gamelift.CacheCredentials: that cache cannot invalidate the one of the
// provider, and so would get back the keys that the service has refused.
//
// If provider has a method Invalidate(), as aws.CredentialsCache has, the
// client calls it when the service refuses the keys, and signs the next attempt
// with new ones. A nil provider, or an interface that holds a nil pointer or
// function, is an error of Retrieve, and so of every call.
// The result prints no credentials, and is as safe for concurrent use as
// provider.
func Credentials(provider aws.CredentialsProvider) gamelift.CredentialsProvider {
	if err := checkProvider(provider); err != nil {
		return gamelift.CredentialsProviderFunc(func(context.Context) (gamelift.Credentials, error) {
			return gamelift.Credentials{}, err
		})
	}
	// Functions hide the provider from fmt, which would print the keys of a
	// static one.
	adapted := gamelift.CredentialsProviderFunc(func(ctx context.Context) (gamelift.Credentials, error) {
		credentials, err := provider.Retrieve(ctx)
		return gamelift.Credentials(credentials), withoutOutput(err)
	})
	if p, ok := provider.(interface{ Invalidate() }); ok {
		return invalidator{adapted, p.Invalidate}
	}
	return adapted
}

// invalidator is a provider with a method Invalidate.
type invalidator struct {
	gamelift.CredentialsProvider
	invalidate func()
}

func (i invalidator) Invalidate() { i.invalidate() }

// checkProvider returns an error for a provider whose methods would panic.
func checkProvider(provider aws.CredentialsProvider) error {
	if provider == nil {
		return errors.New("awsconfig.Credentials: provider is nil")
	}
	if isNil(provider) {
		return fmt.Errorf("awsconfig.Credentials: provider is a nil %T", provider)
	}
	return nil
}

// isNil reports whether an interface is nil or has a nil pointer or function.
func isNil(v any) bool {
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func:
		return value.IsNil()
	default:
		return false
	}
}

// withoutOutput replaces the error of a credential process whose output the SDK
// cannot parse. That error repeats the output, with the keys in it.
func withoutOutput(err error) error {
	failed, ok := errors.AsType[*processcreds.ProviderError](err)
	if !ok {
		return err
	}
	cause := errors.Unwrap(failed.Err)
	if _, exited := errors.AsType[*exec.ExitError](cause); exited || cause == nil {
		return err
	}
	output := failed.Err.Error()
	before, after, _ := strings.Cut(err.Error(), output)
	after = strings.ReplaceAll(after, output, "credential_process: "+cause.Error())
	return fmt.Errorf("%scredential_process: %w%s", before, cause, after)
}
