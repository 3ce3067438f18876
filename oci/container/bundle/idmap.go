package bundle

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"bootrc/kit/inside"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Map mounts the container's root again so that its files belong to users of a user
// namespace: in the image's layers they keep their numbers (mount_setattr(2), "ID-mapped mounts").
func (b *Bundle) Map(uids, gids []specs.LinuxIDMapping) error {
	namespace, err := userNamespace(uids, gids)
	if err != nil {
		return err
	}
	defer namespace.Close()
	if err := unix.Unmount(b.Root(), unix.UMOUNT_NOFOLLOW); err != nil {
		return fmt.Errorf("umount %s: %w", b.Root(), err)
	}
	// what an earlier mount has left there keeps the kernel from another one
	work := filepath.Join(b.folder, "work")
	if err := cmp.Or(inside.RemoveAll(work), os.Mkdir(work, 0o755)); err != nil {
		return err
	}
	var layers []string
	for _, layer := range b.layers {
		place, err := b.mapped(layer, namespace)
		if err != nil {
			return err
		}
		layers = append(layers, place)
	}
	// the kernel's overlay itself makes files above, as a user whom the namespace does not have
	if err := give(filepath.Join(b.folder, "upper"), uids, gids); err != nil {
		return err
	}
	return b.mountAt(b.Root(), layers, b.folder)
}

// give gives what was written for the container until now to the users of the machine that are the container's.
func give(folder string, uids, gids []specs.LinuxIDMapping) error {
	top, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer top.Close()
	if err := top.Chown(int(HostID(uids, 0)), int(HostID(gids, 0))); err != nil {
		return err
	}
	return inside.Walk(top, func(e inside.Entry) error {
		return e.Chown(int(HostID(uids, e.Uid)), int(HostID(gids, e.Gid)))
	})
}

// HostID is which of the machine's users one of the container's is.
func HostID(mappings []specs.LinuxIDMapping, id uint32) uint32 {
	for _, m := range mappings {
		if id >= m.ContainerID && id-m.ContainerID < m.Size {
			return m.HostID + id - m.ContainerID
		}
	}
	return id
}

// mapped mounts a folder in a place of the bundle, so that users are those of the namespace.
func (b *Bundle) mapped(folder string, namespace *os.File) (place string, err error) {
	if place, err = os.MkdirTemp(b.folder, "mapped"); err != nil {
		return "", err
	}
	layer, err := openFolder(folder)
	if err != nil {
		return "", err
	}
	defer layer.Close()
	tree, err := unix.OpenTree(int(layer.Fd()), "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return "", fmt.Errorf("open_tree %s: %w", folder, err)
	}
	err = unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(namespace.Fd())})
	if err != nil {
		unix.Close(tree)
		return "", fmt.Errorf("mount_setattr %s: %w: its file system, or this kernel, cannot give files to other users", folder, err)
	}
	return place, attach(tree, folder, place)
}

// userNamespace makes a user namespace with these mappings. A process that never runs holds it until it is open.
func userNamespace(uids, gids []specs.LinuxIDMapping) (*os.File, error) {
	runtime.LockOSThread() // whoever traces a process is a thread
	defer runtime.UnlockOSThread()
	process, err := os.StartProcess("/proc/self/exe", []string{"user namespace"}, &os.ProcAttr{Sys: &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER, UidMappings: sysMappings(uids), GidMappings: sysMappings(gids), GidMappingsEnableSetgroups: true,
		Ptrace: true, Pdeathsig: unix.SIGKILL,
	}})
	if err != nil {
		return nil, fmt.Errorf("making a user namespace: %w", err)
	}
	defer process.Wait()
	defer process.Kill()
	return os.Open(filepath.Join("/proc", fmt.Sprint(process.Pid), "ns/user"))
}

func sysMappings(list []specs.LinuxIDMapping) (mappings []syscall.SysProcIDMap) {
	for _, m := range list {
		mappings = append(mappings, syscall.SysProcIDMap{ContainerID: int(m.ContainerID), HostID: int(m.HostID), Size: int(m.Size)})
	}
	return mappings
}
