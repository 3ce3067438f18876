package stick

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// WriteDisc writes the image of a disc, as a BMC shows it to its machine: El Torito for a BIOS and for UEFI.
func (m Medium) WriteDisc(image string) error {
	work, err := os.MkdirTemp("", "disc")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	tree := filepath.Join(work, "tree")
	label, err := m.label()
	if err != nil {
		return err
	}
	if err := m.writeTree(tree, "set medium=b2c.stick=LABEL="+label+"\n"); err != nil {
		return err
	}
	boot := []string{}
	if bios := loaders[m.Arch].bios; bios != "" {
		core, err := mkimage(filepath.Join(m.Loaders, bios), "i386-pc-eltorito", "/boot/grub", biosModules)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(tree, "boot/bios.img"), core, 0o644); err != nil {
			return err
		}
		boot = append(boot, "-b", "boot/bios.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info", "-eltorito-alt-boot")
	}
	if err := m.writeEFI(work, filepath.Join(tree, "boot/efi.img"), label); err != nil {
		return err
	}
	boot = append(boot, "-e", "boot/efi.img", "-no-emul-boot")
	if err := dated(tree); err != nil {
		return err
	}
	return run("xorriso", slices.Concat([]string{"-as", "mkisofs", "-quiet", "-o", image, "-V", label, "-J", "-r"}, boot, []string{tree})...)
}

// dated gives all of a tree the one date.
func dated(tree string) error {
	return filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, Date(), Date())
	})
}

// label is what a disc with this content, and no other, is called.
func (m Medium) label() (string, error) {
	hash := sha256.New()
	for _, file := range slices.Concat(m.Archives(), []string{m.Kernel}, m.hooks()) {
		fmt.Fprintf(hash, "%q", filepath.Base(file))
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	fmt.Fprintf(hash, "%q", m.Words)
	return fmt.Sprintf("BOOTRC_%X", hash.Sum(nil)[:4]), nil
}

// writeEFI writes the FAT that UEFI starts from, with the loaders alone.
func (m Medium) writeEFI(work, image, label string) error {
	tree := filepath.Join(work, "efi")
	menu := "search --set=root --label " + label + "\nset prefix=($root)/boot/grub\nconfigfile ($root)/boot/grub/grub.cfg\n"
	if err := writeFile(filepath.Join(tree, "boot/grub/grub.cfg"), menu); err != nil {
		return err
	}
	for name, file := range loaders[m.Arch].efi {
		if err := copyFile(filepath.Join(tree, "EFI/BOOT", name), filepath.Join(m.Loaders, file)); err != nil {
			return err
		}
	}
	names, size, _, err := list(tree)
	if err != nil {
		return err
	}
	const mib = 1 << 20
	length := (size + 2*mib - 1) &^ (mib - 1)
	f, err := os.Create(image)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(length); err != nil {
		return err
	}
	return writeFAT(image, 0, length, 1, tree, names)
}
