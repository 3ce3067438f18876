package folder

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"bootrc/kit/inside"
	"bootrc/s3/tree"

	"golang.org/x/sys/unix"
)

// addAttributes fills in owner, mode and extended attributes.
func addAttributes(e *tree.Entry, parent int, base string, st *unix.Stat_t) error {
	a := &e.Attributes
	a.Owned, a.Mode, a.UID, a.GID = true, st.Mode, int(st.Uid), int(st.Gid)
	a.Atime = time.Unix(st.Atim.Unix())
	fd, err := unix.Openat(parent, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	a.Xattrs, err = readXattrs(fd)
	return err
}

// isKept tells which extended attributes are the file's own: not those by which
// a security module, the file system, or an overlay mount does its work.
func isKept(name string) bool {
	return strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "user.overlay.") ||
		name == "security.capability" ||
		strings.HasPrefix(name, "system.posix_acl_") ||
		strings.HasPrefix(name, "trusted.") && !strings.HasPrefix(name, "trusted.overlay.")
}

func readXattrs(fd int) (map[string][]byte, error) {
	xattrs, err := inside.Xattrs(fd)
	maps.DeleteFunc(xattrs, func(name string, _ []byte) bool { return !isKept(name) })
	return xattrs, err
}

// SetAttributes gives a file what is recorded of it: at least its time. Only root
// can give it an owner; without root that is left out. It fails where the name
// leads to something of another kind: whoever can write in the folder could have
// put a link to a file of the host there.
func (f *Folder) SetAttributes(e tree.Entry) error {
	if e.Name == "" || e.Name == "/" {
		return setAttributes(int(f.dir.Fd()), e)
	}
	return f.in(e.Name, "set attributes of", func(parent int, base string) error {
		return setAttributesAt(parent, base, e)
	})
}

// setAttributesAt opens what has the name now, and changes that alone, whatever
// gets the name meanwhile.
func setAttributesAt(parent int, base string, e tree.Entry) error {
	fd, err := unix.Openat(parent, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return setAttributes(fd, e)
}

func setAttributes(fd int, e tree.Entry) error {
	if err := checkKind(fd, e.Kind); err != nil {
		return err
	}
	path := inside.ProcPath(fd)
	if e.Attributes.Owned {
		if err := setOwner(fd, path, e); err != nil {
			return err
		}
		if err := setXattrs(fd, path, e); err != nil {
			return err
		}
	}
	return setTimes(path, e.Attributes)
}

// ErrReplaced is a name that leads to something of another kind than it did.
var ErrReplaced = errors.New("something else has this name now")

// checkKind fails for a file that is not of the kind.
func checkKind(fd int, kind tree.Kind) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	want := uint32(unix.S_IFREG)
	switch kind {
	case tree.Folder:
		want = unix.S_IFDIR
	case tree.Link:
		want = unix.S_IFLNK
	}
	if st.Mode&unix.S_IFMT != want {
		return ErrReplaced
	}
	return nil
}

func setOwner(fd int, path string, e tree.Entry) error {
	a := e.Attributes
	if os.Geteuid() == 0 {
		if err := unix.Fchownat(fd, "", a.UID, a.GID, unix.AT_EMPTY_PATH); err != nil {
			return fmt.Errorf("change owner: %w", err)
		}
	}
	if e.Kind == tree.Link {
		return nil
	}
	// after the owner, whose change clears the set-user-ID bit
	if err := unix.Chmod(path, a.Mode&0o7777); err != nil {
		return fmt.Errorf("change mode: %w", err)
	}
	return nil
}

func setXattrs(fd int, path string, e tree.Entry) error {
	present, err := readXattrs(fd)
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
		if err := unix.Setxattr(path, name, value, 0); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	for name := range present {
		if _, ok := e.Attributes.Xattrs[name]; !ok {
			if err := unix.Removexattr(path, name); err != nil {
				return fmt.Errorf("remove %s: %w", name, err)
			}
		}
	}
	return nil
}

func setTimes(path string, a tree.Attributes) error {
	if a.Mtime.IsZero() {
		return nil
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, timespec(a.Mtime)}
	if !a.Atime.IsZero() {
		times[0] = timespec(a.Atime)
	}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, 0); err != nil {
		return fmt.Errorf("set time: %w", err)
	}
	return nil
}

func timespec(t time.Time) unix.Timespec {
	moment, _ := unix.TimeToTimespec(t) // that of 32 bits does not reach beyond 2038
	return moment
}
