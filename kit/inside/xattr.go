package inside

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

// ProcPath names an open file, for system calls that do not take O_PATH.
func ProcPath(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }

// Xattrs returns an open file's extended attributes; none where its file system has none.
// The file may be open with O_PATH alone, and be a link.
func Xattrs(fd int) (map[string][]byte, error) {
	path := ProcPath(fd)
	list, err := readGrowing(func(buf []byte) (int, error) { return unix.Listxattr(path, buf) })
	if err == unix.ENOTSUP || err == nil && len(list) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list extended attributes: %w", err)
	}
	xattrs := make(map[string][]byte)
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list, []byte{0}), []byte{0}) {
		value, err := readGrowing(func(buf []byte) (int, error) { return unix.Getxattr(path, string(name), buf) })
		if err == unix.ENODATA {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		xattrs[string(name)] = value
	}
	return xattrs, nil
}

// readGrowing calls read with a buffer that is large enough.
func readGrowing(read func([]byte) (int, error)) ([]byte, error) {
	for size := 1024; ; size *= 4 {
		buf := make([]byte, size)
		n, err := read(buf)
		if err == unix.ERANGE && size < 1<<17 {
			continue
		}
		if err != nil {
			return nil, err
		}
		return buf[:n], nil
	}
}
