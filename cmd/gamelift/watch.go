package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gamelift-compute/gamelift"
	"github.com/gamelift-compute/gamelift/authtoken"
)

// lookInterval is how often watch checks whether the token has expired.
const lookInterval = time.Second

// watch keeps a token in the file until ctx is done, and returns the cause. It
// replaces the file when the token is renewed, and removes it when the token
// expires. If the first token cannot be written, watch returns the error. If a
// later one cannot, watch reports it and tries again.
func watch(ctx context.Context, client *gamelift.Client, compute compute, file string,
	form func(*gamelift.GetComputeAuthTokenOutput, compute) (string, error)) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--watch %s: it is not a regular file", file)
	}
	recorder := &recorder{Client: client}
	renewed := make(chan struct{}, 1)
	source := authtoken.NewSource(recorder, compute.fleetID, compute.name, func(o *authtoken.Options) {
		o.OnRefresh = func(authtoken.Token) {
			select {
			case renewed <- struct{}{}:
			default:
			}
		}
		o.OnFailure = func(err *authtoken.FetchError) { report(err) }
	})
	go source.Run(ctx)

	done, cancel := context.WithCancel(ctx)
	cancel() // so that Token does not wait
	look := time.NewTicker(lookInterval)
	defer look.Stop()
	var (
		written authtoken.Token // in the file; the zero value if there is no file
		failed  authtoken.Token // the last one that could not be written
		started bool            // whether a token has been written
	)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-renewed:
		case <-look.C:
		}
		token, err := source.Token(done)
		expired := err != nil
		if !expired && token != written {
			text, err := form(recorder.last.Load(), compute)
			if err == nil {
				err = replaceFile(file, text)
			}
			switch {
			case err == nil:
				written, started = token, true
			case !started:
				return err
			default:
				if token != failed {
					report(err)
				}
				failed = token
				expired = time.Now().After(written.Expires)
			}
		}
		if expired && written.Value != "" {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			written = authtoken.Token{}
		}
	}
}

// recorder keeps the last response, which has more members than a Token.
type recorder struct {
	*gamelift.Client
	last atomic.Pointer[gamelift.GetComputeAuthTokenOutput]
}

func (r *recorder) GetComputeAuthToken(ctx context.Context, params *gamelift.GetComputeAuthTokenInput,
	optFns ...func(*gamelift.Options)) (*gamelift.GetComputeAuthTokenOutput, error) {
	out, err := r.Client.GetComputeAuthToken(ctx, params, optFns...)
	if err == nil {
		r.last.Store(out)
	}
	return out, err
}

// replaceFile replaces a file by one with the content and mode 0600. A reader sees
// the old file or the new one, never a part.
func replaceFile(name, content string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.WriteString(content)
	if err := errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
