package gamelift

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gamelift-compute/gamelift/internal/endpoint"
)

// OptionsFromEnv returns the options that the environment variables of AWS SDKs
// set:
//
//	AWS_REGION, else AWS_DEFAULT_REGION             Region
//	AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
//	AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION    Credentials (EnvironmentCredentials)
//	AWS_ENDPOINT_URL_GAMELIFT, else
//	AWS_ENDPOINT_URL                                BaseEndpoint
//	AWS_IGNORE_CONFIGURED_ENDPOINT_URLS             if true, neither of them
//	AWS_USE_FIPS_ENDPOINT                           UseFIPS
//	AWS_USE_DUALSTACK_ENDPOINT                      UseDualStack
//	AWS_MAX_ATTEMPTS                                RetryMaxAttempts
//	AWS_DISABLE_CLOCK_SKEW_CORRECTION               DisableClockSkewCorrection
//	AWS_SDK_UA_APP_ID                               AppID
//
// An empty variable counts as unset. The error names every variable whose value
// is malformed. OptionsFromEnv does not report missing keys, since a caller may
// set Credentials afterwards. Each call reports them. Profiles are not read:
// awsconfig.Load supports profiles, SSO, containers and instance roles.
func OptionsFromEnv() (Options, error) {
	options := Options{Credentials: EnvironmentCredentials()}
	var errs []error
	for _, v := range environment {
		for _, name := range v.names {
			value := os.Getenv(name)
			if value == "" {
				continue
			}
			if err := v.parse(&options, value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
			break
		}
	}
	_, err := environmentKeys()
	if err := errors.Join(append(errs, err)...); err != nil {
		return Options{}, err
	}
	return options, nil
}

// environment lists the variables, apart from those of environmentKeys. The
// first variable of a row that is set is used.
var environment = []struct {
	names []string
	parse func(*Options, string) error
}{
	{[]string{"AWS_REGION", "AWS_DEFAULT_REGION"}, func(o *Options, v string) error {
		o.Region = v
		_, err := endpoint.Resolve(endpoint.Params{Region: v})
		return err
	}},
	{[]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}, func(_ *Options, v string) error {
		return setBool(new(bool), v)
	}},
	{[]string{"AWS_ENDPOINT_URL_GAMELIFT", "AWS_ENDPOINT_URL"}, func(o *Options, v string) error {
		var ignored bool
		if _ = setBool(&ignored, os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")); ignored {
			return nil
		}
		o.BaseEndpoint = &v
		_, err := endpoint.Resolve(endpoint.Params{Region: "us-east-1", BaseEndpoint: &v})
		return err
	}},
	{[]string{"AWS_USE_FIPS_ENDPOINT"}, func(o *Options, v string) error { return setBool(&o.UseFIPS, v) }},
	{[]string{"AWS_USE_DUALSTACK_ENDPOINT"}, func(o *Options, v string) error { return setBool(&o.UseDualStack, v) }},
	{[]string{"AWS_MAX_ATTEMPTS"}, func(o *Options, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return errors.New("want a whole number of at least 1")
		}
		o.RetryMaxAttempts = n
		return nil
	}},
	{[]string{"AWS_DISABLE_CLOCK_SKEW_CORRECTION"}, func(o *Options, v string) error { return setBool(&o.DisableClockSkewCorrection, v) }},
	{[]string{"AWS_SDK_UA_APP_ID"}, func(o *Options, v string) error {
		o.AppID = v
		return nil
	}},
}

func setBool(dst *bool, v string) error {
	switch strings.ToLower(v) {
	case "true":
		*dst = true
	case "false":
		*dst = false
	default:
		return errors.New("want true or false")
	}
	return nil
}
