package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// maxSigningKeys is the number of keys that a Signer remembers. A client with one set of credentials
// and one region needs two around midnight and around a change of credentials. The others are for
// providers that return different credentials in turn.
const maxSigningKeys = 8

// signingKey signs for one secret within one scope. It does not depend on the access key ID.
type signingKey struct {
	secret    string
	scope     scope
	scopeText string
	macs      sync.Pool // of hash.Hash with the key
}

// signingKey finds the key or derives it. If two goroutines derive keys at the same time, one may
// overwrite the other's entry. That key is then derived again.
func (s *Signer) signingKey(secret string, scope scope) *signingKey {
	var known []*signingKey
	if p := s.recent.Load(); p != nil {
		known = *p
	}
	for _, k := range known {
		if k.scope == scope && k.secret == secret {
			return k
		}
	}
	recent := make([]*signingKey, 0, maxSigningKeys)
	recent = append(recent, newSigningKey(secret, scope))
	recent = append(recent, known[:min(len(known), maxSigningKeys-1)]...)
	s.recent.Store(&recent)
	return recent[0]
}

func newSigningKey(secret string, scope scope) *signingKey {
	key := derive(secret, scope)
	k := &signingKey{secret: secret, scope: scope, scopeText: scope.String()}
	k.macs.New = func() any { return hmac.New(sha256.New, key) }
	return k
}

func derive(secret string, scope scope) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{scope.day, scope.region, scope.service, "aws4_request"} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return key
}

func (k *signingKey) appendMAC(dst, message []byte) []byte {
	mac := k.macs.Get().(hash.Hash)
	defer k.macs.Put(mac)
	mac.Reset()
	mac.Write(message)
	return mac.Sum(dst)
}
