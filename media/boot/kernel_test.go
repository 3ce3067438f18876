package main

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// bzImage is as much of a kernel for x86 as says its version.
func bzImage(version string) string {
	image := make([]byte, 0x400)
	copy(image[0x202:], "HdrS")
	image[0x20f] = 0x01 // 0x100 behind 0x200
	copy(image[0x300:], version+" (root@here) #1\x00")
	return string(image)
}

func TestRelease(t *testing.T) {
	for image, want := range map[string]string{
		bzImage("6.12.0-rc1+"):                                "6.12.0-rc1+",
		"\x00Linux version %s\x00 Linux version 5.10.0 (gcc)": "5.10.0",
		"": "", "Linux version": "", "Linux version x": "",
		string(append([]byte(bzImage("")[:0x20e]), 0xff, 0xff, 0, 0, 0, 0)): "",
	} {
		file := filepath.Join(t.TempDir(), "kernel")
		write(t, file, image)
		if got, err := release(file); got != want || err != nil {
			t.Errorf("%.40q: %q, %v; want %q", image, got, err, want)
		}
	}
}

// Modules are found where an installed kernel, an unpacked package and INSTALL_MOD_PATH have them.
func TestFindModules(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	for _, tt := range []struct{ name, has, modules, want, err string }{
		{"none", "", "", "", ""},
		{"a package's", "lib/modules/6.1-x/kernel/a.ko", "", "lib/modules/6.1-x", ""},
		{"a newer package's", "usr/lib/modules/6.1-x/kernel/a.ko", "", "usr/lib/modules/6.1-x", ""},
		{"of another version", "lib/modules/6.2/kernel/a.ko", "", "", ""},
		{"named", "mods/kernel/a.ko", "mods", "mods", ""},
		{"INSTALL_MOD_PATH", "out/lib/modules/6.1-x/kernel/a.ko", "out", "out/lib/modules/6.1-x", ""},
		{"named, of another version", "out/lib/modules/6.2/kernel/a.ko", "out", "", "nor is lib/modules/6.1-x in it"},
	} {
		folder := t.TempDir()
		o := options{kernel: filepath.Join(folder, "boot/bzImage")}
		write(t, o.kernel, bzImage("6.1-x"))
		if tt.has != "" {
			write(t, filepath.Join(folder, tt.has), "")
		}
		if tt.modules != "" {
			o.modules = filepath.Join(folder, tt.modules)
		}
		got, err := o.findModules()
		if tt.want != "" {
			tt.want = filepath.Join(folder, tt.want)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		checkError(t, tt.name, err, tt.err)
	}
	write(t, filepath.Join(cache, "bootrc/linux-image-6.1-x/lib/modules/6.1-x/kernel/a.ko"), "")
	kernel := filepath.Join(t.TempDir(), "bzImage")
	write(t, kernel, bzImage("6.1-x"))
	if got, err := (options{kernel: kernel}).findModules(); got != filepath.Join(cache, "bootrc/linux-image-6.1-x/lib/modules/6.1-x") {
		t.Errorf("of a package in the cache: %q, %v", got, err)
	}
}

func TestListedModules(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "modules.builtin"), "kernel/fs/fuse/virtiofs.ko\nkernel/drivers/virtio/virtio-pci.ko\n")
	write(t, filepath.Join(folder, "kernel/net/9p/9pnet_virtio.ko.xz"), "")
	write(t, filepath.Join(folder, "kernel/fs/9p/9p.ko"), "")
	k := kernel{modules: folder}
	if err := k.list(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"virtiofs": true, "virtio_pci": true, "9p": true, "9pnet_virtio": true, "virtio_blk": false} {
		if k.mayHave(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if got := k.drivers([]string{"virtiofs", "9p", "virtio_blk"}); len(got) != 1 || got[0] != "9p" {
		t.Errorf("drivers %q", got)
	}
	if !(kernel{}).mayHave("virtiofs") {
		t.Error("a kernel of which nothing is known may have anything")
	}
}
