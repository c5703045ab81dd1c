package buildupload

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

var (
	// ErrEmpty is in the chain of Upload's error if the source has no file.
	ErrEmpty = errors.New("the source has no file")

	// ErrOutside is in the chain of Upload's error if a symbolic link is
	// absolute or leads out of the source.
	ErrOutside = errors.New("the link is absolute or leads out of the source")
)

var (
	errNoSource   = errors.New("neither a directory nor a zip file")
	errIrregular  = errors.New("neither a file nor a directory nor a link")
	errCircle     = errors.New("the link leads in a circle")
	errNoTarget   = fmt.Errorf("the link leads to nothing: %w", fs.ErrNotExist)
	errLongPath   = fmt.Errorf("the path in the archive has %d bytes or more", math.MaxUint16)
	errResized    = errors.New("the file changed its size during the upload")
	errNotRegular = errors.New("the file was replaced during the upload")
)

// source is a build that has passed every check. root is set if it is a
// directory, and zipFile if it is a zip file.
type source struct {
	path    string
	root    *os.Root
	entries []entry // of a directory, in the order of the archive
	zipFile *os.File
	total   int64 // bytes of the files, or of the zip file
	files   int   // in the archive: files and stored links
}

// entry is an entry of the archive.
type entry struct {
	name     string // slash-separated, relative to the source; a directory's ends in a slash
	path     string // of the file to read, relative to the source and free of links
	target   string // of a stored link
	mode     fs.FileMode
	modified int64 // in seconds of Unix time
	size     int64
}

// openSource checks the source completely and opens it.
func openSource(ctx context.Context, name string, symlinks Symlinks) (*source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	s := &source{path: name}
	switch {
	case info.IsDir():
		if s.root, err = os.OpenRoot(name); err == nil {
			w := walker{ctx: ctx, source: s, symlinks: symlinks}
			err = w.walk(".", ".")
		}
	case info.Mode().IsRegular():
		if s.zipFile, err = os.Open(name); err == nil {
			err = s.checkZip()
		}
	default:
		err = s.errorAt("", errNoSource)
	}
	if err == nil && s.files == 0 {
		err = s.errorAt("", ErrEmpty)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) close() {
	if s.root != nil {
		_ = s.root.Close()
	}
	if s.zipFile != nil {
		_ = s.zipFile.Close()
	}
}

// errorAt adds the path of the entry called name to err.
func (s *source) errorAt(name string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the path in pathErr is relative to the source
	}
	return fmt.Errorf("%s: %w", filepath.Join(s.path, filepath.FromSlash(name)), err)
}

// checkZip counts the files in the zip file.
func (s *source) checkZip() error {
	info, err := s.zipFile.Stat()
	if err != nil {
		return err
	}
	s.total = info.Size()
	if s.total == 0 {
		return s.errorAt("", ErrEmpty)
	}
	archive, err := zip.NewReader(s.zipFile, s.total)
	if errors.Is(err, zip.ErrFormat) {
		return s.errorAt("", fmt.Errorf("%w: %w", errNoSource, err))
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return s.errorAt("", err)
	}
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") {
			s.files++
		}
	}
	return nil
}

// writeTo writes the archive to w, in blocks. For each block it calls onRead with
// the number of bytes of the source that the next write to w holds.
func (s *source) writeTo(ctx context.Context, w io.Writer, onRead func(n int)) error {
	if s.zipFile != nil {
		return s.copyZip(w, onRead)
	}
	return writeArchive(ctx, w, s, onRead)
}

// maxArchiveSize returns an upper bound of the archive's size. It holds even if
// nothing can be compressed.
func (s *source) maxArchiveSize() int64 {
	size := s.total + s.total/1000
	for _, e := range s.entries {
		size += 2*int64(len(e.name)) + 256
	}
	return size
}

// copyZip writes the zip file to w, byte for byte.
func (s *source) copyZip(w io.Writer, onRead func(n int)) error {
	n, err := io.CopyBuffer(writerFunc(func(p []byte) (int, error) {
		onRead(len(p))
		return w.Write(p)
	}), io.NewSectionReader(s.zipFile, 0, s.total), make([]byte, blockSize))
	if err != nil {
		return err
	}
	info, err := s.zipFile.Stat()
	if err != nil {
		return err
	}
	if n != s.total || info.Size() != s.total {
		return s.errorAt("", errResized)
	}
	return nil
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// open opens the file of an entry. It returns an error if the file was replaced
// or its size has changed.
func (s *source) open(e entry) (*os.File, error) {
	info, err := s.root.Lstat(e.path)
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular // a pipe, which would block Open
	}
	if err != nil {
		return nil, s.errorAt(e.name, err)
	}
	file, err := s.root.Open(e.path)
	if err != nil {
		return nil, s.errorAt(e.name, err)
	}
	info, err = file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errNotRegular
	case info.Size() != e.size:
		err = errResized
	}
	if err != nil {
		_ = file.Close()
		return nil, s.errorAt(e.name, err)
	}
	return file, nil
}

// walker collects the entries of a directory.
type walker struct {
	ctx      context.Context
	source   *source
	symlinks Symlinks
	within   []string // the paths, free of links, of the directories from the source to here
}

// walk adds the entries of a directory. name is its path in the archive. dir is
// its path in the source, free of links.
func (w *walker) walk(name, dir string) error {
	s := w.source
	list, err := s.readDir(dir)
	if err != nil {
		return s.errorAt(name, err)
	}
	w.within = append(w.within, dir)
	for _, item := range list {
		e := entry{name: path.Join(name, item.Name())}
		if e.path = e.name; name != dir {
			e.path = path.Join(dir, item.Name())
		}
		info, err := item.Info()
		if err != nil {
			return s.errorAt(e.name, err)
		}
		if err := w.add(e, info); err != nil {
			return err
		}
	}
	w.within = w.within[:len(w.within)-1]
	return nil
}

// readDir reads a directory, sorted by name.
func (s *source) readDir(name string) ([]fs.DirEntry, error) {
	dir, err := s.root.Open(name) // Root.FS does not take every name
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	list, err := dir.ReadDir(-1)
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// add adds the file, directory or link at e.path, which info describes.
func (w *walker) add(e entry, info fs.FileInfo) (err error) {
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	s := w.source
	if len(e.name) >= math.MaxUint16 { // a directory also has a slash at the end
		return s.errorAt(e.name, errLongPath)
	}
	e.mode, e.modified = info.Mode(), info.ModTime().Unix()
	if e.mode.Type() == fs.ModeSymlink {
		link := e.path
		if e.path, err = s.resolve(link); err == nil {
			info, err = s.root.Lstat(e.path)
		}
		if err != nil {
			return s.errorAt(e.name, err)
		}
		if w.symlinks == StoreSymlinks {
			return w.addLink(e, link)
		}
		e.mode, e.modified = info.Mode(), info.ModTime().Unix()
	}
	switch e.mode.Type() {
	case fs.ModeDir:
		if slices.Contains(w.within, e.path) { // a link leads to a directory around it
			return s.errorAt(e.name, errCircle)
		}
		name := e.name
		e.name += "/"
		s.entries = append(s.entries, e)
		return w.walk(name, e.path)
	case 0:
		e.size = info.Size()
		s.entries = append(s.entries, e)
		s.files++
		s.total += e.size
		return w.checkReadable(e)
	}
	return s.errorAt(e.name, errIrregular)
}

// addLink adds a stored link.
func (w *walker) addLink(e entry, link string) error {
	target, err := w.source.root.Readlink(link)
	if err != nil {
		return w.source.errorAt(e.name, err)
	}
	e.target = filepath.ToSlash(target)
	e.mode = fs.ModeSymlink | 0o777 // which differs between systems
	e.size = int64(len(e.target))
	w.source.entries = append(w.source.entries, e)
	w.source.files++
	return nil
}

func (w *walker) checkReadable(e entry) error {
	file, err := w.source.open(e)
	if err != nil {
		return err
	}
	return file.Close()
}

// maxLinks is how many links a path may lead through, as in Linux.
const maxLinks = 40

// resolve returns the path that a link leads to, free of links. It follows every
// link on the way itself: a link that leads out of the source and back in would
// not work where the archive is unpacked.
func (s *source) resolve(name string) (string, error) {
	resolved, links := ".", 0
	rest := strings.Split(name, "/")
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			if resolved == "." {
				return "", ErrOutside
			}
			resolved = path.Dir(resolved)
			continue
		}
		next := path.Join(resolved, part)
		info, err := s.root.Lstat(next)
		if errors.Is(err, fs.ErrNotExist) {
			return "", errNoTarget
		}
		if err != nil {
			return "", err
		}
		if info.Mode().Type() != fs.ModeSymlink {
			if len(rest) > 0 && !info.IsDir() {
				return "", errNoTarget
			}
			resolved = next
			continue
		}
		if links++; links > maxLinks {
			return "", errCircle
		}
		target, err := s.root.Readlink(next)
		if err != nil {
			return "", err
		}
		slashed := filepath.ToSlash(target)
		if filepath.VolumeName(target) != "" || path.IsAbs(slashed) {
			return "", ErrOutside
		}
		rest = append(strings.Split(slashed, "/"), rest...)
	}
	return resolved, nil
}
