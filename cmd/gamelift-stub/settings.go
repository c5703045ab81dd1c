package main

import (
	"bytes"
	"cmp"
	"context"
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

// settings are what flags and configuration file say. Zero fields leave the
// default of gamelifttest.Options.
type settings struct {
	addr string

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

// compute and fault are those of gamelifttest with durations and text as JSON
// has them: the outer fields hide the inner ones of the same name.
type compute struct {
	gamelifttest.Compute
	AbsentFor duration
}

func (c compute) plain() gamelifttest.Compute {
	c.Compute.AbsentFor = time.Duration(c.AbsentFor)
	return c.Compute
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

// duration is a time.Duration that JSON writes as "1.5s".
type duration time.Duration

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON returns a *json.UnmarshalTypeError, which encoding/json
// completes with the member's name.
func (d *duration) UnmarshalJSON(data []byte) error {
	var text *string
	err := json.Unmarshal(data, &text)
	if err == nil && text == nil {
		return nil // null, which leaves every member as it is
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
	flags := flag.NewFlagSet("gamelift-stub", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:9270", "listen on `host:port`; port 0 takes a free one and prints it")
	region := flags.String("region", "", "stand in the region of this `name` (default us-west-2)")
	keyID := flags.String("access-key-id", "", "accept the key pair of this `ID`")
	secret := flags.String("secret-access-key", "", "the pair's `secret`")
	token := flags.String("session-token", "", "the session `token` that requests must carry beside the pair")
	quotas := flags.Bool("quotas", false, "throttle by the service's published quotas")
	config := flags.String("config", "", "read the JSON `file` for the rest: see go doc")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q: there are only flags", flags.Arg(0))
	}

	s := &settings{}
	if *config != "" {
		data, err := os.ReadFile(*config)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(decode(bytes.NewReader(data), s), s.validate()); err != nil {
			return nil, fmt.Errorf("%s: %w", *config, err)
		}
	}
	s.addr, s.Region = *addr, cmp.Or(*region, s.Region)
	switch {
	case *keyID != "" && *secret != "":
		s.Credentials = []gamelift.Credentials{{AccessKeyID: *keyID, SecretAccessKey: *secret, SessionToken: *token}}
	case *keyID != "" || *secret != "" || *token != "":
		return nil, errors.New("-access-key-id and -secret-access-key go together, and -session-token with them")
	}
	if *quotas {
		s.Quotas = gamelifttest.PublishedQuotas()
	}
	return s, nil
}

func (s *settings) validate() error {
	var errs []error
	if s.TokenLife < 0 || s.TokenRenewal < 0 {
		errs = append(errs, fmt.Errorf("member TokenLife is %v, TokenRenewal %v: want 0 or more",
			time.Duration(s.TokenLife), time.Duration(s.TokenRenewal)))
	}
	for i, c := range s.Credentials {
		if c.AccessKeyID == "" || c.SecretAccessKey == "" {
			errs = append(errs, fmt.Errorf("member Credentials[%d] lacks AccessKeyID or SecretAccessKey", i))
		}
	}
	for _, c := range s.Computes {
		errs = append(errs, c.plain().Validate())
	}
	for _, b := range s.Builds {
		errs = append(errs, b.Validate())
	}
	for _, f := range s.Faults {
		errs = append(errs, f.plain().Validate())
	}
	operations := gamelifttest.PublishedQuotas()
	for operation, quota := range s.Quotas {
		if _, ok := operations[operation]; !ok {
			errs = append(errs, fmt.Errorf("member Quotas has %q, which is no operation", operation))
		}
		if quota.Burst < 0 || quota.Rate < 0 {
			errs = append(errs, fmt.Errorf("member Quotas.%s is %+v: want 0 or more", operation, quota))
		}
	}
	return errors.Join(errs...)
}

// decode reads one JSON value with no unknown members and nothing after it.
func decode(r io.Reader, into any) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Type == reflect.TypeFor[duration]():
		return fmt.Errorf("%s is %s: want a duration such as \"1.5s\" or \"3h\"", wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("%s cannot be a JSON %s", cmp.Or(wrong.Field, "the value"), wrong.Value)
	case errors.Is(err, io.EOF):
		return errors.New("there is no JSON value")
	case err != nil:
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the JSON value")
	}
	return nil
}

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

// exportLine is what makes a shell's AWS tools call the stub.
func exportLine(url string, stub *gamelifttest.Server) string {
	o := stub.ClientOptions()
	credentials, _ := o.Credentials.Retrieve(context.Background()) // they are static
	line := "export"
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL_GAMELIFT", url},
		{"AWS_REGION", o.Region},
		{"AWS_DEFAULT_REGION", o.Region}, // what the AWS CLI and boto3 read
		{"AWS_ACCESS_KEY_ID", credentials.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey},
		{"AWS_SESSION_TOKEN", credentials.SessionToken},
	} {
		// An empty session token is exported too: another one may be set.
		line += " " + variable[0] + "=" + shellQuote(variable[1])
	}
	return line
}

func shellQuote(s string) string {
	safe := func(c rune) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_.:/@+=", c)
	}
	if strings.IndexFunc(s, func(c rune) bool { return !safe(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
