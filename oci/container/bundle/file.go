package bundle

import (
	"fmt"
	"os"
	"path"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// Replace writes a file in place of what the image has under its name, which may
// be a link to somewhere else.
func (b *Bundle) Replace(name, content string) error {
	root, err := inside.Open(b.Root())
	if err != nil {
		return err
	}
	defer root.Close()
	if err := replace(root, name, content); err != nil {
		return fmt.Errorf("making the container's %s: %w", name, err)
	}
	return nil
}

// Link makes a symbolic link, unless the image has something of its name.
func (b *Bundle) Link(name, target string) error {
	root, err := inside.Open(b.Root())
	if err != nil {
		return err
	}
	defer root.Close()
	folder, err := root.MakeFolder(path.Dir(name), 0o755)
	if err != nil {
		return fmt.Errorf("making the container's %s: %w", name, err)
	}
	defer folder.Close()
	if err := unix.Symlinkat(target, int(folder.Fd()), path.Base(name)); err != nil && err != unix.EEXIST {
		return fmt.Errorf("making the container's %s: %w", name, err)
	}
	return nil
}

func replace(root *inside.Folder, name, content string) error {
	folder, err := root.MakeFolder(path.Dir(name), 0o755)
	if err != nil {
		return err
	}
	defer folder.Close()
	base := path.Base(name)
	if err := unix.Unlinkat(int(folder.Fd()), base, 0); err != nil && err != unix.ENOENT {
		return err
	}
	fd, err := unix.Openat(int(folder.Fd()), base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	_, err = f.WriteString(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
