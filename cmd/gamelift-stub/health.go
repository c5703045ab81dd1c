package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const healthTimeout = 5 * time.Second

// checkHealth asks the stub that listens on addr whether it is running, over http
// and, if that fails, over https. It does not verify the stub's certificate,
// because it sends nothing secret.
func checkHealth(ctx context.Context, addr string, stdout io.Writer) error {
	listening, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
	}}
	var errs []error
	for _, useTLS := range []bool{false, true} {
		err := getHealth(ctx, client, urlOf(listening, useTLS)+controlPrefix+"health", stdout)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// getHealth copies the response of a healthy stub to stdout.
func getHealth(ctx context.Context, client *http.Client, url string, stdout io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
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
