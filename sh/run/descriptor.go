package run

import (
	"errors"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// file is an open file description: what descriptors of several shells can refer to. It
// is closed with the last of them.
type file struct {
	os      *os.File  // nil for what lives in this process only
	w       io.Writer // instead of os
	refs    atomic.Int32
	foreign bool          // is not closed here
	closed  chan struct{} // closed with the last descriptor; may be nil
}

func newFile(f *os.File) *file {
	made := &file{os: f}
	made.refs.Store(1)
	return made
}

func (f *file) hold() *file {
	if f != nil {
		f.refs.Add(1)
	}
	return f
}

func (f *file) release() {
	if f == nil || f.refs.Add(-1) > 0 {
		return
	}
	if f.os != nil && !f.foreign {
		f.os.Close()
	}
	if f.closed != nil {
		close(f.closed)
	}
}

// Write is what a builtin prints.
func (f *file) Write(p []byte) (int, error) {
	switch {
	case f == nil:
		return 0, unix.EBADF
	case f.w != nil:
		return f.w.Write(p)
	}
	return f.os.Write(p)
}

func (f *file) Read(p []byte) (int, error) {
	if f == nil || f.os == nil {
		return 0, unix.EBADF
	}
	return f.os.Read(p)
}

// writer is what a command of the table gets as its output, and reader as its input.
func (f *file) writer() io.Writer {
	switch {
	case f == nil:
		return closedFile{}
	case f.w != nil:
		return f.w
	}
	return f.os
}

func (f *file) reader() io.Reader {
	if f == nil || f.os == nil {
		return closedFile{}
	}
	return f.os
}

// closedFile stands where a descriptor is closed.
type closedFile struct{}

func (closedFile) Read([]byte) (int, error)  { return 0, unix.EBADF }
func (closedFile) Write([]byte) (int, error) { return 0, unix.EBADF }

// descriptors is the files by descriptor, nil where it is closed.
type descriptors []*file

func (d descriptors) get(fd int) *file {
	if fd < 0 || fd >= len(d) {
		return nil
	}
	return d[fd]
}

// put makes a descriptor refer to f, which it takes over, and returns what it referred to.
func (d *descriptors) put(fd int, f *file) (was *file) {
	for fd >= len(*d) {
		*d = append(*d, nil)
	}
	was = (*d)[fd]
	(*d)[fd] = f
	return was
}

// copied is the same descriptors for another shell.
func (d descriptors) copied() descriptors {
	c := make(descriptors, len(d), max(len(d), 4))
	for fd, f := range d {
		c[fd] = f.hold()
	}
	return c
}

func (d *descriptors) close() {
	for _, f := range *d {
		f.release()
	}
	*d = nil
}

// pipe makes a pipe whose ends block, as programs expect.
func pipe() (r, w *file, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe", err)
	}
	return newFile(os.NewFile(uintptr(ends[0]), "pipe")), newFile(os.NewFile(uintptr(ends[1]), "pipe")), nil
}

// openFile opens a file so that its reads and writes block, as programs expect.
func openFile(path string, flags int, mode uint32) (*file, error) {
	for {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, mode)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return newFile(os.NewFile(uintptr(fd), path)), nil
	}
}

// inherited is a file that the shell was started with. A copy of its descriptor has a
// number that the Go runtime has no special treatment for: a write to a broken pipe
// is an error, and not the end of the process.
func inherited(f *os.File) *file {
	if f == nil {
		return nil
	}
	if fd := f.Fd(); fd <= 2 {
		if copied, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 10); err == nil {
			return newFile(os.NewFile(uintptr(copied), f.Name()))
		}
		return nil
	}
	made := newFile(f)
	made.foreign = true
	return made
}

// inheritedWriter is the same for what may be no file.
func inheritedWriter(w io.Writer) *file {
	switch w := w.(type) {
	case nil:
		return nil
	case *os.File:
		return inherited(w)
	}
	f := newFile(nil)
	f.w = w
	return f
}
