package main

import (
	"errors"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// credentialProcess is the form of --output that makes gamelift the
// credential_process of a profile.
const credentialProcess = "credential-process"

// runningProcess is set in the environment of the credential_process of another
// gamelift that is one itself.
const runningProcess = "GAMELIFT_CREDENTIAL_PROCESS"

// likeThis matches the command line of a credential_process like this one. Others
// have the words too: granted credential-process is a tool for SSO.
var likeThis = regexp.MustCompile(`--output[= ]+` + credentialProcess)

var errLoop = errors.New("this credential_process would call itself for its own keys: give it the --profile that has them")

// guardCredentialProcess keeps a credential process from calling itself. It finds
// by the profile that its own keys come from a process like itself, and by the
// environment that it has been called for these keys, behind a wrapper perhaps.
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
