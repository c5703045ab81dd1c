package buildupload

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	defaultPartSize    = 8 << 20
	defaultConcurrency = 4

	// S3's limits of a multipart upload.
	minPartSize = 5 << 20
	maxPartSize = 5 << 30
	maxParts    = 10_000
)

// Options configure [Upload]. The zero value has the defaults.
type Options struct {
	// Config is how S3 is called: HTTPClient, endpoint, retries, logs and the
	// rest, as config.LoadDefaultConfig returns it. Its Region and Credentials
	// are not used: the region is the GameLift client's, and the credentials are
	// the build's. Nil means an empty aws.Config, which has the defaults of the
	// SDK and reads neither the environment nor shared files.
	Config *aws.Config

	// S3Options change the options of the S3 client after Config is applied.
	// Nil ones are skipped.
	S3Options []func(*s3.Options)

	// PartSize is the size of a part in bytes, at least 5 MiB and at most 5 GiB.
	// Zero means 8 MiB. If the source needs more than 10,000 parts of this size,
	// the parts are larger. Upload keeps up to Concurrency + 2 parts in memory.
	PartSize int64

	// Concurrency is how many parts are sent at one time. Zero means 4.
	Concurrency int

	// Symlinks is what becomes of symbolic links in a directory. The default is
	// FollowSymlinks.
	Symlinks Symlinks

	// CredentialsLifetime is how long the credentials are used, counted from
	// before RequestUploadCredentials is called, because the service does not
	// say when they expire. Credentials that S3 refuses earlier are renewed
	// then. Zero means 10 minutes. A negative CredentialsLifetime means until S3
	// refuses them.
	CredentialsLifetime time.Duration

	// Progress is called while the upload makes progress, by one goroutine at a
	// time, and never after Upload has returned. total is the size in bytes of
	// the files in the source, or of the zip file. done is how many of them have
	// been sent. It never falls, and equals total once: in the last call, after
	// S3 has acknowledged the object. If Upload returns an error, done has never
	// equaled total. The upload waits while Progress runs. Nil means no
	// reports.
	Progress func(done, total int64)
}

// Symlinks says what becomes of the symbolic links in a directory. With each
// policy, a link that is absolute, or leads out of the source, to nothing or in
// a circle, is an error.
type Symlinks int

const (
	// FollowSymlinks puts into the archive what a link leads to, file or
	// directory, under the name of the link.
	FollowSymlinks Symlinks = iota

	// StoreSymlinks puts the link itself into the archive. What unpacks the
	// archive must support links.
	StoreSymlinks
)

func newOptions(optFns []func(*Options)) (Options, error) {
	var o Options
	for _, fn := range optFns {
		if fn != nil {
			fn(&o)
		}
	}
	o.PartSize = cmp.Or(o.PartSize, defaultPartSize)
	o.Concurrency = cmp.Or(o.Concurrency, defaultConcurrency)
	return o, o.validate()
}

// validate returns every fault of the options.
func (o Options) validate() error {
	var errs []error
	if o.PartSize < minPartSize || o.PartSize > maxPartSize {
		errs = append(errs, fmt.Errorf("Options.PartSize is %d: want %d to %d, or 0", o.PartSize, minPartSize, int64(maxPartSize)))
	}
	if o.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("Options.Concurrency is %d: want 1 or more, or 0", o.Concurrency))
	}
	if o.Symlinks != FollowSymlinks && o.Symlinks != StoreSymlinks {
		errs = append(errs, fmt.Errorf("Options.Symlinks is %d: want FollowSymlinks or StoreSymlinks", o.Symlinks))
	}
	return errors.Join(errs...)
}
