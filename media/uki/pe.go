// Package uki writes a unified kernel image: one file that UEFI starts, of systemd's stub, a kernel,
// an initramfs and the kernel's command line (UAPI group's specification "Unified Kernel Image").
package uki

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"fmt"
)

// Section is one that is added to the stub: its name has at most eight bytes.
type Section struct {
	Name string
	Data []byte
}

// offsets in a PE image (Microsoft's "PE Format"): of the headers in the file, of fields in the headers
const (
	peOffset       = 0x3c // where the file says where the PE header is
	coffHeader     = 4    // behind its signature
	sectionCount   = coffHeader + 2
	symbolTable    = coffHeader + 8 // and behind it, how many symbols there are
	optionalSize   = coffHeader + 16
	optionalHeader = coffHeader + 20
	imageSize      = optionalHeader + 56
	checksum       = optionalHeader + 64
	sectionHeader  = 40 // bytes
)

// flags of a section with data that is read
const initialisedData, readable = 0x40, 0x40000000

// Append returns a PE image with more sections behind its own. The image must not be signed, and its
// headers must have room.
func Append(stub []byte, sections []Section) ([]byte, error) {
	file, err := pe.NewFile(bytes.NewReader(stub))
	if err != nil {
		return nil, err
	}
	optional, ok := file.OptionalHeader.(*pe.OptionalHeader64)
	if !ok {
		return nil, fmt.Errorf("it is no image of 64 bits")
	}
	out := bytes.Clone(stub[:rawEnd(file)])
	head := int(binary.LittleEndian.Uint32(out[peOffset:]))
	table := head + optionalHeader + int(binary.LittleEndian.Uint16(out[head+optionalSize:]))
	place := table + len(file.Sections)*sectionHeader
	if end := place + len(sections)*sectionHeader; end > int(optional.SizeOfHeaders) {
		return nil, fmt.Errorf("its headers have no room for %d more sections", len(sections))
	}
	address := optional.SizeOfImage
	for _, s := range sections {
		address = align(address, optional.SectionAlignment)
		out = append(out, make([]byte, int(align(uint32(len(out)), optional.FileAlignment))-len(out))...)
		header := pe.SectionHeader32{
			VirtualSize: uint32(len(s.Data)), VirtualAddress: address,
			SizeOfRawData: align(uint32(len(s.Data)), optional.FileAlignment), PointerToRawData: uint32(len(out)),
			Characteristics: initialisedData | readable,
		}
		copy(header.Name[:], s.Name)
		var encoded bytes.Buffer
		if err := binary.Write(&encoded, binary.LittleEndian, header); err != nil {
			return nil, err
		}
		copy(out[place:], encoded.Bytes())
		place += sectionHeader
		address += header.VirtualSize
		out = append(out, s.Data...)
	}
	out = append(out, make([]byte, int(align(uint32(len(out)), optional.FileAlignment))-len(out))...)
	binary.LittleEndian.PutUint16(out[head+sectionCount:], uint16(len(file.Sections)+len(sections)))
	binary.LittleEndian.PutUint32(out[head+imageSize:], align(address, optional.SectionAlignment))
	binary.LittleEndian.PutUint32(out[head+checksum:], 0) // no firmware reads it
	binary.LittleEndian.PutUint64(out[head+symbolTable:], 0)
	return out, nil
}

// rawEnd is where the data of the last section ends in the file. Symbols behind it are for debuggers: a signature
// covers what the sections hold, one behind the other.
func rawEnd(file *pe.File) (end uint32) {
	for _, s := range file.Sections {
		end = max(end, s.Offset+s.Size)
	}
	return end
}

func align(n, to uint32) uint32 { return (n + to - 1) / to * to }
