package buildupload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const (
	// abortTimeout is how long an upload may take to clean up after it failed or
	// was canceled.
	abortTimeout = 30 * time.Second

	// maxRenewals is how often a request is made again with fresh credentials.
	maxRenewals = 2
)

// storage is the S3 client of one upload, as the transfer manager uses it.
type storage struct {
	*s3.Client
	keys *keys
	fail context.CancelCauseFunc // ends the upload

	uploadID    *string // of the multipart upload, if there is one
	completeErr error
	connections connections
}

var _ transfermanager.S3APIClient = (*storage)(nil)

func newStorage(region string, keys *keys, meter *meter, fail context.CancelCauseFunc, options Options) *storage {
	var cfg aws.Config
	if options.Config != nil {
		cfg = options.Config.Copy()
	}
	cfg.Region, cfg.Credentials = region, keys
	s := &storage{keys: keys, fail: fail}
	s.Client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		for _, fn := range options.S3Options {
			if fn != nil {
				fn(o)
			}
		}
		if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
			o.HTTPClient = client.WithTransportOptions(s.connections.track).Freeze()
		}
		o.HTTPClient = meteredClient{o.HTTPClient, meter}
		if o.Logger != nil {
			o.Logger = keys.logger(o.Logger)
		}
	})
	return s
}

// call calls an operation, and calls it again with fresh credentials if S3
// refuses the ones that signed it. body is the input's body, or nil.
func call[In, Out any](
	ctx context.Context, s *storage, operation func(context.Context, *In, ...func(*s3.Options)) (*Out, error),
	in *In, body io.Reader, optFns []func(*s3.Options),
) (*Out, error) {
	for renewals := 0; ; renewals++ {
		out, err := operation(ctx, in, optFns...)
		if err == nil {
			return out, nil
		}
		refused := s.keys.refused(err)
		err = s.keys.scrub(err)
		if !refused || renewals == maxRenewals {
			return nil, err
		}
		if seeker, ok := body.(io.Seeker); ok {
			if _, err := seeker.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
		}
	}
}

// PutObject stores an archive that is smaller than a part.
func (s *storage) PutObject(ctx context.Context, in *s3.PutObjectInput, optFns ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	return call(ctx, s, s.Client.PutObject, in, in.Body, optFns)
}

// CreateMultipartUpload waits for the answer even if ctx ends in the meantime:
// without the upload's ID it could not be aborted.
func (s *storage) CreateMultipartUpload(ctx context.Context, in *s3.CreateMultipartUploadInput, optFns ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// The transfer manager has read the first part with io.ReadAll, which takes
	// more than twice its size. What is garbage now would add to the peak.
	debug.FreeOSMemory()
	ctx, cancel := withGrace(ctx)
	defer cancel()
	out, err := call(ctx, s, s.Client.CreateMultipartUpload, in, nil, optFns)
	if err != nil {
		return nil, err
	}
	if aws.ToString(out.UploadId) == "" {
		return nil, errors.New("the response of CreateMultipartUpload has no UploadId")
	}
	s.uploadID = out.UploadId
	return out, nil
}

// UploadPart ends the upload if it fails, so that no other part is sent.
func (s *storage) UploadPart(ctx context.Context, in *s3.UploadPartInput, optFns ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	out, err := call(ctx, s, s.Client.UploadPart, in, in.Body, optFns)
	if err != nil {
		s.fail(err)
	}
	return out, err
}

// CompleteMultipartUpload keeps its error from the transfer manager, which would
// print it to the standard logger.
func (s *storage) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput, optFns ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	out, err := call(ctx, s, s.Client.CompleteMultipartUpload, in, nil, optFns)
	if err != nil {
		s.completeErr = err
		return &s3.CompleteMultipartUploadOutput{}, nil
	}
	return out, nil
}

// AbortMultipartUpload does nothing. Upload calls abort, because the transfer
// manager drops the causes if the abort fails.
func (s *storage) AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	return &s3.AbortMultipartUploadOutput{}, nil
}

// abort aborts the multipart upload, if there is one, whether or not ctx is
// done.
func (s *storage) abort(ctx context.Context, bucket, key string) error {
	if s.uploadID == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	_, err := call(ctx, s, s.Client.AbortMultipartUpload,
		&s3.AbortMultipartUploadInput{Bucket: &bucket, Key: &key, UploadId: s.uploadID}, nil, nil)
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "NoSuchUpload" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the multipart upload %s is left behind: %w", *s.uploadID, err)
	}
	return nil
}

// withGrace returns a context that ends abortTimeout after its parent.
func withGrace(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() {
		select {
		case <-time.After(abortTimeout):
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { stop(); cancel() }
}

// connections are the connections of the SDK's own HTTP client, which has no
// method to close them.
type connections struct {
	mu     sync.Mutex
	open   []net.Conn
	closed bool
}

func (c *connections) track(transport *http.Transport) {
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.closed {
			_ = conn.Close()
			return nil, net.ErrClosed
		}
		c.open = append(c.open, conn)
		return conn, nil
	}
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.open {
		_ = conn.Close()
	}
}
