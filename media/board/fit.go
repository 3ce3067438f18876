// Package board writes what boards start from: U-Boot's images, and the files of a Raspberry Pi's
// first partition.
package board

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"bootrc/media/load"
)

// Files is what a board starts from.
type Files struct {
	load.Set
	Trees []string  // the files of device trees
	Date  time.Time // of what is written
}

// machines are what U-Boot calls architectures, by Go's name.
var machines = map[string]string{"amd64": "x86_64", "arm64": "arm64", "arm": "arm", "riscv64": "riscv"}

// fitSource is a FIT as mkimage reads it (doc/uImage.FIT of U-Boot): one configuration for each device tree, by
// which U-Boot chooses, and a script for those who start whatever script they find. The kernel is not loaded to
// an address, since no address is right on all boards: it runs from where it lies, or moves itself. It is the last, since
// an ARMv7 kernel that unpacks itself writes over what is behind it.
var fitSource = template.Must(template.New("fit").Parse(`/dts-v1/;
/ {
	description = "bootrc";
	#address-cells = <1>;
	images {
		default = "script";
		script {
			data = /incbin/("{{.Script}}");
			type = "script";
			arch = "{{.Arch}}";
			os = "linux";
			compression = "none";
			hash { algo = "sha256"; };
		};
		ramdisk {
			data = /incbin/("{{.Initramfs}}");
			type = "ramdisk";
			arch = "{{.Arch}}";
			os = "linux";
			compression = "none";
			hash { algo = "sha256"; };
		};
{{- range $i, $tree := .Trees}}
		fdt-{{$i}} {
			description = "{{$tree.Name}}";
			data = /incbin/("{{$tree.File}}");
			type = "flat_dt";
			arch = "{{$.Arch}}";
			compression = "none";
			hash { algo = "sha256"; };
		};
{{- end}}
		kernel {
			data = /incbin/("{{.Kernel}}");
			type = "kernel_noload";
			arch = "{{.Arch}}";
			os = "linux";
			compression = "none";
			load = <0>;
			entry = <0>;
			hash { algo = "sha256"; };
		};
	};
	configurations {
		default = "conf-0";
{{- range $i, $tree := .Trees}}
		conf-{{$i}} {
			description = "{{$tree.Name}}";
			kernel = "kernel";
			ramdisk = "ramdisk";
			fdt = "fdt-{{$i}}";
		};
{{- else}}
		conf-0 {
			description = "{{.Arch}}";
			kernel = "kernel";
			ramdisk = "ramdisk";
		};
{{- end}}
	};
};
`))

// fitScript starts the image that it is in, which was loaded to $bootrc, or to where scripts are loaded. U-Boot puts
// an arm64 kernel where the memory begins, and others may put themselves there: the image goes out of their way first. Without a
// device tree of its own, the machine gets the one that U-Boot has.
const fitScript = `test -n "${bootrc}" || setenv bootrc ${scriptaddr}
setenv bootargs '%s'
setexpr above ${bootrc} + %[2]x && cp.b ${bootrc} ${above} %[2]x && setenv bootrc ${above}
%[3]s
`

// fitByHand is how the script starts a RISC-V kernel: bootm would leave it where it lies in the image, and no such kernel can
// be moved later; booti puts it where it belongs (arch/riscv/boot-image-header.rst of Linux).
const fitByHand = `imxtract ${bootrc} kernel && setenv kernel ${fileaddr}
setenv tree ${fdtcontroladdr}
%simxtract ${bootrc} ramdisk && booti ${kernel} ${fileaddr}:${filesize} ${tree}`

// room is how many bytes U-Boot's header, the script and a kernel's data that is not in its file have at most.
const room = 8 << 20

// unpacked is how many times as large as its file an ARMv7 kernel is in memory, at most.
const unpacked = 8

// reach is what the image, and the kernel in memory, have at most.
func reach(files ...string) (int64, error) {
	sum := int64(room)
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	const alignment = 2 << 20
	return (sum + alignment - 1) &^ (alignment - 1), nil
}

// tree is one device tree as the template names it.
type tree struct{ Name, File string }

// WriteFIT writes a flattened image tree to a file: kernel, initramfs, device trees.
func (f Files) WriteFIT(file string) error {
	arch, ok := machines[f.Arch]
	if !ok {
		return fmt.Errorf("U-Boot has no name for %s", f.Arch)
	}
	work, err := os.MkdirTemp("", "fit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	in := func(name string) string { return filepath.Join(work, name) }
	line, err := f.Line()
	if err != nil {
		return err
	}
	if err := f.writeInitramfs(in("initramfs")); err != nil {
		return err
	}
	var trees []tree
	for _, file := range f.Trees {
		trees = append(trees, tree{filepath.Base(file), file})
	}
	start, err := f.start()
	if err != nil {
		return err
	}
	kernel := []string{f.Kernel}
	if f.Arch == "arm" {
		kernel = slices.Repeat(kernel, unpacked)
	}
	size, err := reach(slices.Concat(kernel, f.Trees, []string{in("initramfs")})...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(in("script"), fmt.Appendf(nil, fitScript, line, size, start), 0o644); err != nil {
		return err
	}
	source, err := os.Create(in("source"))
	if err != nil {
		return err
	}
	defer source.Close()
	err = fitSource.Execute(source, map[string]any{
		"Arch": arch, "Script": in("script"), "Kernel": f.Kernel, "Initramfs": in("initramfs"), "Trees": trees,
	})
	if err != nil {
		return err
	}
	return f.mkimage("-f", in("source"), file)
}

// start is the script's last part, which starts the image at $bootrc.
func (f Files) start() (string, error) {
	switch {
	case f.Arch == "riscv64" && len(f.Trees) > 1:
		return "", fmt.Errorf("%d device trees: U-Boot chooses none for riscv64, so give the board's with --dtb FILE, or none, for U-Boot's own", len(f.Trees))
	case f.Arch == "riscv64" && len(f.Trees) == 1:
		return fmt.Sprintf(fitByHand, "imxtract ${bootrc} fdt-0 && setenv tree ${fileaddr}\n"), nil
	case f.Arch == "riscv64":
		return fmt.Sprintf(fitByHand, ""), nil
	case len(f.Trees) == 0: // by a name, since U-Boot may look for the one with the board's tree
		return "bootm ${bootrc}#conf-0 ${bootrc}#conf-0 ${fdtcontroladdr}", nil
	}
	return "bootm ${bootrc}", nil
}

// WriteRamdisk writes the initramfs to a file as U-Boot's older format has it (uInitrd).
func (f Files) WriteRamdisk(file string) error {
	arch, ok := machines[f.Arch]
	if !ok {
		return fmt.Errorf("U-Boot has no name for %s", f.Arch)
	}
	initramfs, err := os.CreateTemp("", "initramfs")
	if err != nil {
		return err
	}
	initramfs.Close()
	defer os.Remove(initramfs.Name())
	if err := f.writeInitramfs(initramfs.Name()); err != nil {
		return err
	}
	return f.mkimage("-A", arch, "-O", "linux", "-T", "ramdisk", "-C", "none", "-n", "bootrc", "-d", initramfs.Name(), file)
}

func (f Files) writeInitramfs(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := f.WriteInitramfs(out); err != nil {
		return err
	}
	return out.Close()
}

// mkimage runs U-Boot's mkimage, which takes the time from the environment.
func (f Files) mkimage(args ...string) error {
	cmd := exec.Command("mkimage", args...)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(f.Date.Unix(), 10))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mkimage %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
