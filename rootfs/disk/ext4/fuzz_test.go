package ext4

import (
	"bytes"
	"encoding/binary"
	"testing"

	"bootrc/test/bound"
)

// FuzzRead takes any bytes for a superblock with ext4's magic.
func FuzzRead(f *testing.F) {
	f.Add(make([]byte, superblockSize))
	f.Add(bytes.Repeat([]byte{0xff}, superblockSize))
	f.Fuzz(func(t *testing.T, block []byte) {
		bound.Input(t, len(block))
		disk := make([]byte, superblockAt+superblockSize)
		copy(disk[superblockAt:], block)
		binary.LittleEndian.PutUint16(disk[superblockAt+magicAt:], magic)
		s, err := Read(bytes.NewReader(disk))
		if err == nil && (s.BlockSize < 1024 || s.BlockSize > 64<<10) {
			t.Errorf("blocks of %d bytes", s.BlockSize)
		}
	})
}
