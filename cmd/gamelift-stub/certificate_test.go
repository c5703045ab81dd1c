package main

import (
	"crypto/x509"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A machine whose name a certificate cannot have gets one for the other hosts.
func TestNewCertificate_hostNotASCII(t *testing.T) {
	t.Parallel()
	certificate, caFile, err := newCertificate("localhost", "Büro-PC", "")
	require.NoError(t, err)
	require.NoError(t, os.Remove(caFile))
	server, err := x509.ParseCertificate(certificate.Certificate[0])
	require.NoError(t, err)
	require.Equal(t, []string{"localhost"}, server.DNSNames)
}
