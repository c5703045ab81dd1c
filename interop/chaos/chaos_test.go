package chaos

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamelift-compute/gamelift"
	apierrors "github.com/gamelift-compute/gamelift/errors"
	"github.com/gamelift-compute/gamelift/gamelifttest"
)

var (
	duration = flag.Duration("chaos", 3*time.Second, "how long TestChaos runs for each protocol")
	seed     = flag.Uint64("chaos.seed", 1, "the seed of all random choices of TestChaos")
	proto    = flag.String("chaos.proto", "", "run TestChaos for this protocol only: http1, http1 with TLS or http2")
	callers  = flag.Int("chaos.callers", 32, "the number of concurrent callers in TestChaos")
	rate     = flag.Float64("chaos.rate", 400, "the highest number of calls a second in TestChaos")
)

const (
	fleetID        = "fleet-11111111-2222-3333-4444-555555555555"
	resources      = 50 // computes, and as many builds
	proxies        = 2  // at a time
	callTimeout    = time.Second
	attemptTimeout = 300 * time.Millisecond
	slack          = time.Second // for a call to return after its deadline
)

// TestChaos makes calls through proxies that break connections at random. Every
// call must return the right output or an allowed error, and not long after its
// deadline. At the end, no connection and no goroutine may be left.
//
// It is not parallel, because it counts goroutines.
func TestChaos(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol.name, func(t *testing.T) {
			if *proto != "" && *proto != protocol.name {
				t.Skip("-chaos.proto is " + *proto)
			}
			before := len(goroutines())
			run := newRun(t, protocol)
			run.calls(*duration)
			run.close()
			run.report()
			run.checkLeaks(before)
		})
	}
}

// run is one run of the test with one protocol.
type run struct {
	t        *testing.T
	protocol string
	server   *httptest.Server
	toxic    *toxicProxies
	client   *gamelift.Client
	open     atomic.Int64 // connections of the client
	dialed   atomic.Int64
	meter    *stallMeter
	mu       sync.Mutex // guards the rest
	owners   map[string]string
	results  map[string]int
	slowest  time.Duration
	overrun  time.Duration // the most that a call took beyond its deadline, less the machine's stalls
	retried  int
	wrong    int
}

func newRun(t *testing.T, protocol protocol) *run {
	r := &run{t: t, protocol: protocol.name, owners: map[string]string{}, results: map[string]int{}, meter: newStallMeter()}
	stub := gamelifttest.NewUnstartedServer(func(o *gamelifttest.Options) {
		o.Seed, o.MaxRequests, o.TokenLife = *seed, -1, time.Minute
		o.Computes, o.Builds = nil, nil
		for i := range resources {
			o.Computes = append(o.Computes, gamelifttest.Compute{
				FleetID: fleetID, Name: computeName(i), Type: gamelifttest.EC2, Credentials: credentials(computeName(i)),
			})
			o.Builds = append(o.Builds, gamelifttest.Build{
				ID: buildID(i), Bucket: "bucket", Key: "key-of-" + buildID(i), Credentials: credentials(buildID(i)),
			})
		}
	})
	r.server = protocol.start(t, stub, func(s *http.Server) {
		s.ReadTimeout = 2 * time.Second       // of requests whose end a toxic has cut off
		s.IdleTimeout = 30 * time.Millisecond // so that there are always new connections
	})
	r.toxic = newToxicProxies(t, r.server.Listener.Addr().String())

	transport := defaultTransport(r.server)
	transport.DialContext = r.dial
	r.client = clientOf(stub, r.server.URL, transport, func(o *gamelift.Options) { o.AttemptTimeout = attemptTimeout })
	return r
}

// dial connects to one of the proxies, in turn, in place of the server.
func (r *run) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	address := r.toxic.address(int(r.dialed.Add(1)))
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	r.open.Add(1)
	return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { r.open.Add(-1) })}, nil
}

// countedConn reports when it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// calls lets all callers make calls for a while.
func (r *run) calls(duration time.Duration) {
	done := make(chan struct{})
	var background, foreground sync.WaitGroup
	background.Go(func() { r.meter.run(done) })
	background.Go(func() { r.toxic.run(done) })
	background.Go(func() { r.progress(done) })
	stop := time.Now().Add(duration)
	for i := range *callers {
		foreground.Go(func() {
			random := rand.New(rand.NewPCG(*seed, uint64(i)))
			for time.Now().Before(stop) {
				r.call(random)
				time.Sleep(time.Duration(random.Float64() * 2 * float64(*callers) / *rate * float64(time.Second)))
			}
		})
	}
	foreground.Wait()
	close(done)
	background.Wait()
}

// call makes one call and checks what it returns.
func (r *run) call(random *rand.Rand) {
	deadline := callTimeout
	if random.IntN(20) == 0 {
		deadline = time.Duration(random.Int64N(int64(50 * time.Millisecond)))
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if random.IntN(20) == 0 { // this caller changes its mind
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(deadline)+1)), cancel)
		defer timer.Stop()
	}
	operation := operations[random.IntN(len(operations))]
	resource := random.IntN(resources)

	stalled := r.meter.total()
	start := time.Now()
	attempts, err := operation(r, ctx, resource)
	took := time.Since(start)
	overrun := took - deadline - (r.meter.total() - stalled)

	result := r.classify(ctx, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[result]++
	r.slowest, r.overrun = max(r.slowest, took), max(r.overrun, overrun)
	if attempts > 1 {
		r.retried++
	}
	if overrun > slack {
		r.wrong++
		r.t.Errorf("a call with a deadline of %v took %v, with %v of stalls: %v", deadline, took, took-deadline-overrun, err)
	}
}

// operations make a call for a resource and check its output.
var operations = []func(*run, context.Context, int) (attempts int, err error){
	func(r *run, ctx context.Context, i int) (int, error) {
		name := computeName(i)
		out, err := r.client.GetComputeAuthToken(ctx, &gamelift.GetComputeAuthTokenInput{FleetId: new(fleetID), ComputeName: &name})
		if err != nil {
			return 0, err
		}
		if value(out.ComputeName) != name || value(out.FleetId) != fleetID || value(out.AuthToken) == "" || out.ExpirationTimestamp == nil {
			r.fail("GetComputeAuthToken of %s: %v", name, out)
		}
		r.own(value(out.AuthToken), name)
		return gamelift.Attempts(out.ResultMetadata), nil
	},
	func(r *run, ctx context.Context, i int) (int, error) {
		name := computeName(i)
		out, err := r.client.GetComputeAccess(ctx, &gamelift.GetComputeAccessInput{FleetId: new(fleetID), ComputeName: &name})
		if err != nil {
			return 0, err
		}
		want := credentials(name)
		if c := out.Credentials; value(out.ComputeName) != name || value(out.FleetId) != fleetID || c == nil ||
			value(c.AccessKeyId) != want.AccessKeyID || value(c.SecretAccessKey) != want.SecretAccessKey || value(c.SessionToken) != want.SessionToken {
			r.fail("GetComputeAccess of %s: %v", name, out)
		}
		return gamelift.Attempts(out.ResultMetadata), nil
	},
	func(r *run, ctx context.Context, i int) (int, error) {
		id := buildID(i)
		out, err := r.client.RequestUploadCredentials(ctx, &gamelift.RequestUploadCredentialsInput{BuildId: &id})
		if err != nil {
			return 0, err
		}
		want := credentials(id)
		if c, l := out.UploadCredentials, out.StorageLocation; c == nil || l == nil || value(l.Key) != "key-of-"+id ||
			value(c.AccessKeyId) != want.AccessKeyID || value(c.SecretAccessKey) != want.SecretAccessKey || value(c.SessionToken) != want.SessionToken {
			r.fail("RequestUploadCredentials of %s: %v", id, out)
		}
		return gamelift.Attempts(out.ResultMetadata), nil
	},
}

func computeName(i int) string { return fmt.Sprintf("compute-%02d", i) }

func buildID(i int) string { return fmt.Sprintf("build-%08d-2222-3333-4444-555555555555", i) }

// credentials are what the service returns for a resource.
func credentials(resource string) gamelift.Credentials {
	return gamelift.Credentials{
		AccessKeyID: "ASIA-" + resource, SecretAccessKey: "secret-of-" + resource, SessionToken: "session-of-" + resource,
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// own notes that a token was returned for a compute, and fails if it was
// returned for another one before.
func (r *run) own(token, compute string) {
	r.mu.Lock()
	owner, known := r.owners[token]
	r.owners[token] = compute
	r.mu.Unlock()
	if known && owner != compute {
		r.fail("%s got the token of %s", compute, owner)
	}
}

// classify names the result of a call. An error that broken connections cannot
// explain fails the test.
func (r *run) classify(ctx context.Context, err error) string {
	canceled, isCanceled := errors.AsType[*smithy.CanceledError](err)
	_, isSend := errors.AsType[*smithyhttp.RequestSendError](err)
	_, isResponse := errors.AsType[*apierrors.ResponseError](err)
	_, gaveUp := errors.AsType[*apierrors.MaxAttemptsError](err)
	operation, isOperation := errors.AsType[*smithy.OperationError](err)
	var result string
	switch {
	case err == nil:
		return "right output"
	case !isOperation || operation.Service() != gamelift.ServiceID:
		r.fail("not an *smithy.OperationError: %v", err)
		return "wrong error"
	case isCanceled:
		if ctx.Err() == nil || !errors.Is(canceled, ctx.Err()) {
			r.fail("canceled, but the context says %v: %v", ctx.Err(), err)
		}
		return "context done: " + ctx.Err().Error()
	case !isSend:
		r.fail("an error that a connection cannot cause: %v", err)
		return "wrong error"
	case isResponse:
		result = "the response broke off"
	case errors.Is(err, context.DeadlineExceeded):
		result = "no response within AttemptTimeout"
	default:
		result = "no response"
	}
	switch {
	case errors.Is(err, context.Canceled):
		r.fail("context.Canceled without a *smithy.CanceledError: %v", err)
	case gaveUp:
		return result + ", attempts used up"
	case strings.Contains(err.Error(), "retry quota exceeded"):
		return result + ", quota used up"
	}
	r.fail("not retried: %v", err)
	return "wrong error"
}

func (r *run) fail(format string, args ...any) {
	r.mu.Lock()
	r.wrong++
	r.mu.Unlock()
	r.t.Errorf(format, args...)
}

// close ends everything that the run started.
func (r *run) close() {
	r.server.CloseClientConnections()
	r.server.Close()
	r.client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
}

// progress logs the figures every five minutes.
func (r *run) progress(done <-chan struct{}) {
	ticker := time.NewTicker(5 * time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			r.report()
		}
	}
}

func (r *run) report() {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := 0
	var table strings.Builder
	for _, result := range slices.Sorted(maps.Keys(r.results)) {
		calls += r.results[result]
		fmt.Fprintf(&table, "\n%9d  %s", r.results[result], result)
	}
	r.t.Logf("%s, seed %d: %d calls of %d callers, %d wrong outcomes, %d right outputs after a retry, %d connections, %s; "+
		"slowest call %v, at most %v beyond its deadline and the stalls of the machine, which were %v, the longest %v%s",
		r.protocol, *seed, calls, *callers, r.wrong, r.retried, r.dialed.Load(), r.toxic,
		r.slowest.Round(time.Millisecond), r.overrun.Round(time.Millisecond), r.meter.total().Round(time.Millisecond),
		time.Duration(r.meter.longest.Load()).Round(time.Millisecond), &table)
	if calls > 0 && r.results["right output"] == 0 && time.Duration(r.meter.stalled.Load()) < *duration/2 {
		r.t.Error("no call succeeded")
	}
}

// checkLeaks waits for what ends after a call has returned, and fails if
// something is left.
func (r *run) checkLeaks(before int) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if r.open.Load() == 0 && len(goroutines()) <= before {
			return
		}
	}
	left := goroutines()
	r.t.Errorf("%d connections of the client and %d goroutines are left:\n%s", r.open.Load(), len(left)-before, strings.Join(left, "\n\n"))
}

// goroutines returns the stacks of the goroutines that are not Toxiproxy's,
// which leaves some behind.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	n := runtime.Stack(stacks, true)
	for n == len(stacks) { // some are cut off
		stacks = make([]byte, 2*len(stacks))
		n = runtime.Stack(stacks, true)
	}
	stacks = stacks[:n]
	return slices.DeleteFunc(strings.Split(string(stacks), "\n\n"), func(stack string) bool {
		return strings.Contains(stack, "Shopify/toxiproxy")
	})
}
