// Package regular opens files that somebody else has written, where nothing but a
// regular file is of use: a FIFO would keep its reader waiting for ever, a device may do
// something when it is opened, and a file without an end fills the memory.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// ErrUnfit is what errors wrap about what is there, but is no regular file, or too large.
var ErrUnfit = errors.New("not a regular file of limited size")

type unfit string

func (u unfit) Error() string        { return string(u) }
func (u unfit) Is(target error) bool { return target == ErrUnfit }

// Open opens the regular file of that name, or the one that a link of that name leads to,
// for reading. For anything else it fails at once.
func Open(name string) (*os.File, error) { return open(name, check, os.Stat, openFile) }

// OpenOrDisk is Open for what may be on a disk of its own, too.
func OpenOrDisk(name string) (*os.File, error) { return open(name, checkOrDisk, os.Stat, openFile) }

func openFile(name string, flags int) (*os.File, error) { return os.OpenFile(name, flags, 0) }

// OpenIn is Open for a name below a folder, from which no link leads out.
func OpenIn(root *inside.Folder, name string) (*os.File, error) {
	return open(name, check, root.Stat, root.OpenFile)
}

func open(name string, check func(string, fs.FileInfo) error, stat func(string) (fs.FileInfo, error), open func(string, int) (*os.File, error)) (*os.File, error) {
	info, err := stat(name)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		failed.Op = "open" // which is what was asked for
	}
	if err == nil {
		err = check(name, info)
	}
	if err != nil {
		return nil, err
	}
	// between the two calls, the file may become something else
	f, err := open(name, os.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	info, err = f.Stat()
	if err == nil {
		err = check(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func check(name string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &fs.PathError{Op: "open", Path: name, Err: unfit(fmt.Sprintf("it is %s, not a regular file", kind(info.Mode())))}
}

func checkOrDisk(name string, info fs.FileInfo) error {
	if info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice {
		return nil
	}
	return check(name, info)
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// Read returns what is in the regular file of that name, which must have at most limit
// bytes.
func Read(name string, limit int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, limit)
}

// ReadIn is Read for a name below a folder, from which no link leads out.
func ReadIn(root *inside.Folder, name string, limit int64) ([]byte, error) {
	f, err := OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, limit)
}

func readAll(f *os.File, name string, limit int64) ([]byte, error) {
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = &fs.PathError{Op: "read", Path: name, Err: unfit(fmt.Sprintf("it has more than the %d bytes allowed", limit))}
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}
