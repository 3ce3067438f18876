package disk

import (
	"bytes"
	"testing"
	"unicode"

	"bootrc/test/bound"
)

// FuzzProbe puts any bytes somewhere on a disk.
func FuzzProbe(f *testing.F) {
	for _, s := range signatures {
		if s.magic != "" && s.at >= 0 {
			f.Add([]byte(s.magic+"\x00\x00\x00\x00label\x1b[2J"), uint32(s.at), uint32(2<<20))
		}
	}
	f.Add([]byte("EFI PART"), uint32(512), uint32(1024))
	f.Add([]byte("\x00\x00\x55\xaa"), uint32(508), uint32(513))
	disk := make([]byte, 4<<20)
	f.Fuzz(func(t *testing.T, data []byte, at, size uint32) {
		size %= uint32(len(disk))
		here := min(at, size)
		n := copy(disk[here:size], data)
		defer clear(disk[here : int(here)+n])
		bound.Input(t, len(data))
		c, err := probe(bytes.NewReader(disk[:size]), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Type + c.Label + c.UUID {
			if unicode.IsControl(r) {
				t.Errorf("%+q reaches the terminal", c)
			}
		}
	})
}
