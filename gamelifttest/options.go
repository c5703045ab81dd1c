package gamelifttest

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// The key pair that a server accepts by default. It is the example pair of the
// AWS documentation, which is not valid at AWS.
const (
	// AccessKeyID is the access key ID that a server accepts by default.
	AccessKeyID = "AKIAIOSFODNN7EXAMPLE"

	// SecretAccessKey is the secret access key of AccessKeyID.
	SecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

const (
	defaultRegion    = "us-west-2"
	defaultAccountID = "111122223333"
)

// Options configure a [Server]. The functions passed to [NewServer] receive the
// default Options and can change them.
type Options struct {
	// Region is the AWS Region of the server. It is part of every ARN, and
	// requests signed for another Region are refused. The default is
	// "us-west-2".
	Region string

	// AccountID is the AWS account that owns the fleets and builds, in 12
	// digits. The default is "111122223333".
	AccountID string

	// Credentials are the keys that the server accepts. A request is matched by
	// its access key ID. If a SessionToken is set, requests must carry it. If
	// CanExpire is set, requests are refused from Expires on. ClientOptions uses
	// the first entry. The default is AccessKeyID and SecretAccessKey; if the
	// list is empty, every request is refused.
	Credentials []gamelift.Credentials

	// Authorize reports whether the owner of an access key may call an
	// operation. If it returns false, the response is AccessDeniedException. It
	// is called concurrently. If nil, every call is allowed.
	Authorize func(accessKeyID, operation string) bool

	// Computes are the computes that exist at the start. The default is one
	// compute of each type; the constants of this package name them.
	Computes []Compute

	// Builds are the builds that exist at the start. The default is the build
	// named by BuildID.
	Builds []Build

	// Faults are injected at the start. The default is none.
	Faults []Fault

	// TokenLife is the lifetime of a compute's auth token. Zero means 3 hours,
	// as observed at the service.
	TokenLife time.Duration

	// TokenRenewal is the remaining lifetime at which a token is replaced.
	// Until less than TokenRenewal remains, GetComputeAuthToken returns the same
	// token. Zero means 15 minutes, as documented for the service, but at most
	// half of TokenLife.
	TokenRenewal time.Duration

	// Quotas limit the request rate of operations, by operation name. Requests
	// above the limit get ThrottlingException. [PublishedQuotas] returns the
	// quotas of the service. The default is no limits.
	Quotas map[string]Quota

	// Now is the server's clock. It decides whether signatures and credentials
	// are still valid, when tokens expire and how quotas refill, and it sets the
	// Date header of every response. It is called concurrently and must not
	// call the server. If nil, time.Now is used. Delays (Fault.Delay and
	// Fault.Drip) do not use it: they take real time, which is fake time in a
	// testing/synctest bubble.
	Now func() time.Time

	// Seed determines everything that is random: Fault.Probability and the
	// tokens, credentials and request IDs that the server makes up. The same
	// seed and the same requests in the same order give the same responses.
	Seed uint64

	// Logger receives one record at level info for each request: the operation,
	// the status, and the code and message of an error. Headers are not logged.
	// If nil, nothing is logged.
	Logger *slog.Logger

	// MaxRequests is the maximum number of requests that Requests returns; the
	// oldest are dropped first. Zero means 1024. A negative number means none.
	MaxRequests int
}

func newOptions(optFns []func(*Options)) Options {
	o := Options{
		Region:      defaultRegion,
		AccountID:   defaultAccountID,
		Credentials: []gamelift.Credentials{{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey}},
		Computes:    defaultComputes(),
		Builds:      defaultBuilds(),
	}
	for _, fn := range optFns {
		if fn != nil {
			fn(&o)
		}
	}
	if err := o.Validate(); err != nil {
		panic(fmt.Sprintf("gamelifttest: invalid Options: %v", err))
	}
	if o.Region == "" {
		o.Region = defaultRegion
	}
	if o.AccountID == "" {
		o.AccountID = defaultAccountID
	}
	if o.TokenLife == 0 {
		o.TokenLife = 3 * time.Hour
	}
	if o.TokenRenewal == 0 {
		o.TokenRenewal = min(15*time.Minute, o.TokenLife/2)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxRequests == 0 {
		o.MaxRequests = 1024
	}
	o.Credentials = slices.Clone(o.Credentials)
	o.Computes = slices.Clone(o.Computes)
	o.Builds = slices.Clone(o.Builds)
	o.Faults = slices.Clone(o.Faults)
	o.Quotas = maps.Clone(o.Quotas)
	return o
}

var (
	regionName = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
)

// isInvisible reports whether c is not a visible character of ASCII. Requests
// could not carry it.
func isInvisible(c rune) bool { return c <= ' ' || c >= 0x7f }

// Validate returns an error that names every invalid field, or nil. [NewServer]
// panics with this error. Zero fields are valid.
func (o Options) Validate() error {
	var errs []error
	invalid := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Region != "" && !regionName.MatchString(o.Region) {
		invalid("Region is %q: want a name such as %s", o.Region, defaultRegion)
	}
	if o.AccountID != "" && !accountID.MatchString(o.AccountID) {
		invalid("AccountID is %q: want 12 digits", o.AccountID)
	}
	keyIDs := map[string]bool{}
	for i, c := range o.Credentials {
		switch {
		case c.AccessKeyID == "" || c.SecretAccessKey == "":
			invalid("Credentials[%d] has no AccessKeyID or no SecretAccessKey", i)
		case strings.ContainsFunc(c.AccessKeyID, isInvisible) || strings.ContainsAny(c.AccessKeyID, "/,"):
			invalid("Credentials[%d].AccessKeyID has a character that is not visible ASCII, a slash or a comma", i)
		case strings.ContainsAny(c.SecretAccessKey, "\r\n"):
			invalid("Credentials[%d].SecretAccessKey has a line break", i)
		case strings.ContainsFunc(c.SessionToken, isInvisible):
			invalid("Credentials[%d].SessionToken has a character that is not visible ASCII", i)
		}
		if keyIDs[c.AccessKeyID] {
			invalid("Credentials[%d] has the same AccessKeyID as another entry", i)
		}
		keyIDs[c.AccessKeyID] = true
	}
	for i, c := range o.Computes {
		if err := c.Validate(); err != nil {
			invalid("Computes[%d]: %w", i, err)
		}
	}
	for i, b := range o.Builds {
		if err := b.Validate(); err != nil {
			invalid("Builds[%d]: %w", i, err)
		}
	}
	for i, f := range o.Faults {
		if err := f.Validate(); err != nil {
			invalid("Faults[%d]: %w", i, err)
		}
	}
	if o.TokenLife < 0 {
		invalid("TokenLife is %v: want 0 or more", o.TokenLife)
	}
	if o.TokenRenewal < 0 {
		invalid("TokenRenewal is %v: want 0 or more", o.TokenRenewal)
	}
	for _, operation := range slices.Sorted(maps.Keys(o.Quotas)) {
		if operations[operation] == nil {
			invalid("Quotas has %q, which is not an operation", operation)
		}
		if q := o.Quotas[operation]; q.Burst < 0 || !(q.Rate >= 0) { // NaN is not
			invalid("Quotas[%q] is %+v: want 0 or more", operation, q)
		}
	}
	return errors.Join(errs...)
}
