// Gamelift-stub is a stub endpoint of Amazon GameLift Servers for tests in any
// language: package gamelifttest as a program. It needs no Docker, no AWS
// account and no network but the loopback interface.
//
//	go run github.com/gamelift-compute/gamelift/cmd/gamelift-stub
//
// It has a compute of each type and a build from the start, prints a line of
// export statements for the shell that runs the tests, and then one log line
// for each request (on standard error) until SIGINT or SIGTERM stops it:
//
//	export AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:9270 AWS_REGION=us-west-2 ...
//
// # Flags
//
//	-addr host:port            where to listen (127.0.0.1:9270); port 0 takes a free one and prints it
//	-region name               the region that the stub stands in (us-west-2)
//	-access-key-id id          the access key ID to accept (the AWS documentation's example)
//	-secret-access-key secret  and its secret; both flags or neither
//	-session-token token       what requests must carry beside them (none)
//	-quotas                    throttle as the service does, by its published quotas
//	-config file               what the flags have no room for; flags win
//
// # What is there
//
// Without a configuration it is in account 111122223333 and has
//
//	type       fleet ID                                             compute name
//	ANYWHERE   fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa           HardwareAnywhere
//	EC2        fleet-3333cccc-44dd-55ee-66ff-7777aaaa88bb           i-0123456789abcdef0
//	CONTAINER  containerfleet-4444dddd-55ee-66ff-77aa-8888bbbb99cc  0a1b2c3d4e5f60718293a4b5c6d7e8f9/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809
//
// and the build build-1111aaaa-22bb-33cc-44dd-5555eeee66ff.
//
// # Configuration
//
// The file is a JSON object. All members are optional; unknown ones are an
// error. Members of computes, builds, faults, credentials and quotas are named
// as the fields of the types in package gamelifttest (gamelift.Credentials for
// credentials), which document them. Durations are strings such as "1.5s" or
// "3h", and a fault's Body is plain text.
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
// Computes, Builds and Credentials replace those that are there without a
// configuration. ClockOffset sets the stub's clock ahead, or back.
//
// # Control
//
// While it runs, tests control the stub by HTTP, unsigned, below /_stub/.
// Bodies are JSON; what succeeds without a result is answered with 204, and
// what is wrong with 400 and {"Error": "..."}.
//
//	POST /_stub/computes   add a compute: {"FleetID": "fleet-1", "Name": "host-1"}
//	POST /_stub/builds     add a build: {"ID": "build-1"}
//	POST /_stub/faults     inject a fault: {"Code": "ThrottlingException", "Count": 2}
//	POST /_stub/clock      set the clock: {"Offset": "2h50m"}
//	POST /_stub/reset      back to the start, clock included
//	GET  /_stub/requests   the requests that arrived, oldest first, secrets redacted
//	GET  /_stub/unused     the faults that no request has used up
//
// # From other languages
//
// SDKs that know AWS_ENDPOINT_URL_GAMELIFT need no more than the export line;
// others take the URL in their configuration. In Python, for one:
//
//	stub = subprocess.Popen(["gamelift-stub", "-addr", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
//	env = dict(word.split("=", 1) for word in shlex.split(stub.stdout.readline())[1:])
//	gamelift = boto3.client("gamelift", endpoint_url=env["AWS_ENDPOINT_URL_GAMELIFT"], region_name=env["AWS_REGION"],
//	    aws_access_key_id=env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"])
//
// In C#, as in Unity:
//
//	var gameLift = new AmazonGameLiftClient(accessKeyId, secretAccessKey,
//	    new AmazonGameLiftConfig { ServiceURL = "http://127.0.0.1:9270", AuthenticationRegion = "us-west-2" });
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
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

// shutdownGrace is how long requests under way have to end, once stopped. Those
// that a fault delays are broken off at once; the others need microseconds.
const shutdownGrace = time.Second

// run serves until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	settings, err := readSettings(args, stderr)
	if err != nil {
		return err
	}
	var clock clock
	stub := gamelifttest.NewUnstartedServer(settings.apply, func(o *gamelifttest.Options) {
		o.Now = clock.now
		o.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	})
	control := newControl(stub, &clock, settings.ClockOffset)
	clock.set(settings.ClockOffset)

	listener, err := net.Listen("tcp", settings.addr)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, exportLine(urlOf(listener.Addr()), stub)); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, controlPrefix) {
				control.ServeHTTP(w, r)
				return
			}
			stub.ServeHTTP(w, r) // not by a mux, which would redirect unclean paths
		}),
		ReadHeaderTimeout: 10 * time.Second,
		// So that the stub answers "OPTIONS *" too.
		DisableGeneralOptionsHandler: true,
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		stub.Close()
		grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // a client has opened a connection, and does not send its request
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

// urlOf is how clients on this machine reach the address.
func urlOf(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + addr.String()
}
