package folder

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"bootrc/s3/tree"

	"golang.org/x/sys/unix"
)

// addAttributes fills in owner, mode and extended attributes.
func addAttributes(e *tree.Entry, parent int, base string, st *unix.Stat_t) error {
	a := &e.Attributes
	a.Owned, a.Mode, a.UID, a.GID = true, st.Mode, int(st.Uid), int(st.Gid)
	a.Atime = time.Unix(st.Atim.Unix())
	xattrs, err := readXattrs(procPath(parent, base))
	a.Xattrs = xattrs
	return err
}

// procPath names a file in an open folder, for system calls that take no folder.
func procPath(parent int, base string) string {
	return fmt.Sprintf("/proc/self/fd/%d/%s", parent, base)
}

// isKept tells which extended attributes are the file's own: not those by which
// a security module, the file system, or an overlay mount does its work.
func isKept(name string) bool {
	return strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "user.overlay.") ||
		name == "security.capability" ||
		strings.HasPrefix(name, "system.posix_acl_") ||
		strings.HasPrefix(name, "trusted.") && !strings.HasPrefix(name, "trusted.overlay.")
}

func readXattrs(path string) (map[string][]byte, error) {
	list, err := readGrowing(func(buf []byte) (int, error) { return unix.Llistxattr(path, buf) })
	if err == unix.ENOTSUP || err == nil && len(list) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list extended attributes: %w", err)
	}
	xattrs := make(map[string][]byte)
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list, []byte{0}), []byte{0}) {
		if !isKept(string(name)) {
			continue
		}
		value, err := readGrowing(func(buf []byte) (int, error) { return unix.Lgetxattr(path, string(name), buf) })
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

// SetAttributes gives a file what is recorded of it: at least its time. Only root
// can give it an owner; without root that is left out.
func (f *Folder) SetAttributes(e tree.Entry) error {
	if e.Name == "" || e.Name == "/" {
		return setAttributes(int(f.dir.Fd()), ".", e)
	}
	return f.in(e.Name, "set attributes of", func(parent int, base string) error {
		return setAttributes(parent, base, e)
	})
}

func setAttributes(parent int, base string, e tree.Entry) error {
	if e.Attributes.Owned {
		if err := setOwner(parent, base, e); err != nil {
			return err
		}
		if err := setXattrs(procPath(parent, base), e); err != nil {
			return err
		}
	}
	return setTimes(parent, base, e.Attributes)
}

func setOwner(parent int, base string, e tree.Entry) error {
	a := e.Attributes
	if os.Geteuid() == 0 {
		if err := unix.Fchownat(parent, base, a.UID, a.GID, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("change owner: %w", err)
		}
	}
	if e.Kind == tree.Link {
		return nil
	}
	// after the owner, whose change clears the set-user-ID bit
	if err := unix.Fchmodat(parent, base, a.Mode&0o7777, 0); err != nil {
		return fmt.Errorf("change mode: %w", err)
	}
	return nil
}

func setXattrs(path string, e tree.Entry) error {
	present, err := readXattrs(path)
	if err != nil {
		return err
	}
	for name, value := range e.Attributes.Xattrs {
		if !isKept(name) {
			continue
		}
		if old, ok := present[name]; ok && bytes.Equal(old, value) {
			continue
		}
		if err := unix.Lsetxattr(path, name, value, 0); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	for name := range present {
		if _, ok := e.Attributes.Xattrs[name]; !ok {
			if err := unix.Lremovexattr(path, name); err != nil {
				return fmt.Errorf("remove %s: %w", name, err)
			}
		}
	}
	return nil
}

func setTimes(parent int, base string, a tree.Attributes) error {
	if a.Mtime.IsZero() {
		return nil
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, timespec(a.Mtime)}
	if !a.Atime.IsZero() {
		times[0] = timespec(a.Atime)
	}
	if err := unix.UtimesNanoAt(parent, base, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("set time: %w", err)
	}
	return nil
}

func timespec(t time.Time) unix.Timespec {
	return unix.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
}
