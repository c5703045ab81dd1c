package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const healthTimeout = 5 * time.Second

// checkHealth asks the stub that listens on addr whether it is running. It does
// not verify the stub's certificate, because it sends nothing secret.
func checkHealth(ctx context.Context, addr string, useTLS bool, stdout io.Writer) error {
	listening, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return err
	}
	url := urlOf(listening, useTLS) + controlPrefix + "health"
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
	}}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s responds with status %s", url, response.Status)
	}
	_, err = io.Copy(stdout, response.Body)
	return err
}
