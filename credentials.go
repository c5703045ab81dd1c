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

	"github.com/gamelift-compute/gamelift/internal/keyerror"
	"github.com/gamelift-compute/gamelift/internal/redact"
	"github.com/gamelift-compute/gamelift/internal/retry"
)

// Credentials sign requests. The fields are those of aws.Credentials in
// aws-sdk-go-v2, in the same order, so that each type converts to the other.
// When Credentials are printed or marshaled to JSON, the secrets are redacted.
type Credentials struct {
	// AccessKeyID identifies the keys. It is not a secret.
	AccessKeyID string

	// SecretAccessKey is the key that signs. It is never printed.
	SecretAccessKey string

	// SessionToken is sent with every request. It is "" for long-term keys. It
	// is never printed.
	SessionToken string

	// Source names the provider. It is informational.
	Source string

	// CanExpire reports whether the credentials expire.
	CanExpire bool

	// Expires is the time at which the credentials expire. If CanExpire is
	// false, it is ignored.
	Expires time.Time

	// AccountID is the AWS account, or "" if it is not known.
	AccountID string
}

// Format prints the credentials with their secrets redacted, at every verb.
func (c Credentials) Format(f fmt.State, _ rune) { redact.Format(f, "Credentials", c.LogValue()) }

// LogValue returns the credentials with their secrets redacted.
func (c Credentials) LogValue() slog.Value {
	shown := c.redacted()
	attrs := []slog.Attr{slog.String("AccessKeyID", c.AccessKeyID)}
	for _, member := range []struct{ name, value string }{
		{"SecretAccessKey", shown.SecretAccessKey},
		{"SessionToken", shown.SessionToken},
		{"Source", c.Source},
		{"AccountID", c.AccountID},
	} {
		if member.value != "" {
			attrs = append(attrs, slog.String(member.name, member.value))
		}
	}
	if c.CanExpire {
		attrs = append(attrs, slog.Time("Expires", c.Expires))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the credentials with their secrets redacted.
func (c Credentials) MarshalJSON() ([]byte, error) {
	return json.Marshal(plainCredentials(c.redacted()))
}

// plainCredentials are Credentials without methods.
type plainCredentials Credentials

// UnmarshalJSON reads credentials. It refuses the output of MarshalJSON, whose
// secrets are redacted.
func (c *Credentials) UnmarshalJSON(data []byte) error {
	read := plainCredentials(*c) // fields that are absent keep their values, as in encoding/json
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	if read.SecretAccessKey == redact.Mark || read.SessionToken == redact.Mark {
		return errors.New("credentials in JSON have redacted secrets: they cannot be read back")
	}
	*c = Credentials(read)
	return nil
}

func (c Credentials) redacted() Credentials {
	for _, secret := range []*string{&c.SecretAccessKey, &c.SessionToken} {
		if *secret != "" {
			*secret = redact.Mark
		}
	}
	return c
}

// sameKeys reports whether c and other have the same keys and session token.
func (c Credentials) sameKeys(other Credentials) bool {
	return c.AccessKeyID == other.AccessKeyID && c.SecretAccessKey == other.SecretAccessKey && c.SessionToken == other.SessionToken
}

// check returns an error if the keys cannot sign or cannot be sent in a header.
func (c Credentials) check() error {
	problem := ""
	switch {
	case c.AccessKeyID == "":
		problem = "credentials have no AccessKeyID"
	case c.SecretAccessKey == "":
		problem = "credentials have no SecretAccessKey"
	default:
		for _, part := range [...]struct{ name, problem string }{
			{"AccessKeyID", headerProblem(c.AccessKeyID)},
			{"SecretAccessKey", secretKeyProblem(c.SecretAccessKey)},
			{"SessionToken", headerProblem(c.SessionToken)},
		} {
			if part.problem != "" {
				problem = "credentials: " + part.name + " " + part.problem
				break
			}
		}
	}
	if problem == "" {
		return nil
	}
	return &keyerror.Error{Err: errors.New(problem)}
}

// secretKeyProblem says why s cannot be a secret access key. "" means that it can.
func secretKeyProblem(s string) string {
	switch {
	case strings.ContainsAny(s, "\r\n"):
		return "has a line break"
	case strings.TrimSpace(s) != s:
		return "starts or ends with white space"
	default:
		return ""
	}
}

// headerProblem says why a header cannot carry s. "" means that it can.
func headerProblem(s string) string {
	if isHeaderText(s) {
		return ""
	}
	return "has a character that a header cannot carry, such as a line break"
}

func isHeaderText(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// CredentialsProvider returns the credentials for one attempt. Retrieve must be
// safe for concurrent use and honor its context. The client does not cache the
// credentials. A provider that does may also have a method Invalidate(), which
// the client calls when the service refuses the keys.
type CredentialsProvider interface {
	// Retrieve returns the credentials to sign with.
	Retrieve(ctx context.Context) (Credentials, error)
}

// CredentialsProviderFunc adapts a function to a [CredentialsProvider].
type CredentialsProviderFunc func(ctx context.Context) (Credentials, error)

// Retrieve calls f. If f is nil, it returns an error.
func (f CredentialsProviderFunc) Retrieve(ctx context.Context) (Credentials, error) {
	if err := f.check(); err != nil {
		return Credentials{}, err
	}
	return f(ctx)
}

func (f CredentialsProviderFunc) check() error {
	if f == nil {
		return &keyerror.Error{Err: errors.New("CredentialsProviderFunc is nil")}
	}
	return nil
}

// StaticCredentials returns a provider that always returns the same keys.
// sessionToken is "" for long-term keys. If keys are empty or malformed,
// Retrieve and Options.Validate return an error.
func StaticCredentials(accessKeyID, secretAccessKey, sessionToken string) CredentialsProvider {
	return staticCredentials(func() Credentials {
		return Credentials{
			AccessKeyID:     accessKeyID,
			SecretAccessKey: secretAccessKey,
			SessionToken:    sessionToken,
			Source:          "StaticCredentials",
		}
	})
}

// staticCredentials is a function because fmt calls no method of a value in an
// unexported field, and so would print the keys of a structure.
type staticCredentials func() Credentials

func (s staticCredentials) Retrieve(context.Context) (Credentials, error) {
	credentials := s()
	return credentials, credentials.check()
}

const credentialsHint = "EnvironmentCredentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), " +
	"or awsconfig.Load, which supports profiles, SSO, containers and instance roles"

// EnvironmentCredentials returns a provider that reads AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION (RFC
// 3339) at every call. If a key is missing or a variable is malformed, Retrieve
// returns an error.
func EnvironmentCredentials() CredentialsProvider {
	return CredentialsProviderFunc(func(context.Context) (Credentials, error) {
		credentials, err := environmentKeys()
		if credentials.AccessKeyID == "" || credentials.SecretAccessKey == "" {
			err = &keyerror.Error{Err: errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set; use " + credentialsHint)}
		}
		if err != nil {
			return Credentials{}, err
		}
		return credentials, nil
	})
}

// environmentKeys returns the credentials that the environment variables hold.
// Unset variables leave fields empty. The error names every variable that is
// malformed.
func environmentKeys() (Credentials, error) {
	keys := Credentials{Source: "EnvironmentCredentials"}
	var errs []error
	for _, variable := range [...]struct {
		name    string
		dst     *string
		problem func(string) string
	}{
		{"AWS_ACCESS_KEY_ID", &keys.AccessKeyID, headerProblem},
		{"AWS_SECRET_ACCESS_KEY", &keys.SecretAccessKey, secretKeyProblem},
		{"AWS_SESSION_TOKEN", &keys.SessionToken, headerProblem},
	} {
		*variable.dst = os.Getenv(variable.name)
		if problem := variable.problem(*variable.dst); problem != "" {
			errs = append(errs, fmt.Errorf("%s: it %s", variable.name, problem))
		}
	}
	if expiration := os.Getenv("AWS_CREDENTIAL_EXPIRATION"); expiration != "" {
		var err error
		if keys.Expires, err = time.Parse(time.RFC3339, expiration); err != nil {
			errs = append(errs, errors.New("AWS_CREDENTIAL_EXPIRATION: want a time in RFC 3339 form, such as 2006-01-02T15:04:05Z"))
		}
		keys.CanExpire = true
	}
	if err := errors.Join(errs...); err != nil {
		return keys, &keyerror.Error{Err: err}
	}
	return keys, nil
}

// retrieve returns keys that can sign. now is the service's time. A
// CredentialsCache decides by it whether its credentials have expired.
func retrieve(ctx context.Context, provider CredentialsProvider, now serviceTime) (keys Credentials, err error) {
	switch provider := provider.(type) {
	case staticCredentials:
		return provider(), nil // Options.Validate has checked them
	case *CredentialsCache:
		keys, err = provider.retrieveAt(ctx, now.offset) // checks them when it fetches them
		if errors.Is(err, errCredentialsExpired) && !now.known {
			err = nil // only by the local clock, which may be wrong
		}
	default:
		if keys, err = provider.Retrieve(ctx); err == nil {
			err = keys.check()
		}
	}
	if err == nil {
		return keys, nil
	}
	err = fmt.Errorf("retrieve credentials: %w", err)
	if !retry.IsRetryable(err) && !errors.Is(err, context.Canceled) {
		err = &keyerror.Error{Err: err} // not the network's fault
	}
	return keys, err
}

// checkProvider returns an error if every call of the provider would fail. It does
// not call the provider, so it finds only some of the reasons. The error calls
// the provider by the given name.
func checkProvider(name string, provider CredentialsProvider) error {
	var err error
	switch p := provider.(type) {
	case nil:
		return &keyerror.Error{Err: errors.New(name + " is nil: requests are signed, use " + credentialsHint)}
	case staticCredentials:
		err = p().check()
	case CredentialsProviderFunc:
		err = p.check()
	case *CredentialsCache:
		err = p.check()
	default:
		if isNil(provider) {
			return &keyerror.Error{Err: fmt.Errorf("%s is a nil %T", name, provider)}
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
