// Package fakemodule writes files that depmod(8) takes for kernel modules, for
// tests: ELF objects with what depmod and modinfo read, and no code.
package fakemodule

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
)

// Module is what there is to know of a module from outside.
type Module struct {
	Info    []string // of .modinfo: "alias=pci:*"
	Exports []string // symbols that others may use
	Imports []string // symbols of others
}

// section is one section on its way into a file.
type section struct {
	name string
	data []byte
	elf.Section64
}

// Image returns the module's file.
func (m Module) Image() []byte {
	symbols, names := m.symbols()
	return object([]section{
		{},
		{name: ".modinfo", data: stringTable(m.Info), Section64: elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC)}},
		{name: "__ksymtab_strings", data: stringTable(m.Exports), Section64: elf.Section64{Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC)}},
		{name: ".symtab", data: symbols, Section64: elf.Section64{Type: uint32(elf.SHT_SYMTAB), Link: 4, Info: 1, Entsize: elf.Sym64Size}},
		{name: ".strtab", data: names, Section64: elf.Section64{Type: uint32(elf.SHT_STRTAB)}},
		{name: ".shstrtab", Section64: elf.Section64{Type: uint32(elf.SHT_STRTAB)}},
	})
}

func stringTable(strs []string) []byte {
	if len(strs) == 0 {
		return []byte{0}
	}
	return []byte(strings.Join(strs, "\x00") + "\x00")
}

// symbols returns the symbol table, with its leading empty entry, and its names.
func (m Module) symbols() (table, names []byte) {
	var out bytes.Buffer
	names = []byte{0}
	binary.Write(&out, binary.LittleEndian, elf.Sym64{})
	for _, name := range m.Imports {
		binary.Write(&out, binary.LittleEndian, elf.Sym64{
			Name:  uint32(len(names)),
			Info:  elf.ST_INFO(elf.STB_GLOBAL, elf.STT_NOTYPE),
			Shndx: uint16(elf.SHN_UNDEF),
		})
		names = append(names, name+"\x00"...)
	}
	return out.Bytes(), names
}

// object lays out an x86-64 relocatable object; the last section is given the
// sections' names.
func object(sections []section) []byte {
	last := &sections[len(sections)-1]
	for i := range sections {
		sections[i].Name = uint32(len(last.data))
		last.data = append(last.data, sections[i].name+"\x00"...)
	}
	var body bytes.Buffer
	start := uint64(binary.Size(elf.Header64{}))
	for i := range sections {
		sections[i].Off = start + uint64(body.Len())
		sections[i].Size = uint64(len(sections[i].data))
		sections[i].Addralign = 1
		body.Write(sections[i].data)
	}
	sections[0].Section64 = elf.Section64{}
	header := elf.Header64{
		Ident:     [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:      uint16(elf.ET_REL),
		Machine:   uint16(elf.EM_X86_64),
		Version:   uint32(elf.EV_CURRENT),
		Shoff:     start + uint64(body.Len()),
		Ehsize:    uint16(start),
		Shentsize: uint16(binary.Size(elf.Section64{})),
		Shnum:     uint16(len(sections)),
		Shstrndx:  uint16(len(sections) - 1),
	}
	var out bytes.Buffer
	binary.Write(&out, binary.LittleEndian, header)
	out.Write(body.Bytes())
	for i := range sections {
		binary.Write(&out, binary.LittleEndian, sections[i].Section64)
	}
	return out.Bytes()
}
