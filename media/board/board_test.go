package board

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/media/load"
)

// files is what a board starts from, in files of that text.
func files(t *testing.T, words ...string) Files {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"kernel", "initramfs.cpio.zst", "drivers", "one.dtb", "two.dtb"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("this is "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(folder, name) }
	return Files{
		load.Set{Arch: "arm64", Kernel: in("kernel"), Initramfs: in("initramfs.cpio.zst"), Drivers: in("drivers"), Words: words},
		[]string{in("one.dtb"), in("two.dtb")}, time.Unix(1e9, 0),
	}
}

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// mkimage lists what is in a FIT, and the same gives the same.
func TestWriteFIT(t *testing.T) {
	f, folder := files(t, "console=ttyAMA0", "b2c.shell"), t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	for _, file := range []string{first, second} {
		if err := f.WriteFIT(file); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := os.ReadFile(first)
	if b, _ := os.ReadFile(second); !bytes.Equal(a, b) {
		t.Error("two images of the same are not the same")
	}
	listing := output(t, "mkimage", "-l", first)
	for _, want := range []string{"Kernel Image (no loading done)", "RAMDisk Image", "Configuration 0 (conf-0)\n  Description:  one.dtb",
		"Configuration 1 (conf-1)\n  Description:  two.dtb", "Default Configuration: 'conf-0'"} {
		if !strings.Contains(listing, want) {
			t.Errorf("%q is missing in\n%s", want, listing)
		}
	}
	for _, want := range []string{"setenv bootargs 'console=ttyAMA0'\n",
		"setexpr above ${bootrc} + a00000 && cp.b ${bootrc} ${above} a00000 && setenv bootrc ${above}\nbootm ${bootrc}\n", "this is initramfs.cpio.zst", "b2c.shell\n"} {
		if !bytes.Contains(a, []byte(want)) {
			t.Errorf("%q is not in it", want)
		}
	}
	if f.Trees = nil; f.WriteFIT(first) != nil {
		t.Fatal("without device trees, there is none")
	}
	if a, _ := os.ReadFile(first); !bytes.Contains(a, []byte("bootm ${bootrc}#conf-0 ${bootrc}#conf-0 ${fdtcontroladdr}\n")) {
		t.Error("without a device tree of its own, it does not take U-Boot's")
	}
}

// A RISC-V kernel is not started where it lies, and there is no choice of device trees for it.
func TestWriteFITForRISCV(t *testing.T) {
	f, file := files(t, "console=ttyS0"), filepath.Join(t.TempDir(), "fit")
	f.Arch = "riscv64"
	for _, tt := range []struct {
		trees int
		start string // "": an error
	}{
		{0, "setenv tree ${fdtcontroladdr}\nimxtract ${bootrc} ramdisk && booti ${kernel} ${fileaddr}:${filesize} ${tree}\n"},
		{1, "imxtract ${bootrc} fdt-0 && setenv tree ${fileaddr}\nimxtract ${bootrc} ramdisk && booti "},
		{2, ""},
	} {
		one := f
		one.Trees = f.Trees[:tt.trees]
		err := one.WriteFIT(file)
		if (err != nil) != (tt.start == "") {
			t.Errorf("%d device trees: %v", tt.trees, err)
		}
		if image, _ := os.ReadFile(file); err == nil && !bytes.Contains(image, []byte(tt.start)) {
			t.Errorf("%d device trees: %q is not in it", tt.trees, tt.start)
		}
	}
}

func TestWriteRamdisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uInitrd")
	if err := files(t).WriteRamdisk(file); err != nil {
		t.Fatal(err)
	}
	if listing := output(t, "mkimage", "-l", file); !strings.Contains(listing, "AArch64 Linux RAMDisk Image (uncompressed)") {
		t.Errorf("it is\n%s", listing)
	}
}

// Each file that config.txt names is there.
func TestWritePi(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "pi")
	if err := files(t, "b2c.run=a b").WritePi(folder); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	config := read("config.txt")
	for _, want := range []string{"kernel=vmlinuz.linux_arm64\n", "initramfs initramfs.linux_arm64.cpio.zst,drivers.linux_arm64.cpio followkernel\n"} {
		if !strings.Contains(config, want) {
			t.Errorf("%q is missing in\n%s", want, config)
		}
	}
	for _, name := range []string{"vmlinuz.linux_arm64", "initramfs.linux_arm64.cpio.zst", "drivers.linux_arm64.cpio", "two.dtb", "README.txt"} {
		read(name)
	}
	if line := read("cmdline.txt"); line != "console=ttyS1,115200 console=tty0 \"b2c.run=a b\"\n" {
		t.Errorf("the line is %q", line)
	}
	f := files(t)
	if f.Arch = "amd64"; f.WritePi(folder) == nil {
		t.Error("an amd64 is no Raspberry Pi")
	}
}
