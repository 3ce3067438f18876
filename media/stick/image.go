// Package stick writes what a PC, or an arm64 machine with UEFI, starts from: the image of a stick,
// and that of a disc. GRUB reads the kernel, the archives, the arguments and the hooks from the
// medium it was started from, so that the boot needs no driver for it.
package stick

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/diskfs/go-diskfs/partition/mbr"
)

const (
	sector = 512
	begin  = 1 << 20  // bytes before the FAT partition, with GRUB for a BIOS among them
	spare  = 64 << 20 // bytes that are free on the partition at least: for a new initramfs beside the old
)

// Write writes the image of a stick to a file. serial names the FAT's and the disk's, or with 0 they are of
// what is on it, so that the same content gives the same image.
func (m Medium) Write(image string, serial uint32) error {
	work, err := os.MkdirTemp("", "stick")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	tree := filepath.Join(work, "tree")
	if err := m.writeTree(tree, "probe --set=uuid --fs-uuid $root\nset medium=b2c.stick=UUID=$uuid\n"); err != nil {
		return err
	}
	names, size, sum, err := list(tree)
	if err != nil {
		return err
	}
	if serial == 0 {
		serial = binary.BigEndian.Uint32(sum)
	}
	length := (size + size/8 + spare + begin - 1) &^ (begin - 1)
	if err := m.writeDisk(image, length, serial); err != nil {
		return err
	}
	return writeFAT(image, begin, length, serial, tree, names)
}

// list lists a tree's folders and files, each below its own folder, with the bytes of all files and the sum
// of all that is in it.
func list(tree string) (names []string, size int64, sum []byte, err error) {
	hash := sha256.New()
	err = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == tree {
			return err
		}
		name, err := filepath.Rel(tree, path)
		if err != nil {
			return err
		}
		names = append(names, name)
		fmt.Fprintf(hash, "%s\x00", name)
		if entry.IsDir() {
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		n, err := io.Copy(hash, f)
		size += n
		return err
	})
	return names, size, hash.Sum(nil), err
}

// writeDisk writes an empty disk with one FAT partition of length bytes, which a BIOS takes for active, and GRUB for
// a BIOS before it.
func (m Medium) writeDisk(image string, length int64, serial uint32) error {
	f, err := os.Create(image)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(begin + length); err != nil {
		return err
	}
	if bios := loaders[m.Arch].bios; bios != "" {
		if err := m.writeBIOS(f, filepath.Join(m.Loaders, bios)); err != nil {
			return err
		}
	}
	if _, err := f.WriteAt(binary.LittleEndian.AppendUint32(nil, serial), 440); err != nil {
		return err
	}
	table := mbr.Table{Partitions: []*mbr.Partition{{
		Bootable: true, Type: mbr.Fat32LBA, Start: begin / sector, Size: uint32(length / sector),
		StartHead: 0xfe, StartSector: 0xff, StartCylinder: 0xff, EndHead: 0xfe, EndSector: 0xff, EndCylinder: 0xff,
	}}}
	if err := table.Write(f, begin+length); err != nil {
		return err
	}
	return f.Close()
}

// biosModules is what GRUB for a BIOS has in itself: all that the menu uses.
var biosModules = []string{"biosdisk", "part_msdos", "fat", "iso9660", "normal", "configfile", "linux", "test", "probe",
	"search", "search_label", "serial", "terminal", "echo", "minicmd", "sleep", "reboot", "halt"}

// writeBIOS writes GRUB's first sector, and behind it the rest, for which it looks there (its manual, BIOS installation).
func (m Medium) writeBIOS(f *os.File, modules string) error {
	boot, err := os.ReadFile(filepath.Join(modules, "boot.img"))
	if err != nil {
		return err
	}
	core, err := mkimage(modules, "i386-pc", "(,msdos1)/boot/grub", biosModules)
	if err != nil {
		return err
	}
	if len(core) > begin-2*sector-4096 {
		return fmt.Errorf("GRUB is too large: %d bytes", len(core))
	}
	if _, err := f.WriteAt(boot[:440], 0); err != nil {
		return err
	}
	_, err = f.WriteAt(core, sector)
	return err
}

// mkimage has grub-mkimage make an image with these modules.
func mkimage(folder, format, prefix string, modules []string) ([]byte, error) {
	out, err := os.CreateTemp("", "grub")
	if err != nil {
		return nil, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	args := append([]string{"--directory=" + folder, "--format=" + format, "--prefix=" + prefix, "--output=" + out.Name()}, modules...)
	if err := run("grub-mkimage", args...); err != nil {
		return nil, err
	}
	return io.ReadAll(out)
}

// writeFAT makes a FAT at an offset of an image, with a tree's folders and files.
func writeFAT(image string, at, length int64, serial uint32, tree string, names []string) error {
	drive := fmt.Sprintf("%s@@%d", image, at)
	args := []string{"-i", drive, "-T", strconv.FormatInt(length/sector, 10), "-h", "255", "-s", "63",
		"-H", strconv.FormatInt(at/sector, 10), "-N", fmt.Sprintf("%08x", serial), "-v", "BOOTRC", "::"}
	if length > 40<<20 {
		args = append([]string{"-F"}, args...) // FAT32 from the least size that it can have
	}
	if err := run("mformat", args...); err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(tree, name)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.IsDir() {
			err = run("mmd", "-i", drive, "::/"+name)
		} else {
			err = run("mcopy", "-i", drive, path, "::/"+name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs a program whose work depends on nothing of this machine.
func run(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "MTOOLSRC=/dev/null", "SOURCE_DATE_EPOCH="+strconv.FormatInt(Date().Unix(), 10))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}

// Date is that of all files: $SOURCE_DATE_EPOCH, or the first that a FAT can have.
func Date() time.Time {
	first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if given := time.Unix(seconds, 0); err == nil && given.After(first) {
		return given
	}
	return first
}
