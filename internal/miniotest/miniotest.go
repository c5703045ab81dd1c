// Package miniotest starts MinIO, a real S3 server, for the tests of the nested
// modules. buildupload/install-minio installs it.
package miniotest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// User is the access key ID of a server's root user.
	User = "minioadmin"

	// Password is the secret access key of a server's root user.
	Password = "minioadmin"
)

// Start starts a server on a free port, and returns its URL when it is ready. stop
// ends the server and removes its files. It is not nil if err is nil.
func Start() (url string, stop func(), err error) {
	program, err := find()
	if err != nil {
		return "", nil, err
	}
	for range 3 { // somebody else may take the port first
		if url, stop, err = start(program); !errors.Is(err, errEnded) {
			break
		}
	}
	return url, stop, err
}

var errEnded = errors.New("it has ended")

func start(program string) (url string, stop func(), err error) {
	address, err := freeAddress()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "minio")
	if err != nil {
		return "", nil, err
	}
	server := exec.Command(program, "server", "--quiet", "--address", address, dir)
	server.Env = append(os.Environ(), "MINIO_ROOT_USER="+User, "MINIO_ROOT_PASSWORD="+Password, "MINIO_BROWSER=off")
	var output bytes.Buffer
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(ended)
	}()
	stop = func() {
		_ = server.Process.Kill()
		<-ended
		_ = os.RemoveAll(dir)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		if resp, err := client.Get("http://" + address + "/minio/health/ready"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK && resp.Header.Get("Server") == "MinIO" {
				return "http://" + address, stop, nil
			}
		}
		select {
		case <-ended:
			stop()
			return "", nil, fmt.Errorf("%s: %w: %s", program, errEnded, &output)
		case <-time.After(100 * time.Millisecond):
		}
	}
	stop()
	return "", nil, fmt.Errorf("%s did not become ready: %s", program, &output)
}

// SkipOrFail ends a test for which Start has failed. It fails in CI, and is
// skipped elsewhere.
func SkipOrFail(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("no MinIO: %v", err)
	}
	t.Skipf("no MinIO (install it with buildupload/install-minio, or set GAMELIFT_MINIO): %v", err)
}

// find finds the program: GAMELIFT_MINIO, or minio in PATH or where go install
// puts it.
func find() (string, error) {
	if program := os.Getenv("GAMELIFT_MINIO"); program != "" {
		return exec.LookPath(program)
	}
	if program, err := exec.LookPath("minio"); err == nil {
		return program, nil
	}
	env, err := exec.Command("go", "env", "GOBIN", "GOPATH").Output()
	if err != nil {
		return "", err
	}
	bin, rest, _ := strings.Cut(string(env), "\n")
	path, _, _ := strings.Cut(rest, "\n")
	return exec.LookPath(filepath.Join(cmp.Or(bin, filepath.Join(path, "bin")), "minio"))
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
