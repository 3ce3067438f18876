package kmod

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const (
	plugDeps = netDeps + `kernel/drivers/virtio/virtio_pci.ko:
kernel/drivers/block/virtio_blk.ko:
kernel/crypto/aesni.ko:
kernel/drivers/cpufreq/powernow.ko:
kernel/drivers/platform/thinkpad.ko:
`
	plugAliases = `# Aliases extracted from modules themselves.
alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci
alias virtio:d00000001v* virtio_net
alias virtio:d00000002v* virtio_blk
alias cpu:type:x86,ven*fam*mod*:feature:*0099* aesni
alias cpu:type:x86,ven*fam*mod*:feature:*0099* powernow
alias dmi:*:svnLENOVO:* thinkpad
`
)

func TestColdplug(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases,
		"sys/devices/system/cpu/modalias": "cpu:type:x86,ven0000fam0006mod0000:feature:,0001,0099\n",
		"sys/class/dmi/id/modalias":       "dmi:bvn1:svnLENOVO:pn2:\n",
	})
	m.device("pci", "0000:00:03.0", "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00")
	m.device("pci", "0000:00:04.0", "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00")
	m.device("pci", "0000:00:00.0", "pci:v00008086d00001237sv00001AF4sd00001100bc06sc00i00")
	m.device("platform", "garbage", "\x00\xff[[[***\\")
	m.device("platform", "empty", "")
	m.onInsert = func(module string) error {
		switch module {
		case "virtio_pci": // finds what is behind it
			m.device("virtio", "virtio0", "virtio:d00000001v00001AF4")
			m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
		case "powernow":
			return &insertError{syscall.ENODEV}
		}
		return nil
	}
	loaded, err := m.tree.Coldplug(context.Background())
	if err != nil {
		t.Errorf("error %v", err)
	}
	want := []string{"aesni", "failover", "net_failover", "thinkpad", "virtio_blk", "virtio_net", "virtio_pci"}
	if !slices.Equal(loaded, want) {
		t.Errorf("loaded %q, want %q", loaded, want)
	}
	slices.Sort(m.inserted)
	if !slices.Equal(m.inserted, want) {
		t.Errorf("inserted %q, want each once", m.inserted)
	}
	if loaded, err := m.tree.Coldplug(context.Background()); err != nil || len(loaded) > 0 {
		t.Errorf("again: loaded %q, error %v; want nothing", loaded, err)
	}
}

func TestColdplugGoesOnAfterFailures(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	m.device("virtio", "virtio0", "virtio:d00000001v00001AF4")
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	m.onInsert = func(module string) error {
		if module == "failover" {
			return &insertError{syscall.ENOEXEC}
		}
		return nil
	}
	loaded, err := m.tree.Coldplug(context.Background())
	if want := []string{"virtio_blk"}; !slices.Equal(loaded, want) {
		t.Errorf("loaded %q, want %q", loaded, want)
	}
	if !errors.Is(err, syscall.ENOEXEC) || !strings.Contains(err.Error(), "driver for virtio:d00000001v00001AF4: load virtio_net: it needs") {
		t.Errorf("error %v, want the device, the driver and the cause", err)
	}
}

func TestColdplugBlacklist(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases,
		"proc/cmdline": "modprobe.blacklist=virtio-blk", "etc/modprobe.d/x.conf": "install virtio_net /bin/true\n"})
	m.device("virtio", "virtio0", "virtio:d00000001v00001AF4")
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	if loaded, err := m.tree.Coldplug(context.Background()); err != nil || len(loaded) > 0 {
		t.Errorf("loaded %q, error %v; want nothing", loaded, err)
	}
}

func TestColdplugCancelled(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	ctx, cancel := context.WithCancel(context.Background())
	m.onInsert = func(string) error { cancel(); return nil }
	if _, err := m.tree.Coldplug(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	_, err := find(root, "6.1")
	if _, wrong := errors.AsType[*WrongKernelError](err); wrong || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no modules: error %v", err)
	}
	other := filepath.Join(root, "lib/modules/5.10")
	write(t, filepath.Join(other, "modules.dep"), "")
	if _, err := find(root, "6.1"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "only "+other) {
		t.Errorf("another kernel's modules: error %v, want them named", err)
	}
	want := filepath.Join(root, "usr/lib/modules/6.1")
	write(t, filepath.Join(want, "modules.dep"), "")
	if dir, err := find(root, "6.1"); dir != want || err != nil {
		t.Errorf("found %q, error %v; want %q", dir, err, want)
	}
}

func TestOpenFailures(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "no modules.dep") {
		t.Errorf("folder without index: error %v", err)
	}
	if _, err := Open(dir + "/none"); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("no folder: error %v", err)
	}
}
