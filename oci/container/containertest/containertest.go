// Package containertest has what tests make containers from.
package containertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/sys/mountinfo"
)

// Folders returns folders for container.Runtime's Bundles and State, and checks at
// the end of the test that no container has left anything there.
func Folders(t testing.TB) (bundles, state string) {
	t.Helper()
	bundles, state = filepath.Join(t.TempDir(), "bundles"), filepath.Join(t.TempDir(), "state")
	t.Cleanup(func() {
		for _, folder := range []string{bundles, state} {
			entries, err := os.ReadDir(folder)
			if err != nil && !os.IsNotExist(err) || len(entries) > 0 {
				t.Errorf("left in %s: %v, %v", folder, entries, err)
			}
		}
		mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(bundles))
		if err != nil || len(mounts) > 0 {
			t.Errorf("mounts left: %v, %v", mounts, err)
		}
	})
	return bundles, state
}

// Layer is the one layer of an image: busybox, the users root and nobody, and a
// folder /data that has a file.
func Layer(t testing.TB) string {
	t.Helper()
	layer := t.TempDir()
	for _, folder := range []string{"bin", "etc", "tmp", "data/inner"} {
		if err := os.MkdirAll(filepath.Join(layer, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(layer, "bin/busybox"), binary, 0o755); err != nil {
		t.Fatal(err)
	}
	commands, err := exec.Command(program, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range strings.Fields(string(commands)) {
		if command != "busybox" {
			if err := os.Symlink("busybox", filepath.Join(layer, "bin", command)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
		"etc/group":  "root:x:0:\nextra:x:55:\n",
		"data/file":  "the image's\n",
	} {
		if err := os.WriteFile(filepath.Join(layer, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return layer
}
