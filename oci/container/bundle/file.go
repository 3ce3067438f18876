package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// addFiles writes the files that tell a container where it is, as podman has
// them: into its own layer, because a mount for each would cost more than all of
// them, and could not be renamed over.
func (b *bundle) addFiles(hostname string, r Resolver, mounts []specs.Mount) error {
	resolv, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	root, err := os.OpenRoot(b.root())
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range []struct {
		name, content string
		images        bool // leave what the image has
	}{
		{"/etc/resolv.conf", r.resolvConf(string(resolv)), slices.Equal(r.Servers, []string{noServers})},
		{"/etc/hosts", r.hostsFile(hostname), r.NoHosts},
		{"/etc/hostname", hostname + "\n", false},
		{"/run/.containerenv", "", false},
	} {
		if f.images || isMounted(mounts, f.name) {
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
