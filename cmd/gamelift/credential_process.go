package main

import (
	"errors"
	"os"
	"regexp"

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
