package kmod

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMakeNodes(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps,
		"modules.devname": "# Device nodes to trigger on-demand module loading.\nfuse fuse c10:229\ntun net/tun c10:200\nloop there b7:0\nbad ../up c1:1\nworse x y\n"})
	dev := t.TempDir()
	if err := os.WriteFile(filepath.Join(dev, "there"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := m.tree.MakeNodes(dev)
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("error %v, want one for each of the two bad lines", err)
	}
	for name, minor := range map[string]uint32{"fuse": 229, "net/tun": 200} {
		var st unix.Stat_t
		if err := unix.Stat(filepath.Join(dev, name), &st); err != nil {
			t.Error(err)
		} else if st.Mode != unix.S_IFCHR|0o600 || st.Rdev != unix.Mkdev(10, minor) {
			t.Errorf("%s: mode %o, device %d:%d", name, st.Mode, unix.Major(st.Rdev), unix.Minor(st.Rdev))
		}
	}
}
