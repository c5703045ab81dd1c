package benchmarks

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOutputs compares what the peers make of the stub's answer, without a
// network and over one.
func TestOutputs(t *testing.T) {
	t.Parallel()
	for _, operation := range operations {
		var want map[string]any
		for _, p := range peers() {
			canned := p.canned(operation)
			server := httptest.NewServer(canned)
			defer server.Close()
			for where, call := range map[string]call{
				"in-process":    p.inProcess(operation),
				"over loopback": p.calls(p.client(server.URL, nil, canned.requestHeader))[operation],
			} {
				out, err := call(t.Context())
				if err != nil {
					t.Fatalf("%s with %s %s: %v", operation, p.name, where, err)
				}
				got := members(t, out)
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s with %s %s (-%s +got):\n%s", operation, p.name, where, peers()[0].name, diff)
				}
			}
		}
		if len(want) < 2 {
			t.Errorf("%s: the output has only the members %v", operation, want)
		}
	}
}

// members returns an output as it would be on the wire: without the members
// that are not set, and with the time as epoch seconds.
func members(t *testing.T, out any) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(encoded, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "ResultMetadata") // of the SDK
	if text, ok := all["ExpirationTimestamp"].(string); ok {
		expires, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		all["ExpirationTimestamp"] = float64(expires.UnixMilli()) / 1e3
	}
	dropUnset(all)
	return all
}

func dropUnset(members map[string]any) {
	for name, value := range members {
		if value == nil || value == "" {
			delete(members, name)
		} else if nested, ok := value.(map[string]any); ok {
			dropUnset(nested)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, p := range peers() {
		_, err := p.inProcess(notFound)(t.Context())
		if err == nil || p.notFound != nil && !p.notFound(err) {
			t.Errorf("%s: got %v, want a NotFoundException", p.name, err)
		}
	}
}

// TestRequests checks what the peers put on the wire: bare-headers must send as
// many bytes as the client that it copies.
func TestRequests(t *testing.T) {
	t.Parallel()
	sent := map[string]*recorder{}
	for _, p := range peers() {
		canned := p.canned(getComputeAuthToken)
		sent[p.name] = &recorder{client: canned}
		if _, err := p.calls(p.client(stubURL, sent[p.name], canned.requestHeader))[getComputeAuthToken](t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	lengths := func(peer string) map[string]int {
		all := map[string]int{}
		for name, values := range sent[peer].requestHeader {
			all[name] = len(strings.Join(values, ""))
		}
		return all
	}
	if diff := cmp.Diff(lengths("gamelift"), lengths("bare-headers")); diff != "" {
		t.Errorf("lengths of the headers (-gamelift +bare-headers):\n%s", diff)
	}
	if got := len(lengths("bare")); got != 2 {
		t.Errorf("bare sends %d headers, want 2", got)
	}
}

// TestCannedCostsNothing holds the canned answer to no allocation: what an
// in-process benchmark counts is the client's.
func TestCannedCostsNothing(t *testing.T) {
	canned := ours.canned(getComputeAuthToken)
	if allocs := testing.AllocsPerRun(100, func() { _, _ = canned.Do(nil) }); allocs != 0 {
		t.Errorf("canned.Do makes %v allocations", allocs)
	}
}

// TestSignatures checks that every peer signs: the stub refuses what it cannot
// verify.
func TestSignatures(t *testing.T) {
	t.Parallel()
	for _, p := range peers() {
		if p.sign == nil {
			continue
		}
		if status := p.canned(getComputeAuthToken).answer.StatusCode; status != 200 {
			t.Errorf("%s: the stub answers with status %d", p.name, status)
		}
		request := httptest.NewRequestWithContext(context.Background(), "POST", stubURL, nil)
		if err := p.sign(request, nil); err != nil || !strings.HasPrefix(request.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
			t.Errorf("%s: error %v, Authorization %q", p.name, err, request.Header.Get("Authorization"))
		}
	}
}
