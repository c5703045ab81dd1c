package gamelifttest

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/gamelift-compute/gamelift"
)

// Each made-up value is derived from Options.Seed and from parts that name its
// purpose. Nothing else affects it.

// hash returns the SHA-256 hash of the seed and the parts.
func (s *Server) hash(parts ...string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strconv.FormatUint(s.options.Seed, 10) + "\x00" + strings.Join(parts, "\x00")))
}

// hexDigits makes up 64 hexadecimal digits.
func (s *Server) hexDigits(parts ...string) string {
	hash := s.hash(parts...)
	return hex.EncodeToString(hash[:])
}

// uuid makes up a UUID.
func (s *Server) uuid(parts ...string) string {
	digits := s.hexDigits(parts...)
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:32]
}

// sessionTokenPrefix is how session tokens of AWS STS begin.
const sessionTokenPrefix = "IQoJb3JpZ2luX2Vj"

// credentials returns the wire form of the given credentials. If they are zero, it
// makes up new ones that have the form of real ones.
func (s *Server) credentials(given gamelift.Credentials, parts ...string) map[string]any {
	if given == (gamelift.Credentials{}) {
		s.state.issued++
		random := rand.NewChaCha8(s.hash(append(parts, strconv.Itoa(s.state.issued))...))
		given = gamelift.Credentials{
			AccessKeyID:     "ASIA" + base32.StdEncoding.EncodeToString(randomBytes(random, 10)),
			SecretAccessKey: randomBase64(random, 30),
			// One byte more than a multiple of three, so that it ends in "==".
			SessionToken: sessionTokenPrefix + randomBase64(random, 511),
		}
	}
	wire := map[string]any{"AccessKeyId": given.AccessKeyID, "SecretAccessKey": given.SecretAccessKey}
	if given.SessionToken != "" {
		wire["SessionToken"] = given.SessionToken
	}
	return wire
}

func randomBytes(random *rand.ChaCha8, n int) []byte {
	data := make([]byte, n)
	_, _ = random.Read(data) // it never fails
	return data
}

// randomBase64 encodes n random bytes. The text always has a slash and a plus
// sign, so that every test meets the characters that need escaping.
func randomBase64(random *rand.ChaCha8, n int) string {
	text := []byte(base64.StdEncoding.EncodeToString(randomBytes(random, n)))
	unpadded := uint64(n * 8 / 6)
	slash := random.Uint64() % unpadded
	plus := (slash + 1 + random.Uint64()%(unpadded-1)) % unpadded
	text[slash], text[plus] = '/', '+'
	return string(text)
}
