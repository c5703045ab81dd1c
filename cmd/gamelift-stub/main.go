// Gamelift-stub is a stub endpoint of Amazon GameLift Servers for tests in any
// language. It serves package gamelifttest as a program, and needs neither an
// AWS account nor a network other than the loopback interface.
//
//	go install github.com/gamelift-compute/gamelift/cmd/gamelift-stub@latest
//	gamelift-stub
//
// It prints the environment variables that make AWS SDKs and the AWS CLI call
// it:
//
//	export AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:9270 AWS_REGION=us-west-2 ...
//
// Then it logs each request on standard error, until SIGINT or SIGTERM stops it.
// The folder docs/testing of the repository has a page for each of several
// languages.
//
// # Flags
//
//	-addr host:port            listen on this address (127.0.0.1:9270); port 0 takes a free one
//	-format name               print the variables in this format (sh); see below
//	-tls                       serve https; see below
//	-region name               the AWS Region (us-west-2)
//	-access-key-id id          the access key ID to accept (AKIAIOSFODNN7EXAMPLE)
//	-secret-access-key secret  the secret of that key; both flags or neither
//	-session-token token       the session token that requests must carry (none)
//	-quotas                    throttle requests by the published quotas of the service
//	-config file               read other settings from a JSON file; flags take precedence
//	-health                    check that the stub at -addr is running, and exit
//	-version                   print the version, and exit
//
// The formats are sh (an export command), powershell, cmd (the Windows command
// prompt), json (an object) and env (a line for each variable, as docker
// --env-file reads it). All but env print one line.
//
// With -tls the program makes a certificate for localhost, this machine's name
// and the host of -addr. It writes the certificate of its CA to a file in the
// directory for temporary files that every user can read, and removes the file
// when it stops. AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS, which are printed with the
// other variables, name the file. The protocol is HTTP/1.1, with and without -tls.
//
// # Default resources
//
// Unless a configuration says otherwise, the account is 111122223333 and has
// these computes:
//
//	type       fleet ID                                             compute name
//	ANYWHERE   fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa           HardwareAnywhere
//	EC2        fleet-3333cccc-44dd-55ee-66ff-7777aaaa88bb           i-0123456789abcdef0
//	CONTAINER  containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc  0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809
//
// It has the build build-1111aaaa-22bb-33cc-44dd-5555eeee66ff.
//
// # Configuration
//
// The file of -config is a JSON object. All members are optional. Unknown members
// are an error. The members of computes, builds, faults, credentials and quotas
// are the fields of Compute, Build, Fault and Quota in package gamelifttest and
// of Credentials in package gamelift; see their documentation. Durations are
// strings such as "1.5s" or "3h", and the Body of a fault is plain text.
//
//	{
//	  "Region": "eu-central-1",
//	  "AccountID": "444455556666",
//	  "Credentials": [{"AccessKeyID": "AKIATEST", "SecretAccessKey": "secret"}],
//	  "TokenLife": "10s",
//	  "TokenRenewal": "5s",
//	  "ClockOffset": "-1h",
//	  "Quotas": {"GetComputeAuthToken": {"Burst": 10, "Rate": 5}},
//	  "Computes": [{"FleetID": "fleet-1", "Name": "host-1", "Type": "ANYWHERE", "AbsentFor": "30s"}],
//	  "Builds": [{"ID": "build-1", "Bucket": "my-bucket", "Key": "my-key"}],
//	  "Faults": [{"Operation": "GetComputeAuthToken", "Code": "ThrottlingException", "Count": 2}],
//	  "Seed": 1,
//	  "MaxRequests": 100
//	}
//
// Computes, Builds and Credentials replace the default ones; Credentials must have
// at least one entry. ClockOffset is added to the clock of the stub.
//
// # Control API
//
// Tests control the stub with unsigned HTTP requests below /_stub/. Bodies are
// JSON. A request without a result gets status 204. A mistake gets status 400,
// 404 or 405 and {"Error": "..."}. Requests to the control API are not recorded.
//
//	GET    /_stub/              list these paths
//	GET    /_stub/openapi.json  describe these paths in OpenAPI 3.1
//	GET    /_stub/health        report that the stub is running
//	GET    /_stub/computes      list the computes
//	POST   /_stub/computes      add a compute: {"FleetID": "fleet-1", "Name": "host-1"}
//	DELETE /_stub/computes      remove a compute: ?FleetID=fleet-1&Name=host-1
//	GET    /_stub/builds        list the builds
//	POST   /_stub/builds        add a build: {"ID": "build-1"}
//	DELETE /_stub/builds        remove a build: ?ID=build-1
//	POST   /_stub/faults        inject a fault: {"Code": "ThrottlingException", "Count": 2}
//	DELETE /_stub/faults        remove all injected faults
//	GET    /_stub/unused        list the injected faults that are not used up
//	GET    /_stub/requests      list the requests that arrived, oldest first, secrets redacted
//	POST   /_stub/clock         set the clock: {"Offset": "2h50m"}
//	POST   /_stub/reset         return to the initial state, clock included
//
// # By hand
//
// curl 7.87 and newer can sign requests. (Earlier versions do not sign
// X-Amz-Target.) In a shell that has the variables:
//
//	curl "$AWS_ENDPOINT_URL_GAMELIFT" --aws-sigv4 "aws:amz:$AWS_REGION:gamelift" \
//	    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
//	    --header "Content-Type: application/x-amz-json-1.1" \
//	    --header "X-Amz-Target: GameLift.GetComputeAuthToken" \
//	    --data '{"FleetId": "fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa", "ComputeName": "HardwareAnywhere"}'
//
// With a session token, add --header "X-Amz-Security-Token: $AWS_SESSION_TOKEN".
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "gamelift-stub:", err)
		os.Exit(1)
	}
}

// shutdownGrace is how long requests can take to complete after the program is
// told to stop. Responses that a fault delays are aborted at once, and others
// take microseconds.
const shutdownGrace = time.Second

// run runs the program until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	settings, err := readSettings(args, stderr)
	switch {
	case err != nil:
		return err
	case settings.version:
		_, err := fmt.Fprintln(stdout, "gamelift-stub", version())
		return err
	case settings.health:
		return checkHealth(ctx, settings.addr, stdout)
	}
	return serve(ctx, settings, stdout, stderr)
}

// version returns the version of the module that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

// serve serves the stub and its control API until ctx is done.
func serve(ctx context.Context, settings *settings, stdout, stderr io.Writer) error {
	logs := slog.NewTextHandler(stderr, nil)
	var clock clock
	stub := gamelifttest.NewUnstartedServer(settings.apply, func(o *gamelifttest.Options) {
		o.Now = clock.now
		o.Logger = slog.New(logs)
	})
	clock.set(settings.ClockOffset)
	api := &control{stub, &clock, settings.ClockOffset}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isControl(r) {
				api.ServeHTTP(w, r)
				return
			}
			stub.ServeHTTP(w, r) // not through a ServeMux, which redirects unclean paths
		}),
		ReadHeaderTimeout:            10 * time.Second,
		DisableGeneralOptionsHandler: true, // so that "OPTIONS *" reaches the stub
		ErrorLog:                     slog.NewLogLogger(logs, slog.LevelWarn),
	}

	listener, err := net.Listen("tcp", settings.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	url, caFile := urlOf(listener.Addr(), settings.tls), ""
	if settings.tls {
		var certificate tls.Certificate
		if certificate, caFile, err = newCertificate(certificateHosts(settings.addr)...); err != nil {
			return err
		}
		defer func() { _ = os.Remove(caFile) }()
		// Without HTTP/2, whose connections a fault cannot reset.
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}})
	}
	if err := printEnvironment(ctx, stdout, settings.format, stub, url, caFile); err != nil {
		return err
	}

	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		stub.Close()
		grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // a client has opened a connection and sends nothing
		}
		close(stopped)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		if stop() {
			return err
		}
	}
	<-stopped
	return nil
}

// printEnvironment prints the variables that make AWS tools call the stub.
func printEnvironment(ctx context.Context, stdout io.Writer, format string, stub *gamelifttest.Server, url, caFile string) error {
	o := stub.ClientOptions()
	keys, err := o.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	text, err := formats[format](environment(url, o.Region, keys, caFile))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, text)
	return err
}

// urlOf returns the URL of the address for clients on this machine.
func urlOf(addr net.Addr, useTLS bool) string {
	scheme, host := "http://", addr.String()
	if useTLS {
		scheme = "https://"
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && (tcp.IP == nil || tcp.IP.IsUnspecified()) {
		host = fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return scheme + host
}

// certificateHosts returns the names and addresses by which clients may call the
// stub: those of the loopback interface, of this machine, and of -addr.
func certificateHosts(addr string) []string {
	name, _ := os.Hostname() // empty if it is unknown
	host, _, _ := net.SplitHostPort(addr)
	return []string{"localhost", "127.0.0.1", "::1", name, host}
}
