package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"strings"
	"time"
	"unicode"
)

// newCertificate makes a certificate for the hosts, which are names or IP
// addresses, and writes the certificate of the CA that signs it to a file in the
// directory for temporary files. Everyone can read the file. The key of the CA is
// discarded, so that nobody can sign with it. Names that are not ASCII are left
// out, because a certificate cannot contain them. The name of a Windows machine
// can be one.
func newCertificate(hosts ...string) (certificate tls.Certificate, caFile string, err error) {
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "gamelift-stub CA"},
		NotBefore:             now.Add(-time.Hour), // for clients whose clock is late
		NotAfter:              now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "gamelift-stub"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			server.IPAddresses = append(server.IPAddresses, ip)
		} else if host != "" && !strings.ContainsFunc(host, isNotASCII) {
			server.DNSNames = append(server.DNSNames, host)
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil { // it has the key ID that the server's certificate names
		return tls.Certificate{}, "", err
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, ca, serverKey.Public(), caKey)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	file, err := os.CreateTemp("", "gamelift-stub-ca-*.pem")
	if err != nil {
		return tls.Certificate{}, "", err
	}
	err = errors.Join(
		pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: caDER}),
		file.Chmod(0o644), // it is public, and clients can run as other users
		file.Close(),
	)
	if err != nil {
		return tls.Certificate{}, "", errors.Join(err, os.Remove(file.Name()))
	}
	return tls.Certificate{Certificate: [][]byte{serverDER}, PrivateKey: serverKey}, file.Name(), nil
}

func isNotASCII(c rune) bool { return c > unicode.MaxASCII }
