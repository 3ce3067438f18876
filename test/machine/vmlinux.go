package machine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// Vmlinux returns the kernel without its own decompressor, which takes a machine that has no
// KVM a second, for [Hardware.Kernel]; the first call for a kernel of amd64 makes it. One that is not
// packed by zstd is returned as it is.
func (k Kernel) Vmlinux() (file string, err error) {
	packed, err := payload(k.Image)
	if err != nil || packed == nil {
		return k.Image, err
	}
	file = filepath.Join(filepath.Dir(k.Image), "vmlinux")
	unlock, err := lock(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	reader, err := zstd.NewReader(nil)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	vmlinux, err := reader.DecodeAll(packed, nil)
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", k.Image, err)
	}
	if err := os.WriteFile(file+".new", vmlinux, 0o644); err != nil {
		return "", err
	}
	return file, os.Rename(file+".new", file)
}

// payload returns the kernel that is packed by zstd in a bzImage, or nil: the x86 boot protocol,
// setup_sects, payload_offset and payload_length.
func payload(image string) ([]byte, error) {
	data, err := os.ReadFile(image)
	if err != nil {
		return nil, err
	}
	if len(data) < 0x250 || string(data[0x202:0x206]) != "HdrS" {
		return nil, nil
	}
	begin := (int(data[0x1f1])+1)*512 + int(binary.LittleEndian.Uint32(data[0x248:]))
	// the four bytes after the frame are its size when unpacked
	end := begin + int(binary.LittleEndian.Uint32(data[0x24c:])) - 4
	if begin > end || end > len(data) {
		return nil, fmt.Errorf("%s: its payload ends at %d, and the file at %d", image, end, len(data))
	}
	if !bytes.HasPrefix(data[begin:end], []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return nil, nil
	}
	return data[begin:end], nil
}
