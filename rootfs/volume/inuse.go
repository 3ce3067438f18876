package volume

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// ErrInUse is wrapped for a volume that cannot be removed now.
var ErrInUse = errors.New("it is in use")

// mustBeFree refuses a volume on which, or on part of which, something is mounted here, or
// whose files another process has mounted elsewhere, as containers do.
func (s *Store) mustBeFree(name string) error {
	here, err := mountinfo.GetMounts(mountinfo.PrefixFilter(s.path(name)))
	if err != nil {
		return err
	}
	if len(here) > 0 {
		return fmt.Errorf("volume %s: %w: %s is mounted on %s", name, ErrInUse, here[0].Source, here[0].Mountpoint)
	}
	pid, err := s.userOf(name)
	if err != nil {
		return err
	}
	if pid != 0 {
		return fmt.Errorf("volume %s: %w by process %d (%s)", name, ErrInUse, pid, commandOf(pid))
	}
	return nil
}

// userOf returns a process with a mount of the volume's files, or 0.
func (s *Store) userOf(name string) (pid int, err error) {
	bound, err := s.boundFrom(name)
	if err != nil {
		return 0, err
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	seen := make(map[string]bool) // mount namespaces: most processes share one
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		namespace, err := os.Readlink(filepath.Join("/proc", entry.Name(), "ns/mnt"))
		if err != nil || seen[namespace] { // it has ended meanwhile, or is a kernel thread
			continue
		}
		seen[namespace] = true
		if mounts, err := mountinfo.PidMountInfo(pid); err == nil && bound.among(mounts) {
			return pid, nil
		}
	}
	return 0, nil
}

// bind is where the mounts of a folder's files come from, as proc_pid_mountinfo(5) has it.
type bind struct {
	major, minor int
	root         string // of the folder, within its file system
}

// boundFrom returns where mounts of a volume's files come from.
func (s *Store) boundFrom(name string) (bind, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, s.path(name), 0, unix.STATX_MNT_ID, &st); err != nil {
		return bind{}, fmt.Errorf("volume %s: %w", name, err)
	}
	mounts, err := mountinfo.GetMounts(func(m *mountinfo.Info) (skip, stop bool) { return uint64(m.ID) != st.Mnt_id, false })
	if err != nil {
		return bind{}, err
	}
	if len(mounts) == 0 {
		return bind{}, fmt.Errorf("volume %s: what it is mounted from is not known", name)
	}
	m := mounts[0]
	within, err := filepath.Rel(m.Mountpoint, s.path(name))
	return bind{m.Major, m.Minor, filepath.Join(m.Root, within)}, err
}

func (b bind) among(mounts []*mountinfo.Info) bool {
	for _, m := range mounts {
		if m.Major == b.major && m.Minor == b.minor && (m.Root == b.root || strings.HasPrefix(m.Root, b.root+"/")) {
			return true
		}
	}
	return false
}

func commandOf(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(name))
}
