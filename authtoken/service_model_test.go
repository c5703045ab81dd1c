package authtoken

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	apierrors "github.com/gamelift-compute/gamelift/errors"
)

// The account that the simulations have.
const (
	tokenLife       = 3 * time.Hour
	quotaRate       = 5
	quotaBurst      = 10
	shortestRequest = 20 * time.Millisecond
	longestRequest  = 200 * time.Millisecond
	errorRate       = 0.01 // of requests that nothing else fails

	longestOutage = 10 * time.Minute
	fetchTimeout  = 30 * time.Second // when a request without an answer ends

	othersRate    = 2
	longestOthers = 10 * time.Minute
)

// epoch is when simulations begin.
var epoch = time.Unix(1e9, 0)

const never = time.Duration(math.MaxInt64)

// service models GetComputeAuthToken and the network before it. Its time is also
// that of the hosts, except that its Date is cut to seconds.
type service struct {
	random  *rand.Rand
	quota   bucket
	outages []spell
	others  []spell // somebody else uses othersRate of the quota
}

func newService(random *rand.Rand, outages, others []spell) *service {
	return &service{random: random, outages: outages, others: others}
}

// issued is the token that the service has of a compute.
type issued struct {
	number  int
	expires time.Duration
}

// reply is the end of a request.
type reply struct {
	compute  *compute
	sent, at time.Duration
	err      error // nil if there is a token
	token    *Token
	life     time.Duration // as the client measures it
}

// request returns the reply to a request that is sent now. The service acts on it
// half of the way to its reply.
func (s *service) request(c *compute, token *issued, now time.Duration) reply {
	latency := shortestRequest + time.Duration(s.random.Int64N(int64(longestRequest-shortestRequest)))
	r := reply{compute: c, sent: now, at: now + latency}
	arrives := now + latency/2
	if outage := in(&s.outages, arrives); outage != nil {
		r.err = errOutage
		if outage.silent {
			r.at = now + fetchTimeout
		}
		return r
	}
	rate := float64(quotaRate)
	if in(&s.others, arrives) != nil {
		rate -= othersRate
	}
	if !s.quota.take(arrives, rate) {
		r.err = errThrottled
		return r
	}
	if s.random.Float64() < errorRate {
		r.err = errInternal
		return r
	}
	if token.expires-arrives < window {
		token.expires = arrives + tokenLife
		token.number++
	}
	r.token = &Token{Value: fmt.Sprint(c.id.name, "/", token.number), Expires: epoch.Add(token.expires)}
	r.life = token.expires - arrives.Truncate(dateResolution) - dateResolution
	return r
}

// bucket is the quota's.
type bucket struct {
	used float64
	at   time.Duration
}

func (b *bucket) take(now time.Duration, rate float64) bool {
	if now > b.at {
		b.used = max(0, b.used-rate*(now-b.at).Seconds())
		b.at = now
	}
	if b.used+1 > quotaBurst {
		return false
	}
	b.used++
	return true
}

var (
	errOutage    = errors.New("outage")
	errThrottled = apierrors.FromCode("ThrottlingException", "")
	errInternal  = apierrors.FromCode("InternalServiceException", "")
)

// spell is a time in which something goes wrong.
type spell struct {
	from, to time.Duration
	silent   bool // an outage without answers
}

// in returns the spell at that time, or nil. It forgets those that are over.
func in(spells *[]spell, now time.Duration) *spell {
	for len(*spells) > 0 && now >= (*spells)[0].to {
		*spells = (*spells)[1:]
	}
	if len(*spells) > 0 && now >= (*spells)[0].from {
		return &(*spells)[0]
	}
	return nil
}

// events is a heap of what is to happen.
type events[T any] []*event[T]

type event[T any] struct {
	at   time.Duration
	what T
}

func (e *events[T]) add(at time.Duration, what T) { heap.Push(e, &event[T]{at, what}) }
func (e *events[T]) take() *event[T]              { return heap.Pop(e).(*event[T]) }

// next returns the time of the first event, or never.
func (e events[T]) next() time.Duration {
	if len(e) == 0 {
		return never
	}
	return e[0].at
}

func (e events[T]) Len() int           { return len(e) }
func (e events[T]) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events[T]) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events[T]) Push(x any)        { *e = append(*e, x.(*event[T])) }
func (e *events[T]) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
