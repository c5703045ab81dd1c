//go:build !unix

package benchmarks

import "time"

// processorTime returns 0: the processor's time is measured on Unix only.
func processorTime() time.Duration { return 0 }
