package gamelifttest

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// The keys that a server accepts unless Options.Credentials says otherwise: the
// example pair of the AWS documentation. They open nothing at AWS.
const (
	AccessKeyID     = "AKIAIOSFODNN7EXAMPLE"
	SecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// Options configure a [Server]. The functions that [NewServer] takes see the
// defaults already set, and can add to them or replace them.
type Options struct {
	// Region is the region that the server stands in: requests signed for
	// another one are refused, and it is part of every ARN. Default:
	// "us-west-2".
	Region string

	// AccountID is the AWS account whose fleets and builds the server has.
	// Default: "111122223333".
	AccountID string

	// Credentials are the keys that requests may be signed with, found by their
	// AccessKeyID. With a SessionToken, requests must carry it; with CanExpire,
	// they are refused from Expires on. ClientOptions takes the first. Default:
	// AccessKeyID and SecretAccessKey. Empty: every request is refused.
	Credentials []gamelift.Credentials

	// Authorize reports whether a caller may perform an operation; where not,
	// the answer is AccessDeniedException. It is called by concurrent requests.
	// Nil: everyone may do everything.
	Authorize func(accessKeyID, operation string) bool

	// Computes and Builds are what exists from the start. Default: the computes
	// and the build that the constants of this package name.
	Computes []Compute
	Builds   []Build

	// Faults are injected from the start. Default: none.
	Faults []Fault

	// TokenLife is how long a compute's auth token lives. Zero: 3 hours, as
	// seen of the service.
	TokenLife time.Duration

	// TokenRenewal is how much of its life a token has left when it is
	// replaced: until less remains, the same token comes back. Zero: 15
	// minutes, as the service has it, or half of TokenLife where that is less.
	TokenRenewal time.Duration

	// Quotas bound the rate of each operation named in it; what exceeds it is
	// answered with ThrottlingException. [PublishedQuotas] are the service's.
	// Default: none.
	Quotas map[string]Quota

	// Now is the server's clock: it decides about signatures, token lives and
	// quotas, and gives every answer its Date. It is called by concurrent
	// requests, and must not call the server. Nil: time.Now. How long an answer
	// takes (Fault.Delay, Fault.Drip) is measured in real time, which inside a
	// testing/synctest bubble is fake.
	Now func() time.Time

	// Seed decides what the server leaves to chance (Fault.Probability) and the
	// tokens, credentials and request IDs that it makes up. The same seed gives
	// the same ones to the same requests in the same order.
	Seed uint64

	// Logger receives one record for each request (level info): what it asked
	// for and what was answered, without headers. Nil: silent.
	Logger *slog.Logger

	// MaxRequests bounds what Requests remembers: the oldest are forgotten
	// first. Zero: 1024. Negative: none are kept.
	MaxRequests int
}

func newOptions(optFns []func(*Options)) Options {
	o := Options{
		Region:      "us-west-2",
		AccountID:   "111122223333",
		Credentials: []gamelift.Credentials{{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey}},
		Computes:    seededComputes(),
		Builds:      seededBuilds(),
	}
	for _, fn := range optFns {
		fn(&o)
	}
	if o.TokenLife <= 0 {
		o.TokenLife = 3 * time.Hour
	}
	if o.TokenRenewal <= 0 {
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
