package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// addFiles makes the files in /etc that tell a container where it is, and mounts
// them, as podman does.
func (b *bundle) addFiles(spec *specs.Spec, o Options) error {
	resolv, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	hosts := "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t" + spec.Hostname + "\n"
	files := []struct{ name, destination, content string }{
		{"resolv.conf", "/etc/resolv.conf", string(resolv)},
		{"hosts", "/etc/hosts", hosts},
		{"hostname", "/etc/hostname", spec.Hostname + "\n"},
		{"containerenv", "/run/.containerenv", ""},
	}
	for _, f := range files {
		if isMounted(o.Volumes, f.destination) {
			continue
		}
		path := filepath.Join(b.folder, f.name)
		if err := os.WriteFile(path, []byte(f.content), 0o644); err != nil {
			return fmt.Errorf("making the container's %s: %w", f.destination, err)
		}
		spec.Mounts = append(spec.Mounts, bindFile(b.folder, f.name, f.destination))
	}
	return nil
}

func isMounted(volumes []Bind, destination string) bool {
	for _, v := range volumes {
		if v.Destination == destination {
			return true
		}
	}
	return false
}
