package authtoken

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var quotaResults = flag.String("quota-results", "", "TestQuotaSimulation: simulate every account with every outage and seed, which takes half an hour of CPU time, and write the results to this file")

// An account is used by Sources, each on a host of its own, and by Pools. None
// of them knows of the others.
type account struct {
	Sources, Pools, Each int // Each is the computes of one pool
}

func (a account) String() string {
	switch {
	case a.Pools == 0:
		return fmt.Sprintf("%d Sources", a.Sources)
	case a.Sources == 0:
		return fmt.Sprintf("%d Pools of %d", a.Pools, a.Each)
	}
	return fmt.Sprintf("%d Sources, %d Pools of %d", a.Sources, a.Pools, a.Each)
}

func (a account) computes() int { return a.Sources + a.Pools*a.Each }

var accounts = []account{
	{Sources: 10_000},
	{Sources: 20_000},
	{Sources: 40_000},
	{Pools: 10, Each: 2_000},
	{Pools: 10, Each: 3_000},
	{Pools: 20, Each: 2_000},
	{Sources: 10_000, Pools: 10, Each: 1_000},
	{Sources: 20_000, Pools: 5, Each: 3_000},
	{Sources: 10_000, Pools: 10, Each: 3_000},
}

const (
	quotaSimulationTime = 48 * time.Hour
	secondDay           = 24 * time.Hour
	bootTime            = time.Minute // in which all hosts and pools start
	cycle               = tokenLife - window + entry

	seriesStep = 10 * time.Minute
)

// outageStarts are times of an outage: early, in the middle and late in the first
// wave of renewals, and in later ones. The last two have their effect on the
// second day.
var outageStarts = []time.Duration{
	cycle + 5*time.Minute,
	cycle + 35*time.Minute,
	cycle + 65*time.Minute,
	4*cycle + 5*time.Minute,
	8*cycle + 35*time.Minute,
	12*cycle + 65*time.Minute,
}

const outagesOfFirstDay = 4

// quotaReport is the result of one simulation.
type quotaReport struct {
	LapsedHosts, LapsedPooled int     // that were without a valid token after their first
	HoursWithout              float64 // of all computes together, after their first token
	Throttled                 float64 // the part of the second day's requests
	FirstTokens               float64 // until all had one, as a multiple of what the quota needs
	Series                    []quotaSample
}

// quotaSample is the mean of one seriesStep.
type quotaSample struct {
	Offered, Served float64 // requests per second
	Valid           float64 // the part of the computes with a valid token, at the end
}

// member is a Source or a Pool.
type member struct {
	*schedule
	pool    bool
	wakesAt time.Duration // never if nothing is due
}

// hosted is a compute and what became of it.
type hosted struct {
	member  *member
	compute *compute
	token   issued
	first   time.Duration // when it had its first token; 0 before
	without time.Duration // how long it had no valid token after that
}

// happening is a reply, or if compute is nil, the time for a member to look at
// its schedule.
type happening struct {
	member *member
	hosted *hosted
	reply  reply
}

type quotaSimulation struct {
	account
	random  *rand.Rand
	service *service
	events  events[happening]
	now     time.Duration
	hosted  map[*compute]*hosted

	requests, throttled int // on the second day
	offered, served     int // in the present step
	report              quotaReport
}

func simulateQuota(a account, seed uint64, outage time.Duration) quotaReport {
	random := rand.New(rand.NewPCG(seed, 1))
	outages := []spell{{from: outage, to: outage + longestOutage, silent: seed%2 == 0}}
	s := &quotaSimulation{
		account: a,
		random:  random,
		service: newService(random, outages, nil),
		hosted:  map[*compute]*hosted{},
	}
	options := PoolOptions{ForgetAfter: 2 * quotaSimulationTime}
	options.random = random.Float64
	options.setDefaults()
	for range a.Sources {
		s.start(&member{schedule: newSchedule(&options.Options)}, 1)
	}
	for range a.Pools {
		s.start(&member{schedule: newPoolSchedule(&options), pool: true}, a.Each)
	}
	for sampled := seriesStep; ; {
		s.now = min(s.events.next(), quotaSimulationTime)
		for ; sampled <= s.now; sampled += seriesStep {
			s.sample(sampled)
		}
		if s.now == quotaSimulationTime {
			break
		}
		what := s.events.take().what
		if what.hosted != nil {
			s.receive(what.hosted, what.reply)
		} else if what.member.wakesAt != s.now {
			continue // it was woken in between
		}
		s.look(what.member)
	}
	for _, h := range s.hosted {
		h.lived(s.now)
		if h.first == 0 {
			s.report.FirstTokens = 1e9 // there is none
		}
		switch {
		case h.without == 0:
		case h.member.pool:
			s.report.LapsedPooled++
		default:
			s.report.LapsedHosts++
		}
		s.report.HoursWithout += h.without.Hours()
		s.report.FirstTokens = max(s.report.FirstTokens, h.first.Seconds()*quotaRate/float64(a.computes()))
	}
	s.report.Throttled = float64(s.throttled) / float64(s.requests)
	return s.report
}

// start starts a member, and for a Pool the callers that wait for first tokens.
func (s *quotaSimulation) start(m *member, computes int) {
	m.wakesAt = time.Duration(s.random.Int64N(int64(bootTime)))
	for range computes {
		c := m.add(computeID{fleet, fmt.Sprint("compute-", len(s.hosted))})
		s.hosted[c] = &hosted{member: m, compute: c}
		m.ask(c, m.wakesAt)
	}
	m.setKeep(true, m.wakesAt)
	s.events.add(m.wakesAt, happening{member: m})
}

// look sends what is due.
func (s *quotaSimulation) look(m *member) {
	for {
		c, wait, idle := m.next(s.now, s.now)
		if c != nil {
			s.send(s.hosted[c])
			continue
		}
		if m.wakesAt = never; !idle {
			m.wakesAt = s.now + wait
			s.events.add(m.wakesAt, happening{member: m})
		}
		return
	}
}

func (s *quotaSimulation) send(h *hosted) {
	r := s.service.request(h.compute, &h.token, s.now)
	s.events.add(r.at, happening{member: h.member, hosted: h, reply: r})
	s.offered++
	if r.err == nil {
		s.served++
	}
	if s.now >= secondDay {
		s.requests++
		if r.err == errThrottled {
			s.throttled++
		}
	}
}

func (s *quotaSimulation) receive(h *hosted, r reply) {
	if r.err != nil {
		h.member.failed(h.compute, r.err, r.sent, s.now, s.now)
		if h.first == 0 {
			h.member.ask(h.compute, s.now) // its callers got the error, and ask again
		}
		return
	}
	h.lived(s.now)
	if h.first == 0 {
		h.first = s.now
	}
	h.member.succeeded(h.compute, r.token, r.sent+r.life, s.now)
}

// lived counts the time without a token when a token comes, and at the end.
func (h *hosted) lived(now time.Duration) {
	if h.first > 0 {
		h.without += max(0, now-h.compute.expiresAt)
	}
}

func (s *quotaSimulation) sample(at time.Duration) {
	valid := 0
	for c := range s.hosted {
		if c.valid(at) {
			valid++
		}
	}
	s.report.Series = append(s.report.Series, quotaSample{
		Offered: float64(s.offered) / seriesStep.Seconds(),
		Served:  float64(s.served) / seriesStep.Seconds(),
		Valid:   float64(valid) / float64(s.computes()),
	})
	s.offered, s.served = 0, 0
}

// quotaRow is a row of the table in SIMULATION.md.
type quotaRow struct {
	Account                       string
	Computes, Runs                int
	LapsedHosts, MostLapsedHosts  int // of all runs together; of the worst run
	LapsedPooled, MostLapsedPools int
	HoursWithout                  float64 // of all runs together
	Throttled                     float64 // at most, with the outage on the first day
	ThrottledAnyOutage            float64 // at most
	FirstTokens                   float64 // at most
}

func (row *quotaRow) add(r quotaReport, outage int) {
	row.Runs++
	row.LapsedHosts += r.LapsedHosts
	row.LapsedPooled += r.LapsedPooled
	row.MostLapsedHosts = max(row.MostLapsedHosts, r.LapsedHosts)
	row.MostLapsedPools = max(row.MostLapsedPools, r.LapsedPooled)
	row.HoursWithout += r.HoursWithout
	if outage < outagesOfFirstDay {
		row.Throttled = max(row.Throttled, r.Throttled)
	}
	row.ThrottledAnyOutage = max(row.ThrottledAnyOutage, r.Throttled)
	row.FirstTokens = max(row.FirstTokens, r.FirstTokens)
}

// TestQuotaSimulation simulates many Sources and Pools that share an account's
// quota, on a clock that jumps from event to event. Every go test simulates one
// account of each kind once. With -quota-results it simulates all of them, with
// each outage and ten seeds.
func TestQuotaSimulation(t *testing.T) {
	t.Parallel()
	if *quotaResults != "" {
		simulateAllQuotas(t)
		return
	}
	for _, a := range []account{{Sources: 5_000}, {Pools: 5, Each: 1_000}, {Sources: 2_500, Pools: 5, Each: 500}} {
		t.Run(a.String(), func(t *testing.T) {
			t.Parallel()
			r := simulateQuota(a, 1, outageStarts[0])
			assert.Zero(t, r.LapsedHosts)
			assert.Zero(t, r.LapsedPooled)
			assert.Less(t, r.Throttled, 0.1)
			assert.Less(t, r.FirstTokens, 2.0)
			outage := r.Series[outageStarts[0]/seriesStep]
			assert.Less(t, outage.Served, outage.Offered, "or the above says nothing")
			assert.Equal(t, 1.0, r.Series[len(r.Series)-1].Valid)
		})
	}
}

func simulateAllQuotas(t *testing.T) {
	const seeds = 10
	var results struct {
		Rows   []quotaRow
		Series []quotaSample // of 40,000 Sources
	}
	running := make(chan bool, runtime.GOMAXPROCS(0))
	for _, a := range accounts {
		reports := make([]quotaReport, seeds*len(outageStarts))
		var wg sync.WaitGroup
		for i := range reports {
			running <- true
			wg.Go(func() {
				reports[i] = simulateQuota(a, uint64(i/len(outageStarts)+1), outageStarts[i%len(outageStarts)])
				<-running
			})
		}
		wg.Wait()
		row := quotaRow{Account: a.String(), Computes: a.computes()}
		for i, r := range reports {
			row.add(r, i%len(outageStarts))
		}
		if a.Sources == 40_000 {
			results.Series = reports[0].Series
		}
		t.Logf("%+v", row)
		results.Rows = append(results.Rows, row)
	}
	text, err := json.MarshalIndent(results, "", "\t")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(*quotaResults, append(text, '\n'), 0o644))
}
