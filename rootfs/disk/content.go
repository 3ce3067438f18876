package disk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"bootrc/kit/within"
)

// Content is what is on a device.
type Content struct {
	// Type is what was recognised, by the names of blkid(8): "ext4",
	// "crypto_LUKS", "gpt"; Empty, Unknown, or several with a comma between them.
	Type  string
	Label string // of a filesystem
	UUID  string // of a filesystem, as its own tools write it
}

// What a device holds when nothing is recognised on it.
const (
	Empty   = "empty"   // the first and the last MiB are zero
	Unknown = "unknown" // they are not
)

// Recognised tells whether something known is on the device.
func (c Content) Recognised() bool { return c.Type != Empty && c.Type != Unknown }

// String describes the content for a person.
func (c Content) String() string {
	switch {
	case c.Type == Unknown:
		return "data of an unknown kind"
	case c.Label != "":
		return fmt.Sprintf("%s %q", c.Type, c.Label)
	}
	return c.Type
}

// window is how much is looked at from each end of a device: all signatures are
// there, and whatever uses a disk without one rarely leaves it zero.
const window = 1 << 20

// probeLimit is how long a device may take: one that spins up needs some of it. A disk that has died must not
// keep the machine from its others.
const probeLimit = 30 * time.Second

// Probe reads what is on the device at path.
func Probe(path string) (Content, error) {
	c, err := within.Call(context.Background(), probeLimit, func() (Content, error) { return contentOf(path) })
	if errors.Is(err, within.ErrLate) {
		err = fmt.Errorf("%s does not answer within %s", path, probeLimit)
	}
	return c, err
}

func contentOf(path string) (Content, error) {
	f, err := os.Open(path)
	if err != nil {
		return Content{}, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return Content{}, fmt.Errorf("%s: %w", path, err)
	}
	c, err := probe(f, size)
	if err != nil {
		return Content{}, fmt.Errorf("%s cannot be read: %w", path, unwrapped(err))
	}
	return c, nil
}

// unwrapped is the cause alone, where the path is said already.
func unwrapped(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func probe(r io.ReaderAt, size int64) (Content, error) {
	start := make([]byte, min(size, window))
	end := make([]byte, len(start))
	for _, part := range []struct {
		data []byte
		at   int64
	}{{start, 0}, {end, size - int64(len(end))}} {
		if _, err := r.ReadAt(part.data, part.at); err != nil && err != io.EOF {
			return Content{}, err
		}
	}
	// so that a signature is looked for without a thought for where a small device ends
	start = append(start, make([]byte, window-len(start))...)
	end = append(make([]byte, window-len(end)), end...)
	return identify(start, end, size), nil
}

// identify names all that is there: a disk with a partition table in front of
// the old RAID superblock is not just one of the two. A filesystem, if any, comes
// first, and gives the label.
func identify(start, end []byte, size int64) Content {
	var c Content
	var types []string
	for _, s := range signatures {
		if !s.found(start, end, size) || slices.Contains(types, s.kind) {
			continue
		}
		if len(types) == 0 {
			c.Label, c.UUID = s.names(start)
		}
		types = append(types, s.kind)
	}
	if table := partitionTable(start, end); table != "" {
		types = append(types, table)
	}
	switch {
	case len(types) > 0:
		c.Type = strings.Join(types, ",")
	case zero(start) && zero(end):
		c.Type = Empty
	default:
		c.Type = Unknown
	}
	return c
}

// partitionTable recognises a GPT, also when only its copy at the end is left
// (UEFI specification 5.3.2), and a DOS table.
func partitionTable(start, end []byte) string {
	const header = "EFI PART"
	for _, sector := range []int{512, 4096} {
		if bytes.HasPrefix(start[sector:], []byte(header)) || bytes.HasPrefix(end[window-sector:], []byte(header)) {
			return "gpt"
		}
	}
	if dosTable(start) {
		return "dos"
	}
	return ""
}

// dosTable tells a partition table from the boot code of a filesystem, which ends
// with the same mark: all four entries are plausible, and one is used.
func dosTable(start []byte) bool {
	used := false
	for at := 446; at < 510; at += 16 {
		if start[at]&0x7f != 0 {
			return false
		}
		used = used || start[at+4] != 0 && le32(start[at+12:]) != 0
	}
	return used && start[510] == 0x55 && start[511] == 0xaa
}

func zero(data []byte) bool { return bytes.Count(data, []byte{0}) == len(data) }

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
