package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const packagePath = "github.com/gamelift-compute/gamelift/cmd/gamelift-stub"

// settings are the values of the flags and of the configuration file. A zero
// exported field means the default of gamelifttest.Options.
type settings struct {
	addr                 string
	format               string
	tls, health, version bool

	Region       string
	AccountID    string
	Credentials  []gamelift.Credentials
	TokenLife    duration
	TokenRenewal duration
	ClockOffset  duration
	Quotas       map[string]gamelifttest.Quota
	Computes     []compute
	Builds       []gamelifttest.Build
	Faults       []fault
	Seed         uint64
	MaxRequests  int
}

// compute and fault are gamelifttest.Compute and gamelifttest.Fault in JSON, with
// durations and the body as strings. The outer fields hide the inner ones of the
// same name.
type compute struct {
	gamelifttest.Compute
	AbsentFor duration
}

func (c compute) plain() gamelifttest.Compute {
	c.Compute.AbsentFor = time.Duration(c.AbsentFor)
	return c.Compute
}

func computeOf(plain gamelifttest.Compute) compute {
	return compute{plain, duration(plain.AbsentFor)}
}

type fault struct {
	gamelifttest.Fault
	Body                              *string
	RetryAfter, DateSkew, Delay, Drip duration
}

func (f fault) plain() gamelifttest.Fault {
	plain := f.Fault
	if f.Body != nil {
		plain.Body = []byte(*f.Body)
	}
	plain.RetryAfter, plain.DateSkew = time.Duration(f.RetryAfter), time.Duration(f.DateSkew)
	plain.Delay, plain.Drip = time.Duration(f.Delay), time.Duration(f.Drip)
	return plain
}

func faultOf(plain gamelifttest.Fault) fault {
	f := fault{
		Fault:      plain,
		RetryAfter: duration(plain.RetryAfter), DateSkew: duration(plain.DateSkew),
		Delay: duration(plain.Delay), Drip: duration(plain.Drip),
	}
	if plain.Body != nil {
		text := string(plain.Body)
		f.Body = &text
	}
	return f
}

// duration is a time.Duration that is a string such as "1.5s" in JSON.
type duration time.Duration

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON parses a string such as "1.5s". Its error is a
// *json.UnmarshalTypeError, to which encoding/json adds the name of the member.
func (d *duration) UnmarshalJSON(data []byte) error {
	var text *string
	err := json.Unmarshal(data, &text)
	if err == nil && text == nil {
		return nil // null leaves a member as it is
	}
	if err == nil {
		var parsed time.Duration
		if parsed, err = time.ParseDuration(*text); err == nil {
			*d = duration(parsed)
			return nil
		}
	}
	return &json.UnmarshalTypeError{Value: string(data), Type: reflect.TypeFor[duration]()}
}

func readSettings(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("gamelift-stub", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	flags.Usage = func() {}
	flags.StringVar(&s.addr, "addr", "127.0.0.1:9270", "listen on `host:port`; port 0 takes a free one")
	flags.StringVar(&s.format, "format", "sh", "print the environment variables in this `format`: "+formatNames())
	flags.BoolVar(&s.tls, "tls", false, "serve https, with a certificate that is made at the start")
	flags.BoolVar(&s.health, "health", false, "check that the stub at -addr is running, and exit")
	flags.BoolVar(&s.version, "version", false, "print the version, and exit")
	region := flags.String("region", "", "the `name` of the AWS Region (default us-west-2)")
	keyID := flags.String("access-key-id", "", "accept the key pair with this `ID`")
	secret := flags.String("secret-access-key", "", "the `secret` of the key pair")
	token := flags.String("session-token", "", "the session `token` that requests signed with the key pair must carry")
	quotas := flags.Bool("quotas", false, "throttle requests by the published quotas of the service")
	config := flags.String("config", "", "read other settings from this JSON `file`")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		fmt.Fprintln(stderr, "Usage: gamelift-stub [flags]")
		flags.PrintDefaults()
		fmt.Fprintln(stderr, "The documentation of package", packagePath, "describes the file of -config and the control API.")
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w (see gamelift-stub -help)", err)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q: there are only flags", flags.Arg(0))
	}
	if formats[s.format] == nil {
		return nil, fmt.Errorf("-format is %q: want one of %s", s.format, formatNames())
	}
	if *config != "" {
		data, err := os.ReadFile(*config)
		if err != nil {
			return nil, err
		}
		if err := decode(bytes.NewReader(data), s); err != nil {
			return nil, fmt.Errorf("%s: %w", *config, err)
		}
	}
	var flagOf []string // fields and the flags that set them, for errors
	if *region != "" {
		s.Region = *region
		flagOf = append(flagOf, "Region is", "-region is")
	}
	switch {
	case *keyID != "" && *secret != "":
		s.Credentials = []gamelift.Credentials{{AccessKeyID: *keyID, SecretAccessKey: *secret, SessionToken: *token}}
		flagOf = append(flagOf, "Credentials[0].AccessKeyID", "-access-key-id",
			"Credentials[0].SecretAccessKey", "-secret-access-key", "Credentials[0].SessionToken", "-session-token")
	case *keyID != "" || *secret != "" || *token != "":
		return nil, errors.New("-access-key-id and -secret-access-key go together, and -session-token needs both")
	case s.Credentials != nil && len(s.Credentials) == 0:
		return nil, fmt.Errorf("%s: Credentials is empty: want one or more, or no such member for the default keys", *config)
	}
	if *quotas {
		s.Quotas = gamelifttest.PublishedQuotas()
	}
	var options gamelifttest.Options
	s.apply(&options)
	if err := options.Validate(); err != nil {
		return nil, errors.New(strings.NewReplacer(flagOf...).Replace(err.Error()))
	}
	return s, nil
}

// decode decodes one JSON value. It refuses null, unknown members, and anything
// after the value.
func decode[T any](r io.Reader, into *T) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&into)
	var wrong *json.UnmarshalTypeError
	var member string
	if errors.As(err, &wrong) {
		// Embedded structures are not members.
		member = strings.NewReplacer("Compute.", "", "Fault.", "").Replace(wrong.Field)
	}
	switch {
	case wrong != nil && wrong.Type == reflect.TypeFor[duration]():
		return fmt.Errorf("%s is %s: want a duration such as \"1.5s\" or \"3h\"", member, wrong.Value)
	case wrong != nil:
		return fmt.Errorf("%s cannot be a JSON %s", cmp.Or(member, "the value"), wrong.Value)
	case errors.Is(err, io.EOF):
		return errors.New("there is no JSON value")
	case err != nil:
		return err
	case into == nil:
		return errors.New("the value cannot be a JSON null")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the JSON value")
	}
	return nil
}

// apply sets the options that the settings name.
func (s *settings) apply(o *gamelifttest.Options) {
	o.Region = cmp.Or(s.Region, o.Region)
	o.AccountID = cmp.Or(s.AccountID, o.AccountID)
	o.TokenLife, o.TokenRenewal = time.Duration(s.TokenLife), time.Duration(s.TokenRenewal)
	o.Quotas, o.Seed, o.MaxRequests = s.Quotas, s.Seed, s.MaxRequests
	if s.Credentials != nil {
		o.Credentials = s.Credentials
	}
	if s.Computes != nil {
		o.Computes = nil
		for _, c := range s.Computes {
			o.Computes = append(o.Computes, c.plain())
		}
	}
	if s.Builds != nil {
		o.Builds = s.Builds
	}
	for _, f := range s.Faults {
		o.Faults = append(o.Faults, f.plain())
	}
}
