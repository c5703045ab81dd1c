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
	// Config configures the S3 client: its HTTP client, endpoint, retries, logs
	// and so on. It is usually the result of config.LoadDefaultConfig. Region and
	// Credentials of Config are not used: Upload uses the region of the GameLift
	// client and the credentials of the build. Nil means an empty aws.Config,
	// which has the defaults of the SDK and reads neither the environment nor
	// shared files.
	Config *aws.Config

	// S3Options change the options of the S3 client after Config is applied. Nil
	// functions are skipped.
	S3Options []func(*s3.Options)

	// PartSize is the size of a part in bytes, at least 5 MiB and at most 5 GiB.
	// Zero means 8 MiB. If the source needs more than 10,000 parts of this size,
	// the parts are larger. Upload keeps up to Concurrency + 2 parts in memory.
	PartSize int64

	// Concurrency is the number of parts that are sent at one time, at most 10,000.
	// Zero means 4.
	Concurrency int

	// Symlinks is the policy for symbolic links in a directory. The default is
	// FollowSymlinks.
	Symlinks Symlinks

	// CredentialsLifetime is how long the credentials are used, counted from the
	// time before RequestUploadCredentials is called, because the service does
	// not say when they expire. If S3 refuses them as expired, they are renewed
	// earlier. Zero means 10 minutes. If CredentialsLifetime is negative, the
	// credentials are used until S3 refuses them.
	CredentialsLifetime time.Duration

	// Progress is called while the upload makes progress, by one goroutine at a
	// time, and never after Upload has returned. total is the size in bytes of
	// the files in the source, or of the zip file. done is the number of these
	// bytes that have been sent. It never falls, and equals total once: in the
	// last call, after S3 has acknowledged the object. If Upload returns an
	// error, done has never equaled total. The upload waits while Progress runs.
	// If Progress panics, the upload ends with an error; a panic in the last call
	// reaches the caller of Upload. If Progress is nil, it is not called.
	Progress func(done, total int64)
}

// Symlinks is a policy for the symbolic links in a directory. With each policy,
// a link that is absolute, or leads out of the source, to nothing or in a circle,
// is an error.
type Symlinks int

const (
	// FollowSymlinks puts the file or directory that a link leads to into the
	// archive, under the name of the link.
	FollowSymlinks Symlinks = iota

	// StoreSymlinks puts the link itself into the archive. The program that
	// unpacks the archive must support links. A link to a directory around it is
	// not a circle.
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

// validate returns an error that names every invalid option, or nil.
func (o Options) validate() error {
	var errs []error
	if o.PartSize < minPartSize || o.PartSize > maxPartSize {
		errs = append(errs, fmt.Errorf("Options.PartSize is %d: want %d to %d, or 0", o.PartSize, minPartSize, int64(maxPartSize)))
	}
	if o.Concurrency < 0 || o.Concurrency > maxParts {
		errs = append(errs, fmt.Errorf("Options.Concurrency is %d: want 1 to %d, or 0", o.Concurrency, maxParts))
	}
	if o.Symlinks != FollowSymlinks && o.Symlinks != StoreSymlinks {
		errs = append(errs, fmt.Errorf("Options.Symlinks is %d: want FollowSymlinks or StoreSymlinks", o.Symlinks))
	}
	return errors.Join(errs...)
}
