package authtoken

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var tenDays = flag.Bool("ten-days", false, "TestPoolSimulation: simulate ten days of four accounts and print the table, which takes minutes")

// TestPoolSimulation runs the schedule of a pool, with its default options,
// against a model of an account in which things go wrong, on a clock that jumps
// from event to event. Here it is for a day;
//
//	go test ./authtoken -run TestPoolSimulation -v -timeout 1h -ten-days
//
// is for ten days, and prints the table of SIMULATION.md.
func TestPoolSimulation(t *testing.T) {
	if *tenDays {
		simulateTenDays(t)
		return
	}
	r := simulate(scenario{computes: 20_000, days: 1, restart: 8 * time.Hour})
	t.Logf("%+v", r)
	assert.Zero(t, r.expired, "expired tokens served")
	assert.Zero(t, r.waited, "callers that waited after warm-up")
	assert.Zero(t, r.lapsed, "tokens that ended before there was another one")
	assert.Less(t, r.warmUps[0], 90*time.Minute)
	assert.Less(t, r.warmUps[1], 3*time.Hour)
	assert.LessOrEqual(t, r.meanRate, 2.5)
	assert.LessOrEqual(t, r.peakSecond, 12, "a burst, and a second's rate")
	assert.Less(t, bytesPerCompute(r.computes), 1024)

	// or the above says nothing
	assert.Greater(t, r.served, 1_000_000)
	assert.Greater(t, r.failures, 1_000)
	assert.Positive(t, r.throttled)
}

func simulateTenDays(t *testing.T) {
	printHeader()
	for _, s := range []scenario{{computes: 10_000}, {computes: 20_000}, {computes: 40_000}, {computes: 40_000, rate: 4.5}} {
		s.days, s.restart = 10, 5*24*time.Hour
		r := simulate(s)
		r.print()
		assert.Zero(t, r.expired, "expired tokens served to %d computes", s.computes)
	}
}

// bytesPerCompute is what a pool needs for each of its computes when all have a
// token and Run is at work.
func bytesPerCompute(computes int) int {
	var options PoolOptions
	options.setDefaults()
	options.Rate = math.MaxFloat64
	heapInUse := func() int {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := heapInUse()
	s := newPoolSchedule(&options)
	s.setKeep(true, 0)
	for i := range computes {
		c := s.add(computeID{strings.Clone(fleet), fmt.Sprintf("compute-of-our-own-%016d", i)})
		s.ask(c, 0)
		s.next(0, 0)
		s.succeeded(c, &Token{Value: strings.Repeat("t", 64), Expires: epoch, FleetID: c.id.fleet, ComputeName: c.id.name}, tokenLife, 0)
	}
	after := heapInUse()
	runtime.KeepAlive(s)
	return (after - before) / computes
}

type scenario struct {
	computes int
	rate     float64 // PoolOptions.Rate
	days     int
	restart  time.Duration // when the pool starts anew and knows nothing
}

// callEvery is the mean time between two callers for a compute.
const callEvery = 20 * time.Minute

type poolReport struct {
	scenario
	served   int             // tokens given to callers
	expired  int             // tokens among them that the service did not accept any more
	waited   int             // callers that had to wait, after warm-up
	longest  time.Duration   // that one of them waited
	lapsed   int             // tokens that ended before there was another one, after warm-up
	warmUps  []time.Duration // from a start to the moment when all computes have a token
	requests int
	failures int
	// throttled are among the failures.
	throttled  int
	meanRate   float64 // requests a second
	peakSecond int
	peakMinute float64 // requests a second, in the worst minute
}

func printHeader() {
	fmt.Println("| computes | Rate | expired tokens served | tokens served | callers that waited after warm-up | longest wait | tokens lapsed after warm-up | warm-up, first | warm-up, restart | requests/s, mean | in the peak second | in the peak minute | failed | throttled | bytes per compute |")
	fmt.Println("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
}

func (r poolReport) print() {
	warmUps := append(slices.Clone(r.warmUps), never, never)
	warmUp := func(i int) string {
		if warmUps[i] == never {
			return "never"
		}
		return warmUps[i].String()
	}
	fmt.Printf("| %d | %v | %d | %d | %d | %v | %d | %s | %s | %.2f | %d | %.2f | %d | %d | %d |\n",
		r.computes, cmp.Or(r.rate, 4), r.expired, r.served, r.waited, r.longest.Round(time.Second), r.lapsed, warmUp(0), warmUp(1),
		r.meanRate, r.peakSecond, r.peakMinute, r.failures, r.throttled, bytesPerCompute(r.computes))
}

// poolSimulation is a pool and its callers.
type poolSimulation struct {
	report   poolReport
	schedule *schedule
	computes []*compute
	waiting  map[*compute]waiters
	random   *rand.Rand
	service  *service

	now      time.Duration
	started  time.Duration // the pool
	warm     bool
	inFlight events[reply]

	numbers map[*compute]int
	tokens  []issued // by the number of the compute

	second, inSecond int
	minute, inMinute int
}

// waiters are the callers who wait for a compute's flight.
type waiters struct {
	since  time.Duration // when the first of them began
	flight *flight
}

// spells are so many a day, at a random moment in each part of it.
func spells(random *rand.Rand, days, perDay int, longest time.Duration) []spell {
	var all []spell
	part := 24 * time.Hour / time.Duration(perDay)
	for i := range days * perDay {
		s := spell{from: time.Duration(i)*part + time.Duration(random.Int64N(int64(part-longest))), silent: random.IntN(2) == 0}
		s.to = s.from + longest
		if random.IntN(4) > 0 {
			s.to = s.from + time.Duration(random.Int64N(int64(longest)))
		}
		all = append(all, s)
	}
	return all
}

func simulate(s scenario) poolReport {
	a := &poolSimulation{
		report: poolReport{scenario: s},
		random: rand.New(rand.NewPCG(1, 1)),
		tokens: make([]issued, s.computes),
	}
	a.service = newService(a.random,
		spells(rand.New(rand.NewPCG(2, 2)), s.days, 1, longestOutage),
		spells(rand.New(rand.NewPCG(3, 3)), s.days, 2, longestOthers))
	a.start()
	end := time.Duration(s.days) * 24 * time.Hour
	nextCall, nextCheck, restart := a.untilCall(), time.Minute, s.restart
	for a.now < end {
		wake := never
		for {
			c, wait, idle := a.schedule.next(a.now, a.now)
			if c == nil {
				if !idle {
					wake = a.now + wait
				}
				break
			}
			a.send(c)
		}
		a.now = min(wake, nextCall, nextCheck, restart, a.inFlight.next())
		for a.inFlight.next() <= a.now {
			a.receive(a.inFlight.take().what)
		}
		switch a.now {
		case nextCall:
			a.call(a.computes[a.random.IntN(len(a.computes))])
			nextCall += a.untilCall()
		case nextCheck:
			a.checkWarm()
			nextCheck += time.Minute
		case restart:
			a.start()
			restart = never
		}
	}
	a.report.meanRate = float64(a.report.requests) / end.Seconds()
	return a.report
}

func (a *poolSimulation) untilCall() time.Duration {
	return 1 + time.Duration(a.random.ExpFloat64()*float64(callEvery)/float64(a.report.computes))
}

// start makes a new pool, which all computes ask at once.
func (a *poolSimulation) start() {
	options := PoolOptions{Rate: a.report.rate}
	options.random = a.random.Float64
	options.setDefaults()
	a.schedule = newPoolSchedule(&options)
	a.schedule.setKeep(true, a.now)
	a.computes, a.numbers = nil, map[*compute]int{}
	a.waiting = map[*compute]waiters{}
	a.inFlight = nil
	a.started, a.warm = a.now, false
	for i := range a.report.computes {
		c := a.schedule.add(computeID{fleet, fmt.Sprint("compute-", i)})
		a.computes, a.numbers[c] = append(a.computes, c), i
	}
	for _, i := range a.random.Perm(len(a.computes)) {
		a.call(a.computes[i])
	}
}

// call is a caller, who waits until there is a token.
func (a *poolSimulation) call(c *compute) {
	token, f, err := a.schedule.ask(c, a.now)
	switch {
	case err != nil:
		panic(fmt.Sprint("no error is final in this model: ", err))
	case token != nil:
		a.serve(token)
	default:
		w, ok := a.waiting[c]
		if !ok {
			w.since = a.now
		}
		w.flight = f
		a.waiting[c] = w
		if a.warm {
			a.report.waited++
		}
	}
}

func (a *poolSimulation) serve(token *Token) {
	a.report.served++
	if !epoch.Add(a.now).Before(token.Expires) {
		a.report.expired++
	}
}

func (a *poolSimulation) send(c *compute) {
	a.count()
	r := a.service.request(c, &a.tokens[a.numbers[c]], a.now)
	if r.err == errThrottled {
		a.report.throttled++
	}
	a.inFlight.add(r.at, r)
}

func (a *poolSimulation) receive(r reply) {
	c := r.compute
	if r.err != nil {
		a.report.failures++
		a.schedule.failed(c, r.err, r.sent, a.now, a.now)
	} else {
		if a.warm && !c.valid(a.now) {
			a.report.lapsed++
		}
		a.schedule.succeeded(c, r.token, r.sent+r.life, a.now)
	}
	w, ok := a.waiting[c]
	switch {
	case !ok:
	case c.flight == nil && r.err == nil:
		delete(a.waiting, c)
		for range w.flight.waiters {
			a.serve(c.token)
		}
		if a.warm {
			a.report.longest = max(a.report.longest, a.now-w.since)
		}
	case c.flight == nil: // they got the error, and ask again
		waiters := w.flight.waiters
		_, w.flight, _ = a.schedule.ask(c, a.now)
		w.flight.waiters = waiters
		a.waiting[c] = w
	}
}

func (a *poolSimulation) checkWarm() {
	if a.warm || slices.ContainsFunc(a.computes, func(c *compute) bool { return !c.valid(a.now) }) {
		return
	}
	a.warm = true
	a.report.warmUps = append(a.report.warmUps, a.now-a.started)
}

func (a *poolSimulation) count() {
	a.report.requests++
	if second := int(a.now / time.Second); second != a.second {
		a.second, a.inSecond = second, 0
	}
	if minute := int(a.now / time.Minute); minute != a.minute {
		a.minute, a.inMinute = minute, 0
	}
	a.inSecond++
	a.inMinute++
	a.report.peakSecond = max(a.report.peakSecond, a.inSecond)
	a.report.peakMinute = max(a.report.peakMinute, float64(a.inMinute)/60)
}
