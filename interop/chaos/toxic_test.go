package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// toxicProxies are proxies in front of one server. Each lives for a second or
// two: first it works, then connections through it get a toxic in one direction
// or in both, and then they all break and another proxy takes its place.
//
// Toxiproxy can hang in AddToxicJson and Stop: a connection of which one end has
// gone does not answer. Such a proxy is abandoned, and its connections are
// silent from then on.
type toxicProxies struct {
	t        *testing.T
	api      *toxiproxy.ApiServer
	upstream string

	mu      sync.Mutex // guards the rest
	current [proxies]*toxiproxy.Proxy
	count   map[string]int // of toxics, by type
}

func newToxicProxies(t *testing.T, upstream string) *toxicProxies {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics do not use the logger of the server
	p := &toxicProxies{
		t: t, upstream: upstream, count: map[string]int{},
		api: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
	}
	for i := range p.current {
		p.current[i] = p.start()
	}
	return p
}

func (p *toxicProxies) start() *toxiproxy.Proxy {
	proxy := toxiproxy.NewProxy(p.api, "", "127.0.0.1:0", p.upstream)
	if err := proxy.Start(); err != nil {
		p.t.Errorf("start a proxy: %v", err)
	}
	return proxy
}

// address returns where one of the current proxies listens.
func (p *toxicProxies) address(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current[n%proxies].Listen
}

// run makes proxies toxic and replaces them until done is closed.
func (p *toxicProxies) run(done <-chan struct{}) {
	var wait sync.WaitGroup
	for i := range p.current {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(*seed, uint64(i)<<32))
			proxy := p.current[i]
			for pause(done, random, 200*time.Millisecond) {
				p.within(func() { p.poison(proxy, random) })
				pause(done, random, 1500*time.Millisecond)
				p.within(proxy.Stop)
				pause(done, random, 50*time.Millisecond) // new connections are refused
				proxy = p.start()
				p.mu.Lock()
				p.current[i] = proxy
				p.mu.Unlock()
			}
			p.within(proxy.Stop)
		})
	}
	wait.Wait()
}

// within calls f and does not wait for more than a second.
func (p *toxicProxies) within(f func()) {
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		f()
	}()
	select {
	case <-returned:
	case <-time.After(time.Second):
		p.counted("abandoned")
	}
}

// pause waits for a random time. It returns false if the run is over.
func pause(done <-chan struct{}, random *rand.Rand, limit time.Duration) bool {
	select {
	case <-done:
		return false
	case <-time.After(time.Duration(random.Int64N(int64(limit)))):
		return true
	}
}

// poison adds toxics to a proxy.
func (p *toxicProxies) poison(proxy *toxiproxy.Proxy, random *rand.Rand) {
	// All random choices come first: they must not depend on what Toxiproxy does.
	var chosen []string
	for _, stream := range []string{"upstream", "downstream"} {
		kind := toxics[random.IntN(len(toxics))]
		toxic, err := json.Marshal(map[string]any{
			"type": kind.name, "stream": stream, "toxicity": min(1, 0.3+random.Float64()), "attributes": kind.attributes(random),
		})
		if err != nil {
			p.t.Error(err)
		}
		if random.IntN(4) > 0 {
			chosen = append(chosen, string(toxic))
			p.counted(kind.name)
		}
	}
	for _, toxic := range chosen {
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			p.t.Errorf("add toxic %s: %v", toxic, err)
		}
	}
}

// toxics are Toxiproxy's, with random attributes.
var toxics = []struct {
	name       string
	attributes func(*rand.Rand) map[string]int
}{
	{"latency", func(r *rand.Rand) map[string]int {
		return map[string]int{"latency": r.IntN(200), "jitter": r.IntN(200)} // milliseconds
	}},
	{"bandwidth", func(r *rand.Rand) map[string]int {
		return map[string]int{"rate": 1 + r.IntN(20)} // KB a second
	}},
	{"slow_close", func(r *rand.Rand) map[string]int {
		return map[string]int{"delay": r.IntN(1000)}
	}},
	{"reset_peer", func(r *rand.Rand) map[string]int {
		return map[string]int{"timeout": r.IntN(100)}
	}},
	{"limit_data", func(r *rand.Rand) map[string]int {
		return map[string]int{"bytes": r.IntN(20000)}
	}},
	{"timeout", func(r *rand.Rand) map[string]int {
		return map[string]int{"timeout": r.IntN(2) * r.IntN(1000)} // 0: silent until the proxy is replaced
	}},
	{"slicer", func(r *rand.Rand) map[string]int {
		return map[string]int{"average_size": 20 + r.IntN(200), "size_variation": 10, "delay": r.IntN(2000)} // microseconds
	}},
}

func (p *toxicProxies) counted(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count[name]++
}

// String returns how many toxics there were.
func (p *toxicProxies) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var counts []string
	for _, name := range slices.Sorted(maps.Keys(p.count)) {
		counts = append(counts, fmt.Sprintf("%d %s", p.count[name], name))
	}
	return "toxics: " + strings.Join(counts, ", ")
}
