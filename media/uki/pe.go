// Package uki writes a unified kernel image: one file that UEFI starts, of systemd's stub, a kernel,
// an initramfs and the kernel's command line (UAPI group's specification "Unified Kernel Image").
package uki

import (
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Part is a part of a file that is put together while it is read.
type Part struct {
	io.ReaderAt
	Size int64
}

// Text is a part that holds a text.
func Text(content string) Part { return Part{strings.NewReader(content), int64(len(content))} }

// Zeroes is a part of zeroes.
func Zeroes(size int64) Part { return Part{zeroes{}, size} }

type zeroes struct{}

func (zeroes) ReadAt(b []byte, _ int64) (int, error) {
	clear(b)
	return len(b), nil
}

// Section is one that is added to the stub: its name has at most eight bytes, and its parts follow each other.
type Section struct {
	Name  string
	Parts []Part
}

// Where the headers are in a PE image (Microsoft's "PE Format").
const (
	peOffset      = 0x3c // where the file says where the signature is
	coffHeader    = 4    // behind that
	optional      = coffHeader + 20
	sectionHeader = 40
)

// alignment is that of sections in memory, for each page size.
const alignment = 64 << 10

// mostStub is the most bytes of a stub, in the file and in memory.
const mostStub = 16 << 20

// Join returns a PE image of 64 bits with more sections behind its own, which is put together while it is read. The stub
// must not be signed, and its headers must have room. There is no gap in it and nothing behind its sections, and its checksum is 0:
// those who sign it want the former, and reckon the latter.
func Join(stub Part, sections []Section) (*io.SectionReader, error) {
	file, err := pe.NewFile(io.NewSectionReader(stub, 0, stub.Size))
	if err != nil {
		return nil, err
	}
	header, ok := file.OptionalHeader.(*pe.OptionalHeader64)
	if !ok || header.FileAlignment == 0 {
		return nil, errors.New("it is no image of 64 bits")
	}
	raw, virtual := ends(file, header)
	if raw > min(stub.Size, mostStub) || virtual > mostStub {
		return nil, errors.New("it is cut, or too large for a stub")
	}
	head := make([]byte, up(raw, int64(header.FileAlignment)))
	if _, err := stub.ReadAt(head[:raw], 0); err != nil && err != io.EOF {
		return nil, err
	}
	signature := int64(binary.LittleEndian.Uint32(head[peOffset:]))
	place := signature + optional + int64(file.SizeOfOptionalHeader) + int64(len(file.Sections))*sectionHeader
	if place+int64(len(sections))*sectionHeader > int64(header.SizeOfHeaders) {
		return nil, fmt.Errorf("its headers have no room for %d more sections", len(sections))
	}
	parts := []Part{{}}
	raw = int64(len(head))
	for _, s := range sections {
		content, virtualAt := join(s.Parts), up(virtual, alignment)
		padding := up(content.Size(), int64(header.FileAlignment)) - content.Size()
		virtual = virtualAt + content.Size()
		if up(virtual, alignment) > math.MaxUint32 {
			return nil, errors.New("with the kernel and the initramfs, it has more than 4 GiB")
		}
		encode(head[place:], s.header(content.Size(), padding, virtualAt, raw))
		place += sectionHeader
		parts = append(parts, Part{content, content.Size()}, Zeroes(padding))
		raw += content.Size() + padding
	}
	file.NumberOfSections += uint16(len(sections))
	file.PointerToSymbolTable, file.NumberOfSymbols = 0, 0 // they stood behind the sections
	header.SizeOfImage, header.CheckSum = uint32(up(virtual, alignment)), 0
	encode(head[signature+coffHeader:], file.FileHeader)
	encode(head[signature+optional:][:file.SizeOfOptionalHeader], header)
	parts[0] = Text(string(head))
	return join(parts), nil
}

// ends is where an image's sections end, in the file and in memory.
func ends(file *pe.File, header *pe.OptionalHeader64) (raw, virtual int64) {
	raw, virtual = int64(header.SizeOfHeaders), int64(header.SizeOfImage)
	for _, s := range file.Sections {
		raw = max(raw, int64(s.Offset)+int64(s.Size))
		virtual = max(virtual, int64(s.VirtualAddress)+max(int64(s.VirtualSize), int64(s.Size)))
	}
	return raw, virtual
}

// header is the section's in the image's table.
func (s Section) header(size, padding, virtual, raw int64) pe.SectionHeader32 {
	const initialised, readable = 0x40, 0x40000000
	header := pe.SectionHeader32{
		VirtualSize: uint32(size), VirtualAddress: uint32(virtual),
		SizeOfRawData: uint32(size + padding), PointerToRawData: uint32(raw), Characteristics: initialised | readable,
	}
	copy(header.Name[:], s.Name)
	return header
}

// encode writes a header, of numbers alone, or as much of it as there is: an image may have fewer than 16 directories at its end.
func encode(to []byte, header any) {
	content, err := binary.Append(nil, binary.LittleEndian, header)
	if err != nil {
		panic(err)
	}
	copy(to, content)
}

func up(n, to int64) int64 { return (n + to - 1) / to * to }

// joined is parts, one behind the other.
type joined []Part

func join(parts []Part) *io.SectionReader {
	size := int64(0)
	for _, p := range parts {
		size += p.Size
	}
	return io.NewSectionReader(joined(parts), 0, size)
}

// ReadAt is io.ReaderAt's.
func (j joined) ReadAt(b []byte, at int64) (n int, err error) {
	for _, p := range j {
		if at >= p.Size {
			at -= p.Size
			continue
		}
		want := min(int64(len(b)-n), p.Size-at)
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
