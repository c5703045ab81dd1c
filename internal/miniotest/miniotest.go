// Package miniotest starts MinIO, a real S3 server, for the tests of the nested
// modules. buildupload/install-minio installs it.
package miniotest

import (
	"cmp"
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
	if err := server.Start(); err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	stop = func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = os.RemoveAll(dir)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 600 {
		if resp, err := client.Get("http://" + address + "/minio/health/ready"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + address, stop, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return "", nil, fmt.Errorf("%s did not become ready", program)
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
