package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// addFiles writes the files that tell a container where it is, as podman has
// them: into its own layer, because a mount for each would cost more than all of
// them, and could not be renamed over.
func (b *bundle) addFiles(hostname string, o Options) error {
	resolv, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	root, err := os.OpenRoot(b.root())
	if err != nil {
		return err
	}
	defer root.Close()
	hosts := "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t" + hostname + "\n"
	for _, f := range []struct{ name, content string }{
		{"/etc/resolv.conf", string(resolv)},
		{"/etc/hosts", hosts},
		{"/etc/hostname", hostname + "\n"},
		{"/run/.containerenv", ""},
	} {
		if isMounted(o.Volumes, f.name) {
			continue
		}
		if err := replace(root, f.name[1:], f.content); err != nil {
			return fmt.Errorf("making the container's %s: %w", f.name, err)
		}
	}
	return nil
}

// replace writes a file in place of what the image has under its name, which may
// be a link to somewhere else.
func replace(root *os.Root, name, content string) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return root.WriteFile(name, []byte(content), 0o644)
}

func isMounted(volumes []Bind, destination string) bool {
	for _, v := range volumes {
		if v.Destination == destination {
			return true
		}
	}
	return false
}
