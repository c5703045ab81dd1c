// Package guard calls functions of the client's users from background
// goroutines, where a panic would end the process and nobody could recover it.
package guard

import (
	"fmt"
	"runtime"
)

// Call calls f on a new goroutine and returns its error. If f panics or calls
// runtime.Goexit, as a failed test does, Call returns an error that starts with
// name. Its text has the type of the panic's value rather than the value, which
// may hold a secret, except for the errors of the Go runtime.
func Call(name string, f func() error) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = fmt.Errorf("%s did not return: it called runtime.Goexit", name)
		defer func() {
			switch p := recover().(type) {
			case nil:
			case runtime.Error:
				err = fmt.Errorf("%s panicked: %w", name, p)
			default:
				err = fmt.Errorf("%s panicked with a value of type %T", name, p)
			}
		}()
		err = f()
	}()
	<-done
	return err
}
