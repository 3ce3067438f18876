package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// ErrNotLocal is what Wait returns for a source that names no device of this
// machine.
var ErrNotLocal = errors.New("not a local device")

// Disks may take so long to appear after the program's start, and after they are asked for:
// while a machine waits for something else, such as its network, its disks come meanwhile.
const (
	patience = 10 * time.Second
	settled  = 2 * time.Second
)

var started = time.Now()

// Patience is how long from now it makes sense to wait for a disk that is not there.
func Patience() time.Duration { return max(patience-time.Since(started), settled) }

// Wait returns the path of the device that source names: /dev/NAME, LABEL=,
// UUID=, PARTLABEL= or PARTUUID=. It waits for the device as long as Patience says.
func Wait(ctx context.Context, source string) (path string, err error) {
	tag, value, _ := strings.Cut(source, "=")
	find := func() (string, bool) { return byTag(tag, value) }
	switch {
	case strings.HasPrefix(source, "/dev/"):
		find = func() (string, bool) { return source, isBlock(source) }
	case !isTag(tag):
		return "", fmt.Errorf("%s: %w", source, ErrNotLocal)
	}
	ctx, cancel := context.WithTimeout(ctx, Patience())
	defer cancel()
	for {
		if path, ok := find(); ok {
			return path, nil
		}
		select {
		case <-ctx.Done():
			return "", missing(source)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// missing says why a device cannot be used.
func missing(source string) error {
	if info, err := os.Stat(source); err == nil && info.Mode()&fs.ModeDevice == 0 {
		return fmt.Errorf("%s is no block device", source)
	}
	return fmt.Errorf("%s: there is no such device", source)
}

func isBlock(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice
}

func isTag(tag string) bool {
	switch tag {
	case "LABEL", "UUID", "PARTLABEL", "PARTUUID":
		return true
	}
	return false
}

// byTag finds a device by what is on it, as mount(8) does.
func byTag(tag, value string) (path string, ok bool) {
	devices, err := All()
	if err != nil {
		return "", false
	}
	for _, d := range devices {
		if d.has(tag, value) {
			return d.Path(), true
		}
	}
	return "", false
}

func (d Device) has(tag, value string) bool {
	switch tag {
	case "PARTLABEL":
		return d.Label == value
	case "PARTUUID":
		return strings.EqualFold(d.UUID, value)
	}
	c, err := Probe(d.Path())
	if err != nil {
		return false
	}
	if tag == "LABEL" {
		return c.Label == value
	}
	return strings.EqualFold(c.UUID, value)
}
