package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/gamelift-compute/gamelift/gamelifttest"
)

const bucket, key = "builds", "111122223333/build"

// fakeS3 answers what an upload asks of S3, and keeps nothing but the operations.
type fakeS3 struct {
	*httptest.Server

	mu         sync.Mutex
	fault      fault // may be nil
	operations []string
}

// fault answers a request in place of the fake, or does something before that.
type fault func(w http.ResponseWriter, r *http.Request, operation string) (answered bool)

// newFakeS3 starts a fake to which the operator's builds go.
func (o *operator) newFakeS3() *fakeS3 {
	f := &fakeS3{}
	f.Server = httptest.NewServer(f)
	o.t.Cleanup(f.Close)
	o.stub.AddBuild(gamelifttest.Build{ID: gamelifttest.BuildID, Bucket: bucket, Key: key})
	o.env = append(o.env, "AWS_ENDPOINT_URL_S3="+f.URL)
	return f
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := map[string]string{
		"PUT": "PutObject", "PUT partNumber": "UploadPart", "POST uploads": "CreateMultipartUpload",
		"POST uploadId": "CompleteMultipartUpload", "DELETE uploadId": "AbortMultipartUpload",
	}[strings.TrimSpace(r.Method+" "+firstOf(r, "partNumber", "uploads", "uploadId"))]
	f.mu.Lock()
	f.operations = append(f.operations, operation)
	fault := f.fault
	f.mu.Unlock()
	if fault != nil && fault(w, r, operation) {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("ETag", `"etag"`)
	switch operation {
	case "CreateMultipartUpload":
		fmt.Fprint(w, `<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>`)
	case "CompleteMultipartUpload":
		fmt.Fprint(w, `<CompleteMultipartUploadResult><ETag>"etag"</ETag></CompleteMultipartUploadResult>`)
	case "AbortMultipartUpload":
		w.WriteHeader(http.StatusNoContent)
	}
}

// firstOf returns the first of the names that is a parameter of the URL.
func firstOf(r *http.Request, names ...string) string {
	for _, name := range names {
		if r.URL.Query().Has(name) {
			return name
		}
	}
	return ""
}

// inject replaces the fault, and forgets the operations.
func (f *fakeS3) inject(fault fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.operations = fault, nil
}

func (f *fakeS3) saw(operation string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.operations, operation)
}

// refuse answers with an error of S3.
func refuse(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>id-1</RequestId></Error>")
}
