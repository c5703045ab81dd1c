package buildupload_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/buildupload"
	"github.com/gamelift-compute/gamelift/gamelifttest"
	"github.com/gamelift-compute/gamelift/internal/miniotest"
	"github.com/gamelift-compute/gamelift/types"
)

// These tests need MinIO, a real S3 server, of the version that install-minio
// installs.

// oneShot keeps no connection, whose goroutines requireNothingRuns would find.
var oneShot = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// stopMinIO ends the server that startMinIO started, if there is one.
var stopMinIO = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopMinIO()
	os.Exit(code)
}

// startMinIO starts MinIO, once for all tests, and returns its URL.
var startMinIO = sync.OnceValues(func() (string, error) {
	url, stop, err := miniotest.Start()
	if err == nil {
		stopMinIO = stop
	}
	return url, err
})

// minio is a bucket of MinIO, and a stub of GameLift that hands out session
// tokens for it.
type minio struct {
	t      testing.TB
	url    string
	bucket string
	admin  *s3.Client
	stub   *gamelifttest.Server
	client *gamelift.Client
}

var buckets atomic.Int64

// newMinIO skips the test if there is no MinIO, or fails it in CI.
func newMinIO(t testing.TB) *minio {
	t.Helper()
	url, err := startMinIO()
	if err != nil {
		miniotest.SkipOrFail(t, err)
	}
	static := credentials.NewStaticCredentialsProvider(miniotest.User, miniotest.Password, "")
	m := &minio{t: t, url: url, bucket: fmt.Sprintf("bucket-%d", buckets.Add(1)), stub: gamelifttest.NewServer()}
	t.Cleanup(m.stub.Close)
	m.admin = s3.New(s3.Options{BaseEndpoint: &url, Region: region, UsePathStyle: true, Credentials: static, HTTPClient: oneShot})
	_, err = m.admin.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &m.bucket})
	require.NoError(t, err)
	m.stub.AddBuild(gamelifttest.Build{ID: gamelifttest.BuildID, Bucket: m.bucket, Key: key})

	assume := sts.New(sts.Options{BaseEndpoint: &url, Region: region, Credentials: static, HTTPClient: oneShot})
	m.client = newClient(m.stub, func(ctx context.Context) (*types.AwsCredentials, error) {
		out, err := assume.AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::111122223333:role/upload"), RoleSessionName: aws.String("upload"),
		})
		if err != nil {
			return nil, err
		}
		keys := out.Credentials
		return &types.AwsCredentials{
			AccessKeyId: keys.AccessKeyId, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken,
		}, nil
	})
	return m
}

// stored downloads the object to a file, and returns its name.
func (m *minio) stored() string {
	m.t.Helper()
	out, err := m.admin.GetObject(m.t.Context(), &s3.GetObjectInput{Bucket: &m.bucket, Key: aws.String(key)})
	require.NoError(m.t, err)
	defer out.Body.Close()
	file, err := os.CreateTemp(m.t.TempDir(), "*.zip")
	require.NoError(m.t, err)
	defer file.Close()
	_, err = io.Copy(file, out.Body)
	require.NoError(m.t, err)
	return file.Name()
}

// requireNothing checks that there is neither an object nor a multipart upload
// that is neither completed nor aborted.
func (m *minio) requireNothing() {
	m.t.Helper()
	m.requireNothingPending()
	objects, err := m.admin.ListObjectsV2(m.t.Context(), &s3.ListObjectsV2Input{Bucket: &m.bucket})
	require.NoError(m.t, err)
	require.Empty(m.t, objects.Contents)
}

func (m *minio) requireNothingPending() {
	m.t.Helper()
	// MinIO lists uploads by the whole key alone.
	uploads, err := m.admin.ListMultipartUploads(m.t.Context(), &s3.ListMultipartUploadsInput{Bucket: &m.bucket, Prefix: aws.String(key)})
	require.NoError(m.t, err)
	require.Empty(m.t, uploads.Uploads)
}

// proxy passes on to MinIO what intercept does not answer.
func (m *minio) proxy(intercept func(w http.ResponseWriter, r request) (answered bool)) http.Handler {
	target, err := url.Parse(m.url)
	require.NoError(m.t, err)
	proxy := &httputil.ReverseProxy{
		Transport: oneShot.Transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // which is signed
		},
	}
	recorder := &fakeS3{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !intercept(w, recorder.record(r)) {
			proxy.ServeHTTP(w, r)
		}
	})
}

// requireSame checks that the archive has the files of dir.
func requireSame(t testing.TB, dir, archive string) {
	t.Helper()
	r, err := zip.OpenReader(archive)
	require.NoError(t, err)
	defer r.Close()
	for _, entry := range r.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		content, err := entry.Open()
		require.NoError(t, err)
		require.Equal(t, fileSum(t, filepath.Join(dir, entry.Name)), sum(t, content), entry.Name)
	}
}

func fileSum(t testing.TB, name string) string {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	return sum(t, file)
}

func sum(t testing.TB, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	hash := sha256.New()
	_, err := io.Copy(hash, r)
	require.NoError(t, err)
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// writeBuild writes files of so many bytes in all to dir, from 1 KiB to 32 MiB.
// Every other one is text, and the rest does not compress.
func writeBuild(t testing.TB, dir string, size int64) {
	t.Helper()
	random := noise(1 << 20)
	text := words(1 << 20)
	for i := 0; size > 0 || i == 0; i++ {
		n := min(size, int64(1)<<(10+i%16))
		block := random
		if i%2 == 1 {
			block = text
		}
		name := filepath.Join(dir, fmt.Sprintf("data/%02d/file-%d.bin", i%10, i))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		file, err := os.Create(name)
		require.NoError(t, err)
		for left := n; left > 0; {
			k := min(left, int64(len(block)))
			_, err := file.WriteString(block[:k])
			require.NoError(t, err)
			left -= k
		}
		require.NoError(t, file.Close())
		size -= n
	}
}

// words returns n bytes of words in random order.
func words(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := make([]string, 4000)
	for i := range vocabulary {
		word := make([]byte, 2+r.IntN(9))
		for j := range word {
			word[j] = 'a' + byte(r.IntN(26))
		}
		vocabulary[i] = string(word) + " "
	}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(vocabulary[r.IntN(len(vocabulary))])
	}
	return b.String()[:n]
}

// writeZip writes a stored zip file of about so many bytes.
func writeZip(t testing.TB, name string, size int64) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	w := zip.NewWriter(file)
	block := []byte(noise(1 << 20))
	for i := 0; size > 0 || i == 0; i++ {
		n := min(size, int64(len(block)))
		entry, err := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprint(i), CRC32: crc32.ChecksumIEEE(block[:n]), CompressedSize64: uint64(n), UncompressedSize64: uint64(n),
		})
		require.NoError(t, err)
		_, err = entry.Write(block[:n])
		require.NoError(t, err)
		size -= n
	}
	require.NoError(t, w.Close())
	require.NoError(t, file.Close())
}

// skipLarge skips a test of hundreds of megabytes where it would take minutes.
func skipLarge(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("too slow with -short or the race detector")
	}
}

func TestMinIOSizes(t *testing.T) {
	for _, size := range []int64{0, 1, 8<<20 - 1000, 8 << 20, 30e6, 100e6, 600e6} {
		for _, zipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d %v", size, zipped), func(t *testing.T) {
				if size >= 100e6 {
					skipLarge(t)
				}
				m := newMinIO(t)
				source := t.TempDir()
				if zipped {
					source = filepath.Join(source, "build.zip")
					writeZip(t, source, size)
				} else {
					writeBuild(t, source, size)
				}
				var reported progress
				before := goleak.IgnoreCurrent()
				result, err := buildupload.Upload(t.Context(), m.client, gamelifttest.BuildID, source, minioAt(m.url), reported.set)
				require.NoError(t, err)
				requireNothingRuns(t, m.client, before)
				stored := m.stored()
				info, err := os.Stat(stored)
				require.NoError(t, err)
				require.Equal(t, info.Size(), result.Size)
				total := size
				if zipped {
					total = info.Size()
					require.Equal(t, fileSum(t, source), fileSum(t, stored))
				} else {
					requireSame(t, source, stored)
				}
				reported.check(t, total)
				m.requireNothingPending()
			})
		}
	}
}

// minioAt makes Upload call MinIO with the defaults otherwise.
func minioAt(url string) func(*buildupload.Options) {
	return func(o *buildupload.Options) {
		o.S3Options = append(o.S3Options, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = &url, true })
	}
}

// Between the client and MinIO, something goes wrong, and the upload succeeds.
func TestMinIOFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeBuild(t, dir, 40e6)
	var cut, slow atomic.Int64
	var first atomic.Value // the access key ID of the first part
	for name, test := range map[string]struct {
		intercept func(w http.ResponseWriter, r request) bool
		requested int // credentials
	}{
		"expired token": {func(w http.ResponseWriter, r request) bool {
			if r.operation != "UploadPart" {
				return false
			}
			first.CompareAndSwap(nil, r.accessKeyID)
			expired := r.before >= 2 && r.accessKeyID == first.Load()
			if expired {
				_, _ = io.Copy(io.Discard, r.Body)
				fail(w, http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
			}
			return expired
		}, 2},
		"cut connection": {func(w http.ResponseWriter, r request) bool {
			if r.operation == "UploadPart" && r.before%3 == 1 && cut.Add(1) <= 2 {
				_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
				panic(http.ErrAbortHandler)
			}
			return false
		}, 1},
		"slow down": {func(w http.ResponseWriter, r request) bool {
			down := r.operation != "PutObject" && r.before%4 == 0 && slow.Add(1) <= 3
			if down {
				_, _ = io.Copy(io.Discard, r.Body)
				fail(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
			}
			return down
		}, 1},
		"none, through TLS": {func(http.ResponseWriter, request) bool { return false }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMinIO(t)
			proxy := httptest.NewUnstartedServer(m.proxy(test.intercept))
			if strings.Contains(name, "TLS") {
				proxy.StartTLS()
			} else {
				proxy.Start()
			}
			t.Cleanup(proxy.Close)
			var reported progress
			_, err := buildupload.Upload(t.Context(), m.client, gamelifttest.BuildID, dir, endpoint(proxy.URL), reported.set,
				func(o *buildupload.Options) { o.Config = &aws.Config{HTTPClient: proxy.Client()} })
			require.NoError(t, err)
			requireSame(t, dir, m.stored())
			m.requireNothingPending()
			reported.check(t, 40e6)
			require.Equal(t, test.requested, requested(m.stub))
		})
	}
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		require.Positive(t, cut.Load())
		require.Positive(t, slow.Load())
	})
}

// The upload ends early, and leaves nothing behind.
func TestMinIOFailures(t *testing.T) {
	dir := t.TempDir()
	writeBuild(t, dir, 40e6)
	for name, at := range map[string]int{"first part": 0, "later part": 3} {
		for _, cancels := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " ", cancels), func(t *testing.T) {
				m := newMinIO(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				proxy := httptest.NewServer(m.proxy(func(w http.ResponseWriter, r request) bool {
					if r.operation != "UploadPart" || r.before != at {
						return false
					}
					if cancels {
						_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
						cancel()
						_, _ = io.Copy(io.Discard, r.Body) // until the client has left
						return true
					}
					_, _ = io.Copy(io.Discard, r.Body)
					fail(w, http.StatusForbidden, "AccessDenied", "Access Denied")
					return true
				}))
				t.Cleanup(proxy.Close)
				before := goleak.IgnoreCurrent()
				_, err := buildupload.Upload(ctx, m.client, gamelifttest.BuildID, dir, endpoint(proxy.URL))
				requireNothingRuns(t, m.client, before)
				if cancels {
					require.ErrorIs(t, err, context.Canceled)
				} else {
					requireCode(t, err, "AccessDenied")
				}
				m.requireNothing()
			})
		}
	}
}

// What a key may not do, MinIO refuses itself.
func TestMinIORefusesKeys(t *testing.T) {
	t.Parallel()
	m := newMinIO(t)
	client := newClient(m.stub, credentialsNumbered())
	_, err := buildupload.Upload(t.Context(), client, gamelifttest.BuildID, tree(t, map[string]string{"a": "x"}), minioAt(m.url))
	requireCode(t, err, "InvalidAccessKeyId")
	require.NotContains(t, err.Error(), "very-secret")
	m.requireNothing()
}
