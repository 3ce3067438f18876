package stick

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/size"

	"golang.org/x/sys/unix"
)

// Device is a disk of this workstation.
type Device struct {
	path, sys string
	bytes     int64
}

// IsDevice tells whether a path is that of a block device.
func IsDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(os.ModeDevice|os.ModeCharDevice) == os.ModeDevice
}

// FindDevice returns the disk at a path, if it may be overwritten: nothing of it is in use, and it can be taken out,
// unless anyDisk says that it need not.
func FindDevice(path string, anyDisk bool) (Device, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Device{}, err
	}
	d, err := deviceIn("/sys/class/block", path)
	if err != nil {
		return Device{}, err
	}
	if !anyDisk && !d.removable() {
		return Device{}, fmt.Errorf("%s (%s) is no removable disk: if it is meant all the same, say --any-disk", path, d.model())
	}
	return d, d.unused()
}

func deviceIn(sys, path string) (Device, error) {
	d := Device{path: path, sys: filepath.Join(sys, filepath.Base(path))}
	if _, err := os.Stat(filepath.Join(d.sys, "partition")); err == nil {
		return Device{}, fmt.Errorf("%s is a partition: name the whole disk", path)
	}
	sectors, err := strconv.ParseInt(d.read("size"), 10, 64)
	if err != nil || sectors == 0 {
		return Device{}, fmt.Errorf("%s: there is no medium in it", path)
	}
	d.bytes = sectors * 512
	return d, nil
}

// removable tells whether it is a drive whose medium can be taken out, or is on USB.
func (d Device) removable() bool {
	folder, _ := filepath.EvalSymlinks(d.sys)
	return d.read("removable") == "1" || strings.Contains(folder, "/usb")
}

// model is what it calls itself.
func (d Device) model() string {
	words := strings.Fields(d.read("device/vendor") + " " + d.read("device/model"))
	if len(words) == 0 {
		return "a disk without a name"
	}
	return strings.Join(words, " ")
}

func (d Device) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(d.sys, name))
	return strings.TrimSpace(string(text))
}

// unused says what of the disk is in use.
func (d Device) unused() error {
	fd, err := unix.Open(d.path, unix.O_RDONLY|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
		return nil
	}
	if err != unix.EBUSY {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	mounted := d.mounts("/proc/self/mountinfo")
	if len(mounted) == 0 {
		return fmt.Errorf("%s is in use", d.path)
	}
	return fmt.Errorf("%s is in use: unmount %s", d.path, strings.Join(mounted, ", "))
}

// mounts lists where its partitions are mounted (proc_pid_mountinfo(5)).
func (d Device) mounts(table string) []string {
	numbers := []string{d.read("dev")}
	partitions, _ := filepath.Glob(filepath.Join(d.sys, "*", "dev"))
	for _, file := range partitions {
		name, _ := filepath.Rel(d.sys, file)
		numbers = append(numbers, d.read(name))
	}
	text, _ := os.ReadFile(table)
	var folders []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 4 && slices.Contains(numbers, fields[2]) {
			folders = append(folders, fields[4])
		}
	}
	return folders
}

// String names the disk with its size.
func (d Device) String() string {
	return fmt.Sprintf("%s (%s, %s)", d.path, d.model(), size.BinaryText(d.bytes))
}

// Confirm asks whether the disk may be overwritten.
func (d Device) Confirm(answers io.Reader, out io.Writer) error {
	fmt.Fprintf(out, "All that is on %s will be lost. Type yes to go on: ", d)
	answer, _ := bufio.NewReader(answers).ReadString('\n')
	if strings.TrimSpace(answer) != "yes" {
		return errors.New("nothing was written")
	}
	return nil
}

// Write writes an image to the disk, and reads from the disk what it wrote. What stood at the disk's end, a copy of
// an older partition table maybe, goes.
func (d Device) Write(image string) error {
	in, err := os.Open(image)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if info.Size()+begin > d.bytes {
		return fmt.Errorf("%s is too small: the image has %s", d, size.BinaryText(info.Size()))
	}
	out, err := os.OpenFile(d.path, os.O_RDWR|unix.O_EXCL, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := out.WriteAt(make([]byte, begin), d.bytes-begin); err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("write to %s: %w", d.path, err)
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("write to %s: %w", d.path, err)
	}
	if err := forget(out); err != nil {
		return err
	}
	if err := same(in, out, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	unix.IoctlSetInt(int(out.Fd()), unix.BLKRRPART, 0) // a loop device has no partitions to read
	return nil
}

// forget has what is read next come from the disk.
func forget(f *os.File) error {
	if err := unix.IoctlSetInt(int(f.Fd()), unix.BLKFLSBUF, 0); err != nil && err != unix.EACCES {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// same compares the first bytes of two files.
func same(a, b io.ReaderAt, length int64) error {
	const block = 1 << 20
	x, y := make([]byte, block), make([]byte, block)
	for at := int64(0); at < length; at += block {
		n := min(block, length-at)
		if _, err := a.ReadAt(x[:n], at); err != nil && err != io.EOF {
			return err
		}
		if _, err := b.ReadAt(y[:n], at); err != nil && err != io.EOF {
			return err
		}
		if string(x[:n]) != string(y[:n]) {
			return fmt.Errorf("it does not hold what was written to it, somewhere from byte %d on: it is broken, or smaller than it says", at)
		}
	}
	return nil
}
