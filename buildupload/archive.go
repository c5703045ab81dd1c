package buildupload

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"
)

// The bytes of an archive depend on these.
const (
	blockSize  = 128 << 10 // bytes that are read and deflated at one time
	windowSize = 32 << 10  // how far back a match can be
	level      = 6
)

// maxDeflaters bounds the memory that deflating takes on a large machine.
const maxDeflaters = 4

// archiver writes a directory as a zip file. One goroutine reads the files in
// blocks. A goroutine for each block deflates it. The caller of writeArchive
// writes the blocks in order.
type archiver struct {
	source  *source
	queue   chan *block // in the order of the archive; closed after the last
	free    chan *block
	writers chan *flate.Writer // one for each block that is deflated at one time
	readErr error              // why queue was closed before the end
	wg      sync.WaitGroup
}

// writeArchive writes the source's directory to w as a zip file. It calls onRead
// with the number of bytes of the source that the next write to w holds.
func writeArchive(ctx context.Context, w io.Writer, s *source, onRead func(n int)) error {
	deflaters := min(runtime.GOMAXPROCS(0), maxDeflaters)
	blocks := deflaters + 2 // one to read into, one to write
	a := archiver{
		source:  s,
		queue:   make(chan *block, blocks),
		free:    make(chan *block, blocks),
		writers: make(chan *flate.Writer, deflaters),
	}
	for range blocks {
		a.free <- newBlock()
	}
	for range deflaters {
		writer, err := flate.NewWriter(nil, level)
		if err != nil {
			return err
		}
		a.writers <- writer
	}
	ctx, cancel := context.WithCancel(ctx)
	defer a.wg.Wait()
	defer cancel()
	a.wg.Go(func() {
		defer close(a.queue)
		a.readErr = a.read(ctx)
	})

	var (
		out     = zip.NewWriter(w)
		current *block
		file    io.Writer
		err     error
	)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return deflated{w, &current}, nil
	})
	for current = range a.queue {
		<-current.done
		if current.header != nil {
			if file, err = out.CreateHeader(current.header); err != nil {
				return err
			}
		}
		onRead(len(current.raw))
		if _, err := file.Write(current.raw); err != nil {
			return err
		}
		a.free <- current
	}
	if a.readErr != nil {
		return a.readErr
	}
	return out.Close()
}

// deflated replaces the compressor of archive/zip. The checksums and the sizes
// are still computed by archive/zip. Each Write gets the current block, and
// writes its deflated form.
type deflated struct {
	w       io.Writer
	current **block
}

func (d deflated) Write(raw []byte) (int, error) {
	_, err := d.w.Write((*d.current).deflated.Bytes())
	return len(raw), err
}

func (deflated) Close() error { return nil }

func (a *archiver) read(ctx context.Context) error {
	for _, e := range a.source.entries {
		var err error
		switch e.mode.Type() {
		case fs.ModeDir:
			err = a.readFrom(ctx, strings.NewReader(""), e)
		case fs.ModeSymlink:
			err = a.readFrom(ctx, strings.NewReader(e.target), e)
		default:
			err = a.readFile(ctx, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *archiver) readFile(ctx context.Context, e entry) error {
	file, err := a.source.open(e)
	if err != nil {
		return err
	}
	defer file.Close()
	return a.readFrom(ctx, file, e)
}

// readFrom reads the content of an entry from r and queues its blocks.
func (a *archiver) readFrom(ctx context.Context, r io.Reader, e entry) error {
	var (
		header   = e.header()
		previous []byte
		left     = e.size
	)
	for {
		var b *block
		select {
		case b = <-a.free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		b.header, header = header, nil
		// b may be the previous block, whose content is not needed after this.
		b.window = append(b.window[:0], previous[max(0, len(previous)-windowSize):]...)
		b.raw = b.raw[:min(left, blockSize)]
		if _, err := io.ReadFull(r, b.raw); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return a.source.errorAt(e.name, errResized)
		} else if err != nil {
			return a.source.errorAt(e.name, err)
		}
		left -= int64(len(b.raw))
		previous = b.raw
		b.last = left == 0
		a.queue <- b
		a.wg.Go(func() { b.deflate(a.writers) })
		if b.last {
			break
		}
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 {
		return a.source.errorAt(e.name, errResized)
	} else if err != nil && err != io.EOF {
		return a.source.errorAt(e.name, err)
	}
	return nil
}

// block is a piece of a file. Its deflated form depends only on its content and
// on the end of the block before, which serves as its dictionary. So the blocks
// of a file can be deflated in any order.
type block struct {
	header *zip.FileHeader // of the entry, if this is its first block
	last   bool            // of the entry
	window []byte          // the end of the block before
	raw    []byte

	deflated bytes.Buffer
	done     chan struct{} // receives when deflated is complete
}

func newBlock() *block {
	b := &block{
		window: make([]byte, 0, windowSize),
		raw:    make([]byte, 0, blockSize),
		done:   make(chan struct{}, 1),
	}
	b.deflated.Grow(blockSize + blockSize/64) // if nothing can be compressed
	return b
}

// deflate sets b.deflated, which ends on a byte boundary. The last block also
// ends the stream. Writes to a bytes.Buffer cannot fail.
func (b *block) deflate(writers chan *flate.Writer) {
	writer := <-writers
	b.deflated.Reset()
	writer.ResetDict(&b.deflated, b.window)
	_, _ = writer.Write(b.raw)
	if b.last {
		_ = writer.Close()
	} else {
		_ = writer.Flush()
	}
	writers <- writer
	b.done <- struct{}{}
}

func (e entry) header() *zip.FileHeader {
	// The archive holds the time in 32 bits, and once more as a local time.
	modified := time.Unix(min(max(e.modified, 0), math.MaxUint32), 0).UTC()
	h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: modified}
	h.SetMode(e.mode)
	return h
}
