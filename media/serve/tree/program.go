package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// section is one that is added to systemd's stub (systemd-stub(7)).
type section struct {
	name  string
	parts []part
}

// part is a part of a file that is put together.
type part struct {
	io.ReaderAt
	size int64
}

func textPart(content string) part { return part{strings.NewReader(content), int64(len(content))} }

// program returns the EFI program that boots a machine: systemd's stub, with the kernel, its command
// line, the initramfs and the machine's archive. It is put together while it is read.
func (t *Tree) program(arch string, a arguments) (*File, error) {
	f := &File{From: a.from}
	var opened []*File
	for _, name := range []string{"stub.efi", "vmlinuz", "initramfs"} {
		file, err := t.open(arch, name)
		if err != nil {
			f.Close()
			return nil, err
		}
		f.closers = append(f.closers, file)
		opened = append(opened, file)
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
	parts, err := assemble(stub, []section{
		{".cmdline", []part{textPart(a.line)}},
		{".initrd", []part{{initramfs, initramfs.Size}, {zeroes{}, -initramfs.Size & 3}, textPart(string(archive))}},
		{".linux", []part{{kernel, kernel.Size}}},
	})
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s/stub.efi: %w", arch, err)
	}
	joined := join(parts)
	f.ReaderAt, f.Size = joined, joined.size
	return f, nil
}

// zeroes is as many zeroes as are read.
type zeroes struct{}

func (zeroes) ReadAt(b []byte, _ int64) (int, error) {
	clear(b)
	return len(b), nil
}

// Offsets of the PE format ("PE Format", Microsoft): within the headers, from the signature on, and
// within a section's header.
const (
	peOffset       = 0x3c
	numberSections = 6
	symbolTable    = 12
	optionalSize   = 20
	optional       = 24
	fileAlignment  = optional + 36
	imageSize      = optional + 56
	headersSize    = optional + 60
	sectionHeader  = 40
	initialised    = 0x40000040 // data that is initialised, and can be read
	mostStub       = 16 << 20
)

// alignment is that of sections in memory, for each page size.
const alignment = 64 << 10

// assemble returns the parts of a stub with more sections.
func assemble(stub *File, sections []section) ([]part, error) {
	if stub.Size > mostStub {
		return nil, errors.New("it is too large for a stub")
	}
	head := make([]byte, stub.Size)
	if _, err := stub.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	table, raw, virtual, err := layout(head)
	if err != nil {
		return nil, err
	}
	pe := int(binary.LittleEndian.Uint32(head[peOffset:]))
	count := int(binary.LittleEndian.Uint16(head[pe+numberSections:]))
	if end := table + (count+len(sections))*sectionHeader; end > int(binary.LittleEndian.Uint32(head[pe+headersSize:])) {
		return nil, errors.New("its headers have no room for more sections")
	}
	aligned := int64(binary.LittleEndian.Uint32(head[pe+fileAlignment:]))
	head = append(head[:min(raw, int64(len(head)))], make([]byte, max(raw-int64(len(head)), 0))...) // without symbols, which stand last
	clear(head[pe+symbolTable : pe+symbolTable+8])
	parts := []part{{}}
	for i, s := range sections {
		content := join(s.parts)
		padded := up(content.size, aligned)
		header := head[table+(count+i)*sectionHeader:]
		clear(header[:sectionHeader])
		copy(header[:8], s.name)
		for j, value := range []int64{content.size, virtual, padded, raw} {
			binary.LittleEndian.PutUint32(header[8+4*j:], uint32(value))
		}
		binary.LittleEndian.PutUint32(header[36:], initialised)
		parts = append(parts, part{content, content.size}, part{zeroes{}, padded - content.size})
		raw, virtual = raw+padded, up(virtual+content.size, alignment)
		if virtual >= 1<<32 {
			return nil, errors.New("with the kernel and the initramfs, it has more than 4 GiB")
		}
	}
	binary.LittleEndian.PutUint16(head[pe+numberSections:], uint16(count+len(sections)))
	binary.LittleEndian.PutUint32(head[pe+imageSize:], uint32(virtual))
	parts[0] = textPart(string(head))
	return parts, nil
}

// layout returns where a program's table of sections is, where its sections end in the file, and where
// further ones can begin in memory.
func layout(head []byte) (table int, raw, virtual int64, err error) {
	broken := errors.New("it is no EFI program")
	if len(head) < peOffset+4 || string(head[:2]) != "MZ" {
		return 0, 0, 0, broken
	}
	pe := int64(binary.LittleEndian.Uint32(head[peOffset:]))
	if pe+headersSize+8 > int64(len(head)) || string(head[pe:pe+4]) != "PE\x00\x00" {
		return 0, 0, 0, broken
	}
	count := int64(binary.LittleEndian.Uint16(head[pe+numberSections:]))
	begin := pe + optional + int64(binary.LittleEndian.Uint16(head[pe+optionalSize:]))
	if begin+count*sectionHeader > int64(len(head)) || binary.LittleEndian.Uint32(head[pe+fileAlignment:]) == 0 {
		return 0, 0, 0, broken
	}
	for i := range count {
		header := head[begin+i*sectionHeader:]
		field := func(n int) int64 { return int64(binary.LittleEndian.Uint32(header[8+4*n:])) }
		virtual = max(virtual, field(1)+max(field(0), field(2)))
		raw = max(raw, field(3)+field(2))
	}
	if raw > mostStub || virtual > mostStub {
		return 0, 0, 0, broken
	}
	return int(begin), up(raw, int64(binary.LittleEndian.Uint32(head[pe+fileAlignment:]))), up(virtual, alignment), nil
}

func up(n, to int64) int64 { return (n + to - 1) / to * to }

// joined is files, one behind the other.
type joined struct {
	parts []part
	size  int64
}

func join(parts []part) *joined {
	j := &joined{parts: parts}
	for _, p := range parts {
		j.size += p.size
	}
	return j
}

// ReadAt is io.ReaderAt's.
func (j *joined) ReadAt(b []byte, at int64) (n int, err error) {
	for _, p := range j.parts {
		if at >= p.size {
			at -= p.size
			continue
		}
		want := min(int64(len(b)-n), p.size-at)
		got, err := p.ReadAt(b[n:n+int(want)], at)
		n += got
		if int64(got) < want {
			return n, err
		}
		if at = 0; n == len(b) {
			return n, nil
		}
	}
	return n, io.EOF
}
