package uki

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
)

// stub is a PE image of 64 bits with one section, symbols behind it, headers of that size, and so many directories in them.
func stub(headers uint32, directories int) string {
	var b bytes.Buffer
	b.WriteString("MZ")
	b.Write(make([]byte, peOffset-2))
	binary.Write(&b, binary.LittleEndian, uint32(64))
	b.WriteString("PE\x00\x00")
	binary.Write(&b, binary.LittleEndian, pe.FileHeader{
		Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1, SizeOfOptionalHeader: uint16(112 + 8*directories),
	})
	binary.Write(&b, binary.LittleEndian, pe.OptionalHeader64{
		Magic: 0x20b, SectionAlignment: 4096, FileAlignment: 512, SizeOfImage: 0x2000, SizeOfHeaders: headers, NumberOfRvaAndSizes: uint32(directories),
	})
	b.Truncate(b.Len() - 8*(16-directories))
	text := pe.SectionHeader32{VirtualSize: 5, VirtualAddress: 0x1000, SizeOfRawData: 512, PointerToRawData: headers}
	copy(text.Name[:], ".text")
	binary.Write(&b, binary.LittleEndian, text)
	b.Write(make([]byte, int(headers)-b.Len()))
	b.WriteString("hello")
	b.Write(make([]byte, 507))
	b.WriteString("symbols")
	return b.String()
}

func TestJoin(t *testing.T) {
	for _, directories := range []int{16, 6, 0} { // systemd's stub for arm64 has six
		t.Run(fmt.Sprint(directories), func(t *testing.T) { testJoin(t, stub(1024, directories)) })
	}
}

func testJoin(t *testing.T, stub string) {
	joined, err := Join(Text(stub), []Section{{".cmdline", []Part{Text("quiet"), Zeroes(1)}}, {".linux", []Part{Text(strings.Repeat("k", 5000))}}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(joined)
	if err != nil {
		t.Fatal(err)
	}
	file, err := pe.NewFile(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		text    string
		address uint32
	}{".text": {"hello", 0x1000}, ".cmdline": {"quiet\x00", 0x10000}, ".linux": {strings.Repeat("k", 5000), 0x20000}} {
		s := file.Section(name)
		if s == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		data, err := s.Data()
		if err != nil || string(data[:s.VirtualSize]) != want.text || s.VirtualAddress != want.address {
			t.Errorf("%s: %d bytes at %#x, %v", name, s.VirtualSize, s.VirtualAddress, err)
		}
	}
	if size := file.OptionalHeader.(*pe.OptionalHeader64).SizeOfImage; size != 0x30000 {
		t.Errorf("the image has %#x bytes", size)
	}
	// a signature covers what is behind the sections, too
	if bytes.Contains(out, []byte("symbols")) || len(out) != 1024+512+512+5120 {
		t.Errorf("there are gaps: %d bytes", len(out))
	}
}

func TestJoinRefuses(t *testing.T) {
	sections := []Section{{".a", nil}, {".b", nil}}
	for name, image := range map[string]string{"no PE": "ELF", "no room": stub(420, 16), "cut": stub(1024, 16)[:100], "a section cut": stub(1024, 16)[:1200]} {
		if _, err := Join(Text(image), sections); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Join(Text(stub(1024, 16)), []Section{{".a", []Part{Zeroes(3 << 30)}}, {".b", []Part{Zeroes(1 << 30)}}}); err == nil {
		t.Error("more than 4 GiB: no error")
	}
}
