package buildupload

import (
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// meter measures an upload. What has been sent is counted in bytes of the
// archive, and reported in bytes of the source, at the ratio that the part of
// the archive that is written has.
type meter struct {
	mu       sync.Mutex
	report   func(done, total int64) // nil: nobody
	total    int64
	done     int64            // as last reported
	read     int64            // bytes of the source
	written  int64            // bytes of the archive
	sent     int64            // of them
	sentPart map[string]int64 // of them, by part number
}

func newMeter(total int64, report func(done, total int64)) *meter {
	return &meter{total: total, report: report, sentPart: make(map[string]int64)}
}

func (m *meter) addRead(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read += int64(n)
}

// setSent counts that the first n bytes of a part have been sent. A part that
// is sent again counts only from where it has not been before.
func (m *meter) setSent(part string, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	more := n - m.sentPart[part]
	if more <= 0 {
		return
	}
	m.sentPart[part] = n
	m.sent += more
	done := int64(float64(m.read) * float64(m.sent) / float64(m.written))
	if done > m.done && done < m.total && m.report != nil {
		m.done = done
		m.report(done, m.total)
	}
}

// finish reports that all is done.
func (m *meter) finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.report != nil {
		m.report(m.total, m.total)
	}
}

// meteredWriter counts the bytes of the archive.
type meteredWriter struct {
	w     io.Writer
	meter *meter
}

func (w meteredWriter) Write(p []byte) (int, error) {
	w.meter.mu.Lock()
	w.meter.written += int64(len(p))
	w.meter.mu.Unlock()
	return w.w.Write(p)
}

// meteredClient counts what PutObject and UploadPart send.
type meteredClient struct {
	aws.HTTPClient
	meter *meter
}

func (c meteredClient) Do(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPut && req.Body != nil {
		metered := *req
		metered.Body = &meteredBody{ReadCloser: req.Body, meter: c.meter, part: req.URL.Query().Get("partNumber")}
		req = &metered
	}
	return c.HTTPClient.Do(req)
}

type meteredBody struct {
	io.ReadCloser
	meter *meter
	part  string
	n     int64
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	b.meter.setSent(b.part, b.n)
	return n, err
}
