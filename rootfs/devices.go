package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// deviceLinks are the symbolic links in /dev that devtmpfs does not make.
var deviceLinks = []struct{ name, target string }{
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/core", "/proc/kcore"},
}

// LinkDevices makes the links in /dev that programs expect.
func LinkDevices() error {
	var failed []error
	for _, l := range deviceLinks {
		if err := os.Symlink(l.target, l.name); err != nil && !errors.Is(err, fs.ErrExist) {
			failed = append(failed, fmt.Errorf("ln -s %s %s: %w", l.target, l.name, err))
		}
	}
	return errors.Join(failed...)
}
