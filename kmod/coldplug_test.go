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

	"bootrc/kit/device"
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
	p, failures := m.follow(t.Context())
	inserted := m.settle(p)
	want := []string{"aesni", "failover", "net_failover", "thinkpad", "virtio_blk", "virtio_net", "virtio_pci"}
	if !slices.Equal(inserted, want) {
		t.Errorf("inserted %q, want each once: %q", inserted, want)
	}
	if err := failures(); err != nil {
		t.Errorf("error %v", err)
	}
	if state := p.Drivers()["powernow"]; state != Absent {
		t.Errorf("powernow: %s, want that its device isn't there", state)
	}
}

// A card that is plugged in gets its driver, also after that has been removed.
func TestHotplug(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	p, _ := m.follow(t.Context())
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	if got, want := m.settle(p), []string{"virtio_blk"}; !slices.Equal(got, want) {
		t.Errorf("plugged in: inserted %q, want %q", got, want)
	}
	m.device("virtio", "virtio2", "virtio:d00000002v00001AF4")
	if got := m.settle(p); len(got) != 1 {
		t.Errorf("another: inserted %q, want nothing more", got)
	}
	m.remove("virtio_blk")
	m.device("virtio", "virtio3", "virtio:d00000002v00001AF4")
	if got := m.settle(p); len(got) != 2 {
		t.Errorf("after rmmod: inserted %q, want it again", got)
	}
}

// What the kernel's command line and modprobe.d say holds for a device's driver, too.
func TestColdplugConfigured(t *testing.T) {
	const disk = "virtio:d00000002v00001AF4"
	for _, c := range []struct {
		name, cmdline, config string
		want                  string // what is inserted, in order
	}{
		{"nothing said", "", "", "virtio_blk"},
		{"modprobe.blacklist=", "modprobe.blacklist=other,virtio-blk", "", ""},
		{"module_blacklist=", "module_blacklist=virtio_blk,other", "", ""},
		{"blacklist", "", "blacklist virtio_blk", ""},
		{"install that means never", "", "install virtio-blk /bin/false", ""},
		{"initcall_blacklist= is the kernel's", "initcall_blacklist=virtio_blk_init", "", "virtio_blk"},
		{"MODULE.PARAM=", "virtio_blk.num_request_queues=2 -- virtio_blk.poll_queues=1", "", "virtio_blk num_request_queues=2"},
		{"options", "virtio-blk.b=2", "options virtio_blk a=1", "virtio_blk a=1 b=2"},
		{"options by alias", "", "options " + disk + " a=1", "virtio_blk a=1"},
		{"softdep", "", "softdep virtio_blk pre: failover post: aesni", "failover,virtio_blk,aesni"},
		{"softdep that is denied", "modprobe.blacklist=failover", "softdep virtio_blk pre: failover", "failover,virtio_blk"},
		{"softdep that never loads", "module_blacklist=failover", "softdep virtio_blk pre: failover", "virtio_blk"},
		{"alias", "", "alias virtio:d00000002v* aesni", "aesni"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases,
				"proc/cmdline": c.cmdline + "\n", "etc/modprobe.d/own.conf": c.config + "\n"})
			m.device("virtio", "virtio1", disk)
			p, failures := m.follow(t.Context())
			m.settle(p)
			if got := strings.Join(m.inserted, ","); got != c.want {
				t.Errorf("inserted %q, want %q", got, c.want)
			}
			if err := failures(); err != nil {
				t.Errorf("error %v", err)
			}
		})
	}
}

// What the kernel could not tell is found by looking anew.
func TestLostEvents(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	p, _ := m.follow(t.Context())
	events := m.events
	m.events = nil
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	m.events = events
	events <- device.Event{Action: device.Lost}
	if got, want := m.settle(p), []string{"virtio_blk"}; !slices.Equal(got, want) {
		t.Errorf("inserted %q, want %q", got, want)
	}
}

// Of two drivers for a graphics card, the plain frame buffer's comes second, whatever the index says;
// a comfort whose file is not there is no failure.
func TestGraphics(t *testing.T) {
	m := newMachine(t, map[string]string{
		"modules.dep":   "kernel/drivers/video/fbdev/cirrusfb.ko:\nkernel/drivers/gpu/drm/cirrus.ko:\nkernel/sound/snd.ko:\n",
		"modules.alias": "alias pci:v1* cirrusfb\nalias pci:v1* cirrus\nalias pci:v2* snd\n"})
	m.device("pci", "1", "pci:v1")
	m.device("pci", "2", "pci:v2")
	m.onInsert = func(module string) error {
		if module == "snd" {
			return &fs.PathError{Op: "open", Path: "snd.ko", Err: fs.ErrNotExist}
		}
		return nil
	}
	p, failures := m.follow(t.Context())
	m.settle(p)
	if want := []string{"cirrus", "cirrusfb"}; !slices.Equal(m.inserted, want) {
		t.Errorf("inserted %q, want %q", m.inserted, want)
	}
	if err := failures(); err != nil || p.Drivers()["snd"] != Cut {
		t.Errorf("snd is %q, error %v", p.Drivers()["snd"], err)
	}
}

// The network's drivers come before a disk's, whatever the walk meets first.
func TestNetworkFirst(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	m.device("a", "virtio1", "virtio:d00000002v00001AF4")
	m.device("virtio", "virtio0", "virtio:d00000001v00001AF4")
	m.device("z", "virtio2", "virtio:d00000002v00001AF5")
	var order []string // of the beginnings; one at a time
	m.onInsert = func(module string) error { order = append(order, module); return nil }
	p, _ := m.follow(t.Context())
	m.settle(p)
	if want := []string{"failover", "net_failover", "virtio_net", "virtio_blk"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
}

// Comforts wait while a driver loads that a phase may wait for.
func TestComfortsWait(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases,
		"sys/devices/system/cpu/modalias": "cpu:type:x86,ven0000fam0006mod0000:feature:,0099\n"})
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	var order []string // of the beginnings; one at a time, as the second waits for the first
	m.onInsert = func(module string) error { order = append(order, module); return nil }
	p, _ := m.follow(t.Context())
	m.settle(p)
	if want := []string{"virtio_blk", "aesni", "powernow"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
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
	p, failures := m.follow(t.Context())
	if got, want := m.settle(p), []string{"virtio_blk"}; !slices.Equal(got, want) {
		t.Errorf("inserted %q, want %q", got, want)
	}
	if err := failures(); !errors.Is(err, syscall.ENOEXEC) || !strings.Contains(err.Error(), "driver for virtio:d00000001v00001AF4: load virtio_net: it needs") {
		t.Errorf("error %v, want the device, the driver and the cause", err)
	}
}

func TestColdplugCancelled(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	ctx, cancel := context.WithCancel(context.Background())
	m.onInsert = func(string) error { cancel(); return nil }
	p, failures := m.follow(ctx)
	if err := p.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	p.Wait(t.Context()) // for what was on its way
	if err := failures(); err != nil {
		t.Errorf("failures %v, want silence", err)
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	_, err := find(root, "6.1")
	if _, wrong := errors.AsType[*WrongKernelError](err); wrong || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no modules: error %v", err)
	}
	other := filepath.Join(root, "lib/modules/5.10")
	write(t, filepath.Join(other, indexFile), "")
	if _, err := find(root, "6.1"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "only "+other) {
		t.Errorf("another kernel's modules: error %v, want them named", err)
	}
	want := filepath.Join(root, "usr/lib/modules/6.1")
	write(t, filepath.Join(want, indexFile), "")
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
