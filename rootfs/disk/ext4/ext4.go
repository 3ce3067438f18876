// Package ext4 makes, checks and grows the filesystem of the cache. The first
// two are the work of e2fsprogs' mke2fs and e2fsck, the last the kernel's.
package ext4

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Superblock is what this package reads of one (Documentation/filesystems/ext4/super.rst
// of the kernel).
type Superblock struct {
	Blocks    uint64
	BlockSize int64  // bytes
	Label     string // at most 16 bytes
	Clean     bool   // it was unmounted, and the kernel found no fault in it
}

const (
	superblockAt   = 1024
	superblockSize = 1024

	blockSizeAt        = 0x18 // as a power of two, in KiB
	maxBlockShift      = 6
	magicAt, magic     = 0x38, 0xef53
	stateAt            = 0x3a
	incompatAt         = 0x60
	labelAt, labelSize = 0x78, 16
	blocksHighAt       = 0x150

	stateValid      = 1
	stateErrors     = 2
	incompatRecover = 0x4
	incompat64bit   = 0x80
)

// Read returns the superblock of the filesystem on a device.
func Read(r io.ReaderAt) (Superblock, error) {
	b, err := readSuperblock(r)
	if err != nil {
		return Superblock{}, err
	}
	shift := binary.LittleEndian.Uint32(b[blockSizeAt:])
	if shift > maxBlockShift {
		return Superblock{}, fmt.Errorf("its blocks would have 2^%d KiB: the superblock is damaged", shift)
	}
	state, incompat := binary.LittleEndian.Uint16(b[stateAt:]), binary.LittleEndian.Uint32(b[incompatAt:])
	s := Superblock{
		Blocks:    uint64(binary.LittleEndian.Uint32(b[4:])),
		BlockSize: 1024 << shift,
		Label:     string(bytes.TrimRight(b[labelAt:labelAt+labelSize], "\x00")),
		Clean:     state&(stateValid|stateErrors) == stateValid && incompat&incompatRecover == 0,
	}
	if incompat&incompat64bit != 0 {
		s.Blocks |= uint64(binary.LittleEndian.Uint32(b[blocksHighAt:])) << 32
	}
	return s, nil
}

func readSuperblock(r io.ReaderAt) ([]byte, error) {
	b := make([]byte, superblockSize)
	if _, err := r.ReadAt(b, superblockAt); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint16(b[magicAt:]) != magic {
		return nil, errors.New("there is no ext4 filesystem")
	}
	return b, nil
}

// Make makes an empty filesystem with the encrypt feature on a device. It writes
// little: the kernel clears the tables of inodes later, in the background.
func Make(ctx context.Context, device, label string) error {
	_, err := run(ctx, "mke2fs", "-q", "-F", "-t", "ext4", "-L", label,
		// one page a block, or the kernel may refuse to encrypt
		"-b", "4096",
		// no space is kept for root: all is root here
		"-m", "0",
		// what kernels of before 5.15 or 6.1 do not have is left out
		"-O", "encrypt,^orphan_file,^metadata_csum_seed",
		"-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", device)
	return err
}

// Check replays the journal and repairs what is wrong with the filesystem on a
// device that is not mounted. It returns e2fsck's words where there was damage that
// it would not repair unasked; some of what was damaged may be in lost+found then.
func Check(ctx context.Context, device string) (repairs string, err error) {
	_, err = run(ctx, "e2fsck", "-p", device)
	if status := exitStatus(err); status == fsckUncorrected || status == fsckUncorrected|fsckCorrected {
		repairs, err = run(ctx, "e2fsck", "-f", "-y", device) // there is nobody to ask
	}
	if exitStatus(err) == fsckCorrected {
		err = nil
	}
	return repairs, err
}

// Bits of e2fsck(8)'s exit status.
const (
	fsckCorrected   = 1
	fsckUncorrected = 4
)

// exitStatus is 0 for nil, and -1 where a program did not end by itself.
func exitStatus(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// run runs a program of e2fsprogs and returns what it said.
func run(ctx context.Context, program string, args ...string) (text string, err error) {
	path, err := exec.LookPath(program)
	if err != nil {
		path = "/sbin/" + program
	}
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	text = strings.TrimSpace(string(out))
	if err != nil {
		return text, fmt.Errorf("%s %s: %w%s", program, args[len(args)-1], err, lastLine(text))
	}
	return text, nil
}

func lastLine(text string) string {
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	return ": " + lines[len(lines)-1]
}
