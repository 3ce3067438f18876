package kmod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bootrc/kit/compression"

	"golang.org/x/sys/unix"
)

// Insert loads the module in a file, plain or compressed (.gz, .xz, .zst), with
// parameters as NAME=VALUE, and nothing that it needs: insmod(8). A module that
// is loaded already is an error that wraps fs.ErrExist.
func Insert(file string, params ...string) error {
	return insertModule(file, joinWords(params))
}

// insertFile is insertModule, but a module that is loaded already is no error.
func insertFile(file, params string) error {
	err := insertModule(file, params)
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// insertModule hands the file to the kernel, which reads it without a copy
// through this process; a compressed one too, if the kernel knows how.
func insertModule(file, params string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("insert module: %w", err)
	}
	defer f.Close()
	head := make([]byte, compression.Head)
	n, _ := f.ReadAt(head, 0) // what cannot be read, the kernel cannot either
	switch format := compression.Of(head[:n]); format {
	case compression.None:
		err = unix.FinitModule(int(f.Fd()), params, 0)
	case kernelCompression():
		err = unix.FinitModule(int(f.Fd()), params, unix.MODULE_INIT_COMPRESSED_FILE)
	default:
		var image []byte
		if image, err = decompress(f, maxModule); err != nil {
			return fmt.Errorf("insert %s: %w", file, err)
		}
		err = unix.InitModule(image, params)
	}
	if err != nil {
		return fmt.Errorf("insert %s: %w", file, &insertError{err})
	}
	return nil
}

// noFile tells whether a module could not be inserted because its file is not there, as opposed to a symbol.
func noFile(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok && errors.Is(err, fs.ErrNotExist)
}

// kernelCompression is the one format that the kernel decompresses itself, or None.
func kernelCompression() compression.Format {
	name, err := os.ReadFile("/sys/module/compression")
	if err != nil {
		return compression.None
	}
	return compression.Format(strings.TrimSpace(string(name)))
}

// insertError says what the kernel's error numbers mean for a module, as
// init_module(2) lists them.
type insertError struct{ err error }

func (e *insertError) Unwrap() error { return e.err }

func (e *insertError) Error() string {
	switch {
	case errors.Is(e.err, unix.ENOENT):
		return "unknown symbol or parameter (see dmesg)"
	case errors.Is(e.err, unix.ENOEXEC):
		return "not a module for this kernel (see dmesg)"
	case errors.Is(e.err, unix.ENOKEY), errors.Is(e.err, unix.EKEYREJECTED):
		return "its signature is not trusted by this kernel"
	case errors.Is(e.err, unix.EPERM):
		return "not permitted: loading modules needs root and a kernel that still allows it"
	case errors.Is(e.err, unix.ENOSYS):
		return "this kernel has no loadable modules"
	case errors.Is(e.err, unix.EINVAL):
		return "invalid parameters or module (see dmesg)"
	}
	return e.err.Error()
}

// removeModule takes a module out of the kernel if nothing uses it.
func removeModule(name string) error {
	err := unix.DeleteModule(name, unix.O_NONBLOCK)
	switch {
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("remove %s: it is not loaded: %w", name, err)
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EBUSY):
		return fmt.Errorf("remove %s: it is in use: %w", name, err)
	case err != nil:
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}
