package stick

import (
	"cmp"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/media/load"
)

//go:embed files
var files embed.FS

// loader is what Debian has of boot loaders for an architecture: names of files below the folder
// into which its packages were unpacked.
type loader struct {
	efi  map[string]string // a name in EFI/BOOT, and its file
	bios string            // the folder of GRUB's modules for a BIOS; "": there is no BIOS
}

// loaders are by Go's name of the architecture. Microsoft has signed the first of each, and Debian
// the others and its kernels, so that Secure Boot takes them as they are.
var loaders = map[string]loader{
	"amd64": {
		efi: map[string]string{
			"BOOTX64.EFI": "usr/lib/shim/shimx64.efi.signed",
			"grubx64.efi": "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed",
			"mmx64.efi":   "usr/lib/shim/mmx64.efi.signed",
		},
		bios: "usr/lib/grub/i386-pc",
	},
	"arm64": {
		efi: map[string]string{
			"BOOTAA64.EFI": "usr/lib/shim/shimaa64.efi.signed",
			"grubaa64.efi": "usr/lib/grub/arm64-efi-signed/gcdaa64.efi.signed",
			"mmaa64.efi":   "usr/lib/shim/mmaa64.efi.signed",
		},
	},
}

// consoles are what the kernel is told where nobody says a console: on a PC the screen, and the
// messages also on the serial port. Elsewhere the firmware's tables say it.
var consoles = map[string][]string{"amd64": {"console=ttyS0,115200", "console=tty0"}}

// example is what is run where nobody says anything.
const example = "b2c.run=\"docker://docker.io/library/hello-world\"\nb2c.poweroff_delay=60\n"

// writeTree writes all that a person, and GRUB, find on the medium to a folder. medium is the line of
// GRUB's language that sets the words by which the boot finds the medium.
func (m Medium) writeTree(dir, medium string) error {
	l, ok := loaders[m.Arch]
	if !ok {
		return fmt.Errorf("there is no boot loader for %s: there are amd64 and arm64", m.Arch)
	}
	if err := m.writeTexts(dir, medium); err != nil {
		return err
	}
	sources := map[string]string{m.KernelName(): m.Kernel, m.InitramfsName(): m.Initramfs}
	if m.Drivers != "" {
		sources[m.DriversName()] = m.Drivers
	}
	for name, file := range l.efi {
		sources[filepath.Join("EFI/BOOT", name)] = filepath.Join(m.Loaders, file)
	}
	for _, file := range m.hooks() {
		sources[filepath.Join("hooks", filepath.Base(file))] = file
	}
	for name, file := range sources {
		if err := copyFile(filepath.Join(dir, name), file); err != nil {
			return err
		}
	}
	return nil
}

// hooks are the files of more hooks, in the order of their names.
func (m Medium) hooks() []string {
	if m.Hooks == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(m.Hooks, "*.sh"))
	return files
}

func (m Medium) writeTexts(dir, medium string) error {
	m.Late = true
	m.Besides = "BOOT_IMAGE=/" + m.KernelName() + " b2c.stick=LABEL=BOOTRC_01234567 b2c.break=network "
	line, err := m.Line()
	if err == nil && !strings.Contains(line, "console=") {
		m.Words = slices.Concat(consoles[m.Arch], m.Words)
		line, err = m.Line()
	}
	if err != nil {
		return err
	}
	menu := strings.NewReplacer("KERNEL", m.KernelName(), "INITRAMFS", m.InitramfsName(), "DRIVERS", m.DriversName())
	for name, change := range map[string]func(string) string{
		"boot/grub/grub.cfg": func(text string) string { return medium + menu.Replace(text) },
		"arguments.txt":      func(text string) string { return text + cmp.Or(m.Own(), example) },
		"kernel.cfg":         func(text string) string { return strings.Replace(text, "LINE", line, 1) },
		"hooks/README.txt":   func(text string) string { return text },
	} {
		text, err := files.ReadFile("files/" + strings.TrimPrefix(name, "boot/grub/"))
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, name), change(string(text))); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func copyFile(path, from string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// Medium is what goes on a stick or a disc.
type Medium struct {
	load.Set
	Loaders string // the folder with Debian's boot loaders
}
