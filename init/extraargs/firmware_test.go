package extraargs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// structure is one of SMBIOS: its formatted area, and its strings.
func structure(kind byte, formatted string, strs ...string) string {
	end := "\x00"
	if len(strs) == 0 {
		end = "\x00\x00"
	} else {
		end = strings.Join(strs, "\x00") + "\x00\x00"
	}
	return string([]byte{kind, byte(4 + len(formatted)), 1, 0}) + formatted + end
}

func TestOEMStrings(t *testing.T) {
	system := structure(1, "\x01\x00\x00", "bootrc.cmdline=b2c.run=notoem")
	oem := structure(11, "\x03", "a maker's", "bootrc.cmdline=b2c.run=\"a b\"", "bootrc.cmdline=b2c.pipefail")
	last := structure(127, "")
	for _, tt := range []struct{ table, text, err string }{
		{"", "", ""},
		{system + structure(32, "\x00\x00") + oem + last, "b2c.run=\"a b\"\nb2c.pipefail\n", ""},
		{oem + last + oem, "b2c.run=\"a b\"\nb2c.pipefail\n", ""},
		{oem + oem, strings.Repeat("b2c.run=\"a b\"\nb2c.pipefail\n", 2), ""},
		{oem[:len(oem)-1], "", "the strings of a structure have no end"},
		{oem[:4], "", "a structure is cut off"},
		{"\x0b\x03\x00\x00\x00\x00", "", "a structure is cut off"},
	} {
		file := filepath.Join(t.TempDir(), "DMI")
		if err := os.WriteFile(file, []byte(tt.table), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := OEMStrings(file)
		if string(text) != tt.text || (err == nil) != (tt.err == "") || err != nil && err.Error() != file+": "+tt.err {
			t.Errorf("%q: %q, %v; want %q, %q", tt.table, text, err, tt.text, tt.err)
		}
	}
	if _, err := OEMStrings("/nonexistent/DMI"); !os.IsNotExist(err) {
		t.Errorf("without a table: %v", err)
	}
}

// FuzzOEMStrings takes any bytes for a firmware's table.
func FuzzOEMStrings(f *testing.F) {
	f.Add([]byte(structure(11, "\x01", "bootrc.cmdline=a") + structure(127, "")))
	f.Add([]byte("\x0b\xff\x00\x00"))
	f.Fuzz(func(t *testing.T, table []byte) {
		bound.Input(t, len(table))
		if text, err := oemStrings(table); err == nil && len(text) > len(table) {
			t.Errorf("%q from %q", text, table)
		}
	})
}
