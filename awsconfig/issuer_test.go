package awsconfig_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gamelift-compute/gamelift"
)

// What callers must send to get keys.
const (
	identityToken  = "web-identity-token"
	metadataToken  = "imds-session-token"
	containerToken = "container-authorization"
	portalToken    = "sso-access-token"
	instanceRole   = "instance-role"

	oidcClientID     = "oidc-client"
	oidcClientSecret = "oidc-client-secret"
	refreshToken     = "sso-refresh-token"
)

// issuer hands out keys in the way of AWS STS, the IAM Identity Center portal and its OIDC service, the instance
// metadata service (version 2), a container's credentials endpoint, and a credential process.
type issuer struct {
	*httptest.Server

	mu     sync.Mutex
	keys   []gamelift.Credentials // handed out one after another, the last again and again
	issued int
}

func newIssuer(t *testing.T, keys ...gamelift.Credentials) *issuer {
	i := &issuer{keys: keys}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", i.sts)
	mux.HandleFunc("GET /federation/credentials", i.portal)
	mux.HandleFunc("POST /token", i.oidc)
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, metadataToken)
	})
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role...}", i.metadata)
	mux.HandleFunc("GET /container", i.container)
	mux.HandleFunc("GET /program", i.program)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) next() gamelift.Credentials {
	i.mu.Lock()
	defer i.mu.Unlock()
	keys := i.keys[min(i.issued, len(i.keys)-1)]
	i.issued++
	return keys
}

// timesAsked returns how often keys were handed out.
func (i *issuer) timesAsked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.issued
}

// sentExpiry returns the expiry that is sent with keys, which the server may refuse earlier.
func sentExpiry() time.Time { return time.Now().Add(time.Hour).UTC() }

func (i *issuer) sts(w http.ResponseWriter, r *http.Request) {
	action := r.FormValue("Action")
	switch {
	case action == "AssumeRoleWithWebIdentity" && r.FormValue("WebIdentityToken") == identityToken:
	case action == "AssumeRole" && strings.Contains(r.Header.Get("Authorization"), "Credential=AKIABASE/"):
	default:
		http.Error(w, "who are you?", http.StatusForbidden)
		return
	}
	keys := i.next()
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials>
		<AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration>
		</Credentials><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/%s/session</Arn><AssumedRoleId>AROA:session</AssumedRoleId></AssumedRoleUser>
		</%[1]sResult></%[1]sResponse>`,
		action, keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken, sentExpiry().Format(time.RFC3339), r.FormValue("RoleArn"))
}

func (i *issuer) portal(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Sso_bearer_token") != portalToken || r.FormValue("account_id") != "111122223333" || r.FormValue("role_name") != "Operator" {
		http.Error(w, `{"message":"who are you?"}`, http.StatusUnauthorized)
		return
	}
	keys := i.next()
	writeJSON(w, map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": keys.AccessKeyID, "secretAccessKey": keys.SecretAccessKey, "sessionToken": keys.SessionToken,
		"expiration": sentExpiry().UnixMilli(),
	}})
}

// oidc refreshes the portal's token.
func (i *issuer) oidc(w http.ResponseWriter, r *http.Request) {
	var got map[string]any
	err := json.NewDecoder(r.Body).Decode(&got)
	if want := map[string]any{
		"clientId": oidcClientID, "clientSecret": oidcClientSecret, "grantType": "refresh_token", "refreshToken": refreshToken,
	}; err != nil || !maps.Equal(want, got) {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]any{"accessToken": portalToken, "expiresIn": 28800, "refreshToken": refreshToken, "tokenType": "Bearer"})
}

func (i *issuer) metadata(w http.ResponseWriter, r *http.Request) {
	switch role := r.PathValue("role"); {
	case r.Header.Get("X-Aws-Ec2-Metadata-Token") != metadataToken:
		http.Error(w, "no token", http.StatusUnauthorized)
	case role == "":
		fmt.Fprintln(w, instanceRole)
	case role == instanceRole:
		keys := i.next()
		writeJSON(w, map[string]any{
			"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": keys.AccessKeyID, "SecretAccessKey": keys.SecretAccessKey,
			"Token": keys.SessionToken, "Expiration": sentExpiry(),
		})
	default:
		http.NotFound(w, r)
	}
}

func (i *issuer) container(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != containerToken {
		http.Error(w, `{"code":"AccessDenied","message":"who are you?"}`, http.StatusForbidden)
		return
	}
	keys := i.next()
	writeJSON(w, map[string]any{
		"AccessKeyId": keys.AccessKeyID, "SecretAccessKey": keys.SecretAccessKey, "Token": keys.SessionToken, "Expiration": sentExpiry(),
	})
}

func (i *issuer) program(w http.ResponseWriter, _ *http.Request) {
	keys := i.next()
	writeJSON(w, map[string]any{
		"Version": 1, "AccessKeyId": keys.AccessKeyID, "SecretAccessKey": keys.SecretAccessKey, "SessionToken": keys.SessionToken,
		"Expiration": sentExpiry(),
	})
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
