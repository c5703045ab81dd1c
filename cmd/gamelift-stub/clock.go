package main

import (
	"sync/atomic"
	"time"
)

// clock is the system's clock with an offset.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time      { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) set(offset duration) { c.offset.Store(int64(offset)) }
