package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"bootrc/kmod"
	"bootrc/kmod/internal/fakemodule"
	"bootrc/test/program"
)

// kernel is a made-up lib/modules/1.0 as a package has it: without indexes.
var kernel = map[string]string{
	"kernel/drivers/net/virtio_net.ko.xz": fake("depends=net-failover", "alias=virtio:d00000001v*", "softdep=pre: crypto-sum crypto-odd block-loop"),
	"kernel/drivers/net/net_failover.ko":  fake("depends=failover", "license=GPL"),
	"kernel/net/core/failover.ko":         fake("depends=loop"),
	"kernel/lib/sum.ko":                   fake("alias=crypto-odd", "alias=bad alias"),
	"kernel/crypto/sum_generic.ko":        fake("alias=crypto-sum"),
	"kernel/arch/x86/crypto/sum-ssse3.ko": fake("alias=crypto-sum"),
	"kernel/drivers/net/ethernet/fw.ko":   fake("firmware=card/a.bin", "firmware=card/b.bin", "firmware=../../secret", "firmware=gone.bin", "firmware=board/*.txt", "alias=devname:card/fw", "alias=char-major-10-7"),
	"kernel/sound/snd.ko":                 fake("alias=pci:*", "alias=block-loop"),
	"kernel/drivers/block/floppy.ko":      fake("alias=acpi*:PNP0700:*"),
	"updates/own.ko":                      fake("alias=own"),
	"updates/net_failover.ko":             fake("depends=failover", "version=2"),
	"modules.order":                       "kernel/net/core/failover.ko\nkernel/drivers/net/virtio_net.ko\nkernel/sound/snd.ko\n",
	"modules.builtin":                     "kernel/drivers/block/loop.ko\n",
	"modules.builtin.modinfo":             "loop.license=GPL\x00loop.alias=block-loop\x00",
}

func fake(info ...string) string {
	return string(fakemodule.Module{Info: info}.Image())
}

// unpack writes a kernel's files and firmware, and returns MODULES_DIR.
func unpack(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "lib/modules/1.0")
	for name, text := range files {
		if strings.HasSuffix(name, ".xz") {
			text = compressed(t, text)
		}
		put(t, filepath.Join(dir, name), text)
	}
	put(t, filepath.Join(root, "lib/firmware/card/a.bin"), "plain")
	put(t, filepath.Join(root, "lib/firmware/card/b.bin.xz"), compressed(t, "was compressed"))
	put(t, filepath.Join(root, "lib/firmware/board/x.txt"), "x")
	put(t, filepath.Join(root, "lib/firmware/board/y.txt"), "y")
	put(t, filepath.Join(root, "secret"), "not to be copied")
	return dir
}

func compressed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// contents returns the files below a folder, by path.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		files[strings.TrimPrefix(file, dir+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestPack(t *testing.T) {
	const below = "lib/modules/1.0/"
	want := map[string]string{
		below + "modules.builtin":         kernel["modules.builtin"],
		below + "modules.builtin.modinfo": "loop.alias=block-loop\x00",
		below + "modules.order":           kernel["modules.order"],
		below + "modules.devname":         "fw card/fw c10:7\n",
		"lib/firmware/card/a.bin":         "plain",
		"lib/firmware/card/b.bin":         "was compressed",
		"lib/firmware/board/x.txt":        "x",
		"lib/firmware/board/y.txt":        "y",
		below + "modules.dep": `kernel/net/core/failover.ko:
kernel/drivers/net/virtio_net.ko: updates/net_failover.ko kernel/net/core/failover.ko
kernel/sound/snd.ko:
kernel/arch/x86/crypto/sum-ssse3.ko:
kernel/crypto/sum_generic.ko:
kernel/drivers/block/floppy.ko:
kernel/drivers/net/ethernet/fw.ko:
kernel/lib/sum.ko:
updates/net_failover.ko: kernel/net/core/failover.ko
updates/own.ko:
`,
	}
	for name := range kernel {
		if plain := strings.TrimSuffix(name, ".xz"); strings.HasSuffix(plain, ".ko") && name != "kernel/drivers/net/net_failover.ko" {
			want[below+plain] = kernel[name]
		}
	}
	dest := t.TempDir()
	dir := unpack(t, kernel)
	var out, errs bytes.Buffer
	if err := run([]string{"-v", "-firmware", dir + "/../../firmware", "-o", dest, dir}, &out, &errs); err != nil {
		t.Fatal(err)
	}
	got := contents(t, dest)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %q, want %q", name, got[name], text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !isIndex(name) {
			t.Errorf("%s is packed, but not wanted", name)
		}
	}
	if !strings.Contains(out.String(), "1.0: 10 modules, ") || !strings.Contains(out.String(), "4 firmware files of 5 that they name") || errs.Len() > 0 {
		t.Errorf("it prints %q %q", out.String(), errs.String())
	}
}

func isIndex(name string) bool { return strings.HasPrefix(filepath.Base(name), "modules.") }

// In a large set, modules stay as they were found, but for those that every machine wants.
func TestPackLarge(t *testing.T) {
	files := map[string]string{
		"kernel/drivers/net/virtio_net.ko.xz":  fake("depends=failover"),
		"kernel/net/core/failover.ko.xz":       fake(),
		"kernel/drivers/virtio/virtio_mmio.ko": fake(),
		"kernel/fs/overlayfs/overlay.ko":       fake(),
		"kernel/fs/xfs/xfs.ko.xz":              fake("depends=big", "description="+strings.Repeat("x", large/2)),
		"kernel/lib/big.ko":                    fake("description=" + strings.Repeat("big", large/6)),
	}
	dir := unpack(t, files)
	dest := t.TempDir()
	if err := run([]string{"-o", dest, dir}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(dest, "lib/modules/1.0")
	for name, from := range map[string]string{
		"kernel/drivers/net/virtio_net.ko": "", "kernel/net/core/failover.ko": "", "kernel/drivers/virtio/virtio_mmio.ko": "",
		"kernel/fs/overlayfs/overlay.ko": "", "kernel/fs/xfs/xfs.ko.xz": "kernel/fs/xfs/xfs.ko.xz", "kernel/lib/big.ko.zst": "kernel/lib/big.ko",
	} {
		got, err := kmod.ReadFile(filepath.Join(packed, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for source, image := range files {
			if kmod.FileModule(source) == kmod.FileModule(name) && string(got) != image {
				t.Errorf("%s: another content than %s", name, source)
			}
		}
		if from == name && contents(t, packed)[name] != contents(t, dir)[from] {
			t.Errorf("%s was compressed anew", name)
		}
	}
	if got, want := contents(t, packed)["modules.dep"], "kernel/fs/xfs/xfs.ko.xz: kernel/lib/big.ko.zst\n"; !strings.Contains(got, want) {
		t.Errorf("modules.dep: %q, want %q", got, want)
	}
}

// Of a large set, each archive of the initramfs has its part: what a boot needs most comes first,
// and with a module all that it needs.
func TestPackInParts(t *testing.T) {
	files := map[string]string{
		"kernel/drivers/net/virtio_net.ko":     fake(),
		"kernel/drivers/net/ethernet/e1000.ko": fake("depends=lib,sensor", "alias=pci:v1"),
		"kernel/lib/lib.ko":                    fake("alias=lib"),
		"kernel/drivers/hwmon/sensor.ko":       fake(),
		"kernel/drivers/hwmon/hot.ko":          fake("depends=bus"),
		"kernel/drivers/misc/bus.ko":           fake(),
		"kernel/drivers/misc/odd.ko":           fake(),
		"kernel/fs/ext4/ext4.ko":               fake("description=" + strings.Repeat("x", large)),
		"kernel/fs/xfs/xfs.ko":                 fake("depends=lib,crc"),
		"kernel/lib/crc.ko":                    fake(),
		"kernel/sound/snd.ko":                  fake("firmware=card/a.bin"),
	}
	dest, dir := t.TempDir(), unpack(t, files)
	if err := run([]string{"-parts", "-firmware", dir + "/../../firmware", "-o", dest, dir}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	const below = "/lib/modules/1.0/"
	got := contents(t, dest)
	for _, name := range []string{
		"tree" + below + "kernel/drivers/net/virtio_net.ko", "tree" + below + "modules.alias.bin", "tree" + below + "modules.dep",
		"devices" + below + "kernel/drivers/net/ethernet/e1000.ko.zst", "devices" + below + "kernel/lib/lib.ko.zst",
		"devices" + below + "kernel/drivers/hwmon/sensor.ko.zst", "devices" + below + "kernel/fs/ext4/ext4.ko.zst",
		"filesystems" + below + "kernel/fs/xfs/xfs.ko.zst", "filesystems" + below + "kernel/lib/crc.ko.zst",
		"others" + below + "kernel/drivers/misc/bus.ko.zst", "others" + below + "kernel/drivers/misc/odd.ko.zst",
		"comforts" + below + "kernel/drivers/hwmon/hot.ko.zst", "comforts" + below + "kernel/sound/snd.ko.zst",
		"more" + below + "modules.alias", "more/lib/firmware/card/a.bin",
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestPackOnly(t *testing.T) {
	dest := t.TempDir()
	if err := run([]string{"-only", "net-failover, loop", "-o", dest, unpack(t, kernel)}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	var packed []string
	for file := range contents(t, dest) {
		if name := kmod.FileModule(file); name != "" {
			packed = append(packed, name)
		}
	}
	slices.Sort(packed)
	if want := []string{"failover", "net_failover"}; !slices.Equal(packed, want) { // loop is built in
		t.Errorf("packed are %q, want %q", packed, want)
	}
}

func TestPackIsReproducible(t *testing.T) {
	dir := unpack(t, kernel)
	var first map[string]string
	for range 5 {
		dest := t.TempDir()
		if err := run([]string{"-o", dest, dir}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		got := contents(t, dest)
		if first == nil {
			first = got
		}
		for name := range first {
			if got[name] != first[name] {
				t.Errorf("%s differs between two runs", name)
			}
		}
	}
}

func TestPackFailures(t *testing.T) {
	with := func(name, text string) map[string]string {
		files := map[string]string{"kernel/drivers/net/veth.ko": fake()}
		files[name] = text
		return files
	}
	tests := []struct {
		name  string
		files map[string]string
		args  []string
		err   string
	}{
		{"dependency is missing", with("kernel/fs/xfs/xfs.ko", fake("depends=crc")), nil, "module xfs needs crc, which is not in "},
		{"dependencies in a circle", map[string]string{
			"kernel/fs/a.ko": fake("depends=b"), "kernel/fs/b.ko": fake("depends=a")}, []string{"-only", "a"}, "modules need each other: a, b, a"},
		{"not ELF", with("kernel/fs/xfs/xfs.ko", "garbage"), nil, "xfs.ko: not a module: "},
		{"ELF cut short", with("kernel/fs/xfs/xfs.ko", fake("alias=a")[:100]), nil, "xfs.ko: not a module: "},
		{"compressed, but isn't", with("kernel/fs/xfs/xfs.ko.gz", "garbage"), nil, "xfs.ko.gz: "},
		{"unknown name", with("x", ""), []string{"-only", "veth,nonesuch"}, "there is no module nonesuch in "},
		{"no module", map[string]string{"kernel/x": ""}, nil, "there is no module in it"},
		{"lib/modules itself", map[string]string{"6.1/kernel/a.ko": fake()}, nil, "it has no folder kernel: give a folder …/lib/modules/VERSION"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append(slices.Clone(tt.args), "-o", t.TempDir(), unpack(t, tt.files))
			err := run(args, &bytes.Buffer{}, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.err)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "none")
	if err := run([]string{"-o", t.TempDir(), missing}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing folder: error %v", err)
	}
	if err := run([]string{missing}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("no error without -o")
	}
}

// Packing a machine's own modules onto itself must not touch them.
func TestPackRefusesToOverwrite(t *testing.T) {
	dir := unpack(t, kernel)
	before := contents(t, dir)
	err := run([]string{"-o", filepath.Join(dir, "../../.."), dir}, &bytes.Buffer{}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("error %v", err)
	}
	if after := contents(t, dir); len(after) != len(before) {
		t.Errorf("%d files before, %d after", len(before), len(after))
	}
}

func TestIndexAsDepmod(t *testing.T) {
	files := map[string]string{
		"kernel/a.ko":             string(fakemodule.Module{Info: []string{"depends=b-x,c", "alias=pci:v1*", "alias=pci:v1*sv[0-9]-x", "alias=pci:v2"}, Imports: []string{"sym_b", "sym_c"}}.Image()),
		"kernel/b-x.ko":           string(fakemodule.Module{Info: []string{"depends=c", "alias=b"}, Imports: []string{"sym_c"}, Exports: []string{"sym_b"}}.Image()),
		"kernel/c.ko":             string(fakemodule.Module{Info: []string{"depends=", "softdep=post: a"}, Exports: []string{"sym_c"}}.Image()),
		"kernel/d.ko":             string(fakemodule.Module{Info: []string{"depends=a", "alias=d-*", "alias=devname:d/node", "alias=char-major-10-200"}, Imports: []string{"sym_a"}}.Image()),
		"modules.order":           "kernel/c.ko\nkernel/d.ko\nkernel/a.ko\nkernel/b-x.ko\n",
		"modules.builtin":         "kernel/drivers/block/loop.ko\nkernel/lib/crc-x.ko\n",
		"modules.builtin.modinfo": "loop.license=GPL\x00loop.alias=block-major-7-*\x00loop.alias=devname:loop-control\x00crc_x.alias=crypto-crc\x00",
		"kernel/unused":           "",
		"modules.devfoo":          "",
	}
	files["kernel/a.ko"] = string(fakemodule.Module{Info: []string{"depends=b-x,c", "alias=pci:v1*", "alias=pci:v1*sv[0-9]-x", "alias=pci:v2"}, Imports: []string{"sym_b", "sym_c"}, Exports: []string{"sym_a"}}.Image())
	dir := unpack(t, files)
	dest := t.TempDir()
	if err := run([]string{"-only", "a,b-x,c,d", "-o", dest, dir}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program.Need(t, "depmod"), "-b", filepath.Join(dir, "../../.."), "1.0").CombinedOutput(); err != nil {
		t.Fatalf("depmod: %v\n%s", err, out)
	}
	for _, name := range []string{
		"modules.dep.bin", "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin",
	} {
		got, want := contents(t, filepath.Join(dest, "lib/modules/1.0"))[name], contents(t, dir)[name]
		if got != want {
			t.Errorf("%s: %q\ndepmod writes %q", name, got, want)
		}
	}
	for _, name := range []string{"modules.dep", "modules.alias", "modules.softdep", "modules.symbols", "modules.devname"} {
		got, want := lines(t, filepath.Join(dest, "lib/modules/1.0", name)), lines(t, filepath.Join(dir, name))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q\ndepmod writes %q", name, got, want)
		}
	}
}

// lines returns an index's lines without comments, sorted: depmod's order of
// modules that modules.order leaves out is that of the folder.
func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "#")
	})
	slices.Sort(all)
	return all
}
