package gamelift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/gamelift-compute/gamelift/internal/redact"
)

// Credentials sign requests. The fields are those of aws-sdk-go-v2's
// aws.Credentials, in the same order, so that a value of one converts to the
// other. Printed or marshaled, the secrets are redacted.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string // never printed
	SessionToken    string // "" for long-term credentials; never printed

	Source    string    // names the provider, for people
	CanExpire bool      // false: Expires means nothing
	Expires   time.Time // when the credentials end
	AccountID string    // "" where unknown
}

// Format prints the credentials with their secrets redacted, at every verb.
func (c Credentials) Format(f fmt.State, _ rune) { redact.Format(f, "Credentials", c.LogValue()) }

// LogValue is what slog records: the credentials with their secrets redacted.
func (c Credentials) LogValue() slog.Value {
	attrs := redact.Attrs(
		slog.String("AccessKeyID", c.AccessKeyID),
		redact.Secret("SecretAccessKey", set(c.SecretAccessKey)),
		redact.Secret("SessionToken", set(c.SessionToken)),
		redact.String("Source", set(c.Source)),
		redact.String("AccountID", set(c.AccountID)),
	)
	if c.CanExpire {
		attrs = append(attrs, slog.Time("Expires", c.Expires))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the credentials with their secrets redacted.
func (c Credentials) MarshalJSON() ([]byte, error) {
	type plain Credentials
	shown := plain(c)
	for _, secret := range []*string{&shown.SecretAccessKey, &shown.SessionToken} {
		if *secret != "" {
			*secret = redact.Mark
		}
	}
	return json.Marshal(shown)
}

func set(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// sameKeys reports whether both sign alike.
func (c Credentials) sameKeys(other Credentials) bool {
	return c.AccessKeyID == other.AccessKeyID && c.SecretAccessKey == other.SecretAccessKey && c.SessionToken == other.SessionToken
}

// check finds keys that cannot sign or cannot travel in a header.
func (c Credentials) check() error {
	switch {
	case c.AccessKeyID == "":
		return errors.New("credentials have no AccessKeyID")
	case c.SecretAccessKey == "":
		return errors.New("credentials have no SecretAccessKey")
	case strings.ContainsAny(c.SecretAccessKey, "\r\n"):
		return errors.New("credentials: SecretAccessKey has a line break")
	case !isHeaderText(c.AccessKeyID):
		return errors.New("credentials: AccessKeyID has a character that a header cannot carry, such as a line break")
	case !isHeaderText(c.SessionToken):
		return errors.New("credentials: SessionToken has a character that a header cannot carry, such as a line break")
	}
	return nil
}

func isHeaderText(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// CredentialsProvider gives the credentials for one attempt. Retrieve must be
// safe for concurrent use and heed its context. What it returns is what the
// attempt is signed with: a client keeps none of it. A provider that caches may
// also have a method Invalidate(): it is called when the service refuses the
// keys.
type CredentialsProvider interface {
	Retrieve(ctx context.Context) (Credentials, error)
}

// CredentialsProviderFunc is a function as a [CredentialsProvider].
type CredentialsProviderFunc func(ctx context.Context) (Credentials, error)

// Retrieve calls f. A nil f is an error.
func (f CredentialsProviderFunc) Retrieve(ctx context.Context) (Credentials, error) {
	if f == nil {
		return Credentials{}, errors.New("CredentialsProviderFunc is nil")
	}
	return f(ctx)
}

// StaticCredentials always gives the same keys. sessionToken is "" for
// long-term keys. Empty keys are an error of Retrieve, and so of every call.
func StaticCredentials(accessKeyID, secretAccessKey, sessionToken string) CredentialsProvider {
	// The keys stand in a closure because fmt calls no method on what it
	// finds in an unexported field.
	return CredentialsProviderFunc(func(context.Context) (Credentials, error) {
		credentials := Credentials{
			AccessKeyID:     accessKeyID,
			SecretAccessKey: secretAccessKey,
			SessionToken:    sessionToken,
			Source:          "StaticCredentials",
		}
		return credentials, credentials.check()
	})
}

const credentialsHint = "EnvironmentCredentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), " +
	"or awsconfig.Load, which knows profiles, SSO, containers and instance roles"

// EnvironmentCredentials gives what AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION (RFC 3339) hold, read at each
// Retrieve. It is an error of Retrieve, and so of the call, when a key is absent
// or the expiration is malformed.
func EnvironmentCredentials() CredentialsProvider {
	return CredentialsProviderFunc(func(context.Context) (Credentials, error) {
		credentials := Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			Source:          "EnvironmentCredentials",
		}
		if credentials.AccessKeyID == "" || credentials.SecretAccessKey == "" {
			return Credentials{}, errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set; use " + credentialsHint)
		}
		if expiration := os.Getenv("AWS_CREDENTIAL_EXPIRATION"); expiration != "" {
			expires, err := parseExpiration(expiration)
			if err != nil {
				return Credentials{}, fmt.Errorf("AWS_CREDENTIAL_EXPIRATION: %w", err)
			}
			credentials.CanExpire, credentials.Expires = true, expires
		}
		return credentials, nil
	})
}

// refusedCredentialsCodes are what services answer keys with that they do not,
// or no longer, know.
var refusedCredentialsCodes = []string{"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"}

// dropCredentials forgets the attempt's keys where they are cached.
func (a *attempt) dropCredentials() {
	switch provider := a.Credentials.(type) {
	case *CredentialsCache:
		provider.drop(a.keys)
	case interface{ Invalidate() }:
		provider.Invalidate()
	}
}

// credentialsRenewed reports whether the provider now gives other keys than
// the attempt's.
func (a *attempt) credentialsRenewed(ctx context.Context) bool {
	ctx, cancel := a.attemptContext(ctx)
	defer cancel()
	keys, retrieveErr := a.Credentials.Retrieve(ctx)
	return retrieveErr == nil && !keys.sameKeys(a.keys)
}
