package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"bootrc/kit/device"
	"bootrc/kit/size"
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

// Wait returns the path of the device that source names: /dev/NAME, LABEL=, UUID=,
// PARTLABEL=, PARTUUID= or SERIAL=. It waits for the device as long as Patience says. A
// drive without a medium is not there.
func Wait(ctx context.Context, source string) (path string, err error) {
	ctx, cancel := context.WithTimeout(ctx, Patience())
	defer cancel()
	path, err = Await(ctx, source)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", missing(source)
	}
	return path, err
}

// Await is Wait, with ctx's own error when that is done, and also takes "any": the first
// disk of the machine.
func Await(ctx context.Context, source string) (path string, err error) {
	tag, value, _ := strings.Cut(source, "=")
	find := func() string { return first(func(d Device) bool { return d.has(tag, value) }) }
	switch {
	case source == "any":
		find = func() string { return first(func(d Device) bool { return d.Physical && !d.Partition() }) }
	case strings.HasPrefix(source, "/dev/"):
		find = func() string {
			if isBlock(source) && isReady(source) {
				return source
			}
			return ""
		}
	case !isTag(tag):
		return "", fmt.Errorf("%s: %w", source, ErrNotLocal)
	}
	err = device.Wait(ctx, func() bool { path = find(); return path != "" }, "block")
	return path, err
}

// first returns the path of the first device that is wanted, or "".
func first(wanted func(Device) bool) string {
	devices, err := All()
	if i := slices.IndexFunc(devices, wanted); err == nil && i >= 0 {
		return devices[i].Path()
	}
	return ""
}

// missing says why a device cannot be used.
func missing(source string) error {
	if info, err := os.Stat(source); err == nil && info.Mode()&fs.ModeDevice == 0 {
		return fmt.Errorf("%s is no block device", source)
	}
	return fmt.Errorf("%s: there is no such device; there are %s; seen so far:%s", source, disks(), device.Seen(device.Storage))
}

// disks lists the machine's disks and partitions.
func disks() string {
	var names []string
	devices, _ := All()
	for _, d := range devices {
		names = append(names, fmt.Sprintf("%s (%s)", d.Path(), size.Text(d.Size)))
	}
	if len(names) == 0 {
		return "no disks"
	}
	return strings.Join(names, ", ")
}

func isBlock(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice
}

func isTag(tag string) bool {
	switch tag {
	case "LABEL", "UUID", "PARTLABEL", "PARTUUID", "SERIAL":
		return true
	}
	return false
}

func (d Device) has(tag, value string) bool {
	switch tag {
	case "PARTLABEL":
		return d.Label == value
	case "PARTUUID":
		return strings.EqualFold(d.UUID, value)
	case "SERIAL":
		return d.HasSerial(value)
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
