package buildupload

import (
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamelift-compute/gamelift/internal/guard"
)

// meter measures an upload. It counts the bytes of the archive that have been
// sent, and reports them as bytes of the source, at the ratio of the bytes read
// and written so far.
type meter struct {
	fail context.CancelCauseFunc // ends the upload

	mu       sync.Mutex              // guards the rest
	report   func(done, total int64) // may be nil
	total    int64
	done     int64            // as last reported
	read     int64            // bytes of the source
	written  int64            // bytes of the archive
	sent     int64            // how many of the written bytes have been sent
	sentPart map[string]int64 // the same for each part, by its number
}

func newMeter(total int64, report func(done, total int64), fail context.CancelCauseFunc) *meter {
	return &meter{fail: fail, total: total, report: report, sentPart: make(map[string]int64)}
}

func (m *meter) addRead(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read += int64(n)
}

// setSent counts that the first n bytes of a part have been sent. Bytes that are
// sent again do not count again. A goroutine of the HTTP client calls setSent,
// and a panic there would end the process. So a panic of Progress ends the
// upload instead.
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
		err := guard.Call("Options.Progress", func() error { m.report(done, m.total); return nil })
		if err != nil {
			m.report = nil
			m.fail(err)
		}
	}
}

// finish reports that the upload is complete. It is the last report.
func (m *meter) finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.report != nil {
		m.report(m.total, m.total)
		m.report = nil
	}
}

// stop ends the reports. An HTTP client may read a request's body after the
// request has failed.
func (m *meter) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report = nil
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
