package main

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// credentialProcess is the form of --output for the credential_process of a
// profile.
const credentialProcess = "credential-process"

// runningProcess is an environment variable. A credential process sets it for the
// processes that it runs to get its own keys.
const runningProcess = "GAMELIFT_CREDENTIAL_PROCESS"

// likeThis matches the command line of a credential process like this one. The
// words alone are not enough: there is a program that runs as granted
// credential-process.
var likeThis = regexp.MustCompile(`--output[= ]+` + credentialProcess)

var errLoop = errors.New("this credential_process would call itself for its own keys: give it the --profile that has them")

// guardCredentialProcess returns an error if this credential process would call
// itself. It would if the profile with its own keys has a process like this one. If
// that process is hidden in a script, the environment shows the second call.
func guardCredentialProcess(cfg aws.Config) error {
	if os.Getenv(runningProcess) != "" {
		return errLoop
	}
	if aws.IsCredentialsProvider(cfg.Credentials, &processcreds.Provider{}) {
		for _, source := range cfg.ConfigSources {
			if shared, ok := source.(config.SharedConfig); ok && likeThis.MatchString(shared.CredentialProcess) {
				return errLoop
			}
		}
	}
	return os.Setenv(runningProcess, "1")
}

// provider is the provider of config.LoadDefaultConfig, with errors that are safe
// to print. If the SDK cannot parse the output of a credential process, its error
// repeats that output, with the keys in it.
type provider struct{ *aws.CredentialsCache }

func (p provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	keys, err := p.CredentialsCache.Retrieve(ctx)
	if failed, ok := errors.AsType[*processcreds.ProviderError](err); ok {
		if cause := errors.Unwrap(failed.Err); cause != nil {
			err = errors.New(strings.ReplaceAll(err.Error(), failed.Err.Error(), "credential_process: "+cause.Error()))
		}
	}
	return keys, err
}
