package s3test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// digest is a file's size and a digest of its content. Holes are not read, and count
// as the zeros that they are: a sparse file of 5 GiB and its copy without holes have
// the same digest, both soon.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	block, zeros := make([]byte, digestBlock), string(make([]byte, digestBlock))
	for at := int64(0); at < info.Size(); {
		data, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO { // nothing but a hole until the end
			break
		}
		if err != nil {
			return "", fmt.Errorf("seek data: %w", err)
		}
		at = data / digestBlock * digestBlock
		n, err := f.ReadAt(block, at)
		if err != nil && err != io.EOF {
			return "", err
		}
		if string(block[:n]) != zeros[:n] {
			binary.Write(sum, binary.BigEndian, at)
			sum.Write(block[:n])
		}
		at += digestBlock
	}
	return fmt.Sprintf("%d bytes, %x", info.Size(), sum.Sum(nil)), nil
}

// digestBlock is the unit in which content is looked at.
const digestBlock = 256 << 10
