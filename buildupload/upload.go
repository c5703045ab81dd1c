package buildupload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/awsconfig"
)

// collectEvery is the number of blocks after which Upload runs the garbage
// collector. On its own, the collector waits until there is as much garbage as
// there are parts in memory.
const collectEvery = 1024

// Result describes the object that Upload has stored.
type Result struct {
	// Bucket is the bucket of the object.
	Bucket string

	// Key is the key of the object in the bucket.
	Key string

	// Size is the size of the object in bytes.
	Size int64

	// Files is the number of files and stored links in the archive. Directories
	// do not count.
	Files int
}

// Upload uploads the build at source, a directory or a zip file, to the bucket
// and key that RequestUploadCredentials returns. buildID is the ID or the ARN of
// a build that CreateBuild made without a storage location. Nil functions are
// skipped.
//
// Upload checks the whole source before it sends anything. The source must not
// be absent or empty (ErrEmpty), and must be a directory or a zip file. A
// directory must not contain a link that leads out (ErrOutside), to nothing or
// in a circle, a device, a socket, a pipe, or a file that cannot be read. The
// error names the path. The package documentation describes the archive that is
// made of a directory.
//
// The errors of RequestUploadCredentials and of S3 are in the chain of the
// error. On any error the multipart upload is aborted; if that fails too, both
// errors are in the chain. If ctx is done, errors.Is finds context.Canceled or
// context.DeadlineExceeded, and Upload returns after the abort. That takes 30
// seconds at most, or 60 if S3 was just creating the multipart upload.
//
// Upload is safe for concurrent use.
func Upload(ctx context.Context, client *gamelift.Client, buildID, source string, optFns ...func(*Options)) (*Result, error) {
	result, err := upload(ctx, client, buildID, source, optFns)
	if err != nil {
		if done := ctx.Err(); done != nil && !errors.Is(err, done) {
			err = fmt.Errorf("%w: %w", done, err) // the cause of ctx is another error
		}
		return nil, fmt.Errorf("buildupload: %w", err)
	}
	return result, nil
}

func upload(ctx context.Context, client *gamelift.Client, buildID, name string, optFns []func(*Options)) (*Result, error) {
	options, err := newOptions(optFns)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return nil, errors.New("the client is nil")
	}
	source, err := openSource(ctx, name, options.Symlinks)
	if err != nil {
		return nil, err
	}
	defer source.close()

	sending, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	keys := newKeys(awsconfig.NewUploadCredentials(client, buildID, func(o *awsconfig.ProviderOptions) {
		o.Lifetime = options.CredentialsLifetime
	}), fail)
	if _, err := keys.Retrieve(ctx); err != nil {
		return nil, err
	}
	bucket, key := *keys.target.Bucket, *keys.target.Key

	meter := newMeter(source.total, options.Progress, fail)
	defer meter.stop()
	storage := newStorage(client.Options().Region, keys, meter, fail, options)
	defer storage.connections.close()

	if err := storage.send(sending, source, bucket, key, meter, options); err != nil {
		fail(err)
		err = context.Cause(sending) // the first failure, which caused the others
		if abortErr := storage.abort(ctx, bucket, key); abortErr != nil {
			err = fmt.Errorf("%w; %w", err, abortErr)
		}
		return nil, err
	}
	meter.finish()
	return &Result{Bucket: bucket, Key: key, Size: meter.written, Files: source.files}, nil
}

// send stores the archive of source.
func (s *storage) send(ctx context.Context, source *source, bucket, key string, meter *meter, options Options) error {
	reader, writer := io.Pipe()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer reader.Close()
	// The transfer manager does not look at ctx while it reads.
	defer context.AfterFunc(ctx, func() { writer.CloseWithError(context.Cause(ctx)) })()
	blocks := 0
	onRead := func(n int) {
		meter.addRead(n)
		if blocks++; blocks%collectEvery == 0 {
			runtime.GC()
		}
	}
	wg.Go(func() {
		err := source.writeTo(ctx, meteredWriter{writer, meter}, onRead)
		if err != nil {
			s.fail(err)
		}
		writer.CloseWithError(err)
	})
	partSize := max(options.PartSize, source.maxArchiveSize()/maxParts+1)
	manager := transfermanager.New(s, func(o *transfermanager.Options) {
		o.PartSizeBytes = partSize
		o.MultipartUploadThreshold = partSize
		o.Concurrency = options.Concurrency
		o.RequestChecksumCalculation = s.Client.Options().RequestChecksumCalculation
	})
	_, err := manager.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: aws.String(bucket),
		Key:    aws.String(key),
		Body:   reader,
	})
	if err == nil {
		err = s.completeErr
	}
	if err != nil {
		s.fail(err) // before the pipe is closed, which fails the writer
	}
	return err
}
