package tree

import (
	"fmt"

	"bootrc/media/uki"
)

// program returns the EFI program that boots a machine: systemd's stub, with the kernel, its command
// line, the initramfs and the machine's archive. It is put together while it is read.
func (t *Tree) program(arch string, a arguments) (*File, error) {
	f := &File{From: a.from}
	var opened []uki.Part
	for _, name := range []string{"stub.efi", "vmlinuz", "initramfs"} {
		file, err := t.open(arch, name)
		if err != nil {
			f.Close()
			return nil, err
		}
		f.closers = append(f.closers, file)
		opened = append(opened, uki.Part{ReaderAt: file, Size: file.Size})
		if file.Modified.After(f.Modified) {
			f.Modified = file.Modified
		}
	}
	archive, err := t.archive(a)
	if err != nil {
		f.Close()
		return nil, err
	}
	stub, kernel, initramfs := opened[0], opened[1], opened[2]
	joined, err := uki.Join(stub, []uki.Section{
		{Name: ".cmdline", Parts: []uki.Part{uki.Text(a.line)}},
		{Name: ".initrd", Parts: []uki.Part{initramfs, uki.Zeroes(-initramfs.Size & 3), uki.Text(string(archive))}},
		{Name: ".linux", Parts: []uki.Part{kernel}},
	})
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s/stub.efi: %w", arch, err)
	}
	f.ReaderAt, f.Size = joined, joined.Size()
	return f, nil
}
