package stick

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/media/load"
)

// medium is one for arm64, whose boot loaders are empty files.
func medium(t *testing.T, words ...string) Medium {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{"kernel": "kernel", "initramfs.cpio.zst": "initramfs", "drivers": "drivers", "hooks/35-wifi.sh": "echo wifi"}
	for _, file := range loaders["arm64"].efi {
		files["loaders/"+file] = "loader"
	}
	put(t, root, files)
	in := func(name string) string { return filepath.Join(root, name) }
	return Medium{load.Set{Arch: "arm64", Kernel: in("kernel"), Initramfs: in("initramfs.cpio.zst"), Drivers: in("drivers"),
		Hooks: in("hooks"), Words: words}, in("loaders")}
}

// On a disc, nothing is dated when it was written.
func TestWriteDisc(t *testing.T) {
	m, disc := medium(t), filepath.Join(t.TempDir(), "disc")
	if err := m.WriteDisc(disc); err != nil {
		t.Fatal(err)
	}
	list := exec.Command("xorriso", "-indev", disc, "-find", "/", "-exec", "lsdl")
	list.Env = append(os.Environ(), "TZ=UTC")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "Jan  1  1980") {
			t.Errorf("another date: %s", line)
		}
	}
	if !strings.Contains(string(out), "'/vmlinuz.linux_arm64'") {
		t.Errorf("the kernel is missing:\n%s", out)
	}
}

// Two discs that differ in anything have two labels: the boot finds its own.
func TestLabel(t *testing.T) {
	seen := make(map[string]string)
	m := medium(t)
	label := func(what string) {
		t.Helper()
		got, err := m.label()
		if err != nil || seen[got] != "" {
			t.Errorf("%s: %s, as with %q, %v", what, got, seen[got], err)
		}
		seen[got] = what
	}
	label("as it is")
	m.Words = []string{"quiet"}
	label("words")
	put(t, m.Hooks, map[string]string{"35-wifi.sh": "echo another"})
	label("a hook's content")
	if err := os.Rename(filepath.Join(m.Hooks, "35-wifi.sh"), filepath.Join(m.Hooks, "36-wifi.sh")); err != nil {
		t.Fatal(err)
	}
	label("its name")
}

// output runs a program on an image's FAT partition.
func output(t *testing.T, program, image string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"-i", image + "@@1M"}, args...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return string(out)
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	m := medium(t, "console=ttyAMA0", "b2c.run=a b", "b2c.modules=vfat")
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	for _, image := range []string{first, second} {
		if err := m.Write(image, 0); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := os.ReadFile(first)
	if b, _ := os.ReadFile(second); len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("two images of the same are not the same")
	}
	if text := output(t, "mtype", first, "::/arguments.txt"); !strings.HasSuffix(text, "\n\n\"b2c.run=a b\"\n") {
		t.Errorf("arguments.txt is\n%s", text)
	}
	if text := output(t, "mtype", first, "::/kernel.cfg"); !strings.Contains(text, `set kernel="console=ttyAMA0 b2c.modules=vfat"`) {
		t.Errorf("kernel.cfg is\n%s", text)
	}
	names := output(t, "mdir", first, "-b", "-/", "::/")
	for _, name := range []string{"EFI/BOOT/BOOTAA64.EFI", "boot/grub/grub.cfg", "hooks/35-wifi.sh", "vmlinuz.linux_arm64",
		"initramfs.linux_arm64.cpio.zst", "drivers.linux_arm64.cpio"} {
		if !strings.Contains(names, "::/"+name+"\n") {
			t.Errorf("%s is missing in\n%s", name, names)
		}
	}
	table, err := exec.Command("sfdisk", "-d", first).Output()
	if err != nil || !strings.Contains(string(table), "type=c, bootable") {
		t.Errorf("its table: %v\n%s", err, table)
	}
	// of a device, the serial number is another
	if err := m.Write(second, 0x1234abcd); err != nil {
		t.Fatal(err)
	}
	if text := output(t, "mdir", second, "::/"); !strings.Contains(text, "Volume Serial Number is 1234-ABCD") {
		t.Errorf("the serial number is not the one that was said:\n%s", text)
	}
}
