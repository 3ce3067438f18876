// Package cache makes a disk the place where images and volumes stay from boot to
// boot: it chooses the disk, prepares it and mounts it.
package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/kit/device"
	"bootrc/kit/mount"
	"bootrc/kit/size"
	"bootrc/rootfs/disk"
	"bootrc/rootfs/disk/ext4"
)

// settled is how long nothing must appear before the disks are taken to be all there, and
// longest the limit of that: a machine may make devices for ever.
const (
	settled = 2 * time.Second
	longest = time.Minute
)

// chooser chooses among the disks that the machine has and those that appear.
type chooser struct {
	idle func() bool // no driver is being loaded
}

// Mount makes the device that spec names the cache, and mounts it on folder. Spec is
// a Mode or the path of a disk or partition. What is done is told in lines on log.
// While idle says no, drivers are being loaded that may bring more disks.
func Mount(ctx context.Context, spec, folder string, idle func() bool, log io.Writer) error {
	plan, err := (&chooser{idle}).choose(ctx, spec)
	for _, note := range plan.Notes {
		fmt.Fprintln(log, note)
	}
	if err != nil {
		return err
	}
	device, err := prepare(ctx, plan, log)
	if err != nil {
		return err
	}
	return mountDevice(ctx, device, folder, log)
}

// choose waits for disks, and plans.
func (c *chooser) choose(ctx context.Context, spec string) (Plan, error) {
	if strings.HasPrefix(spec, "/dev/") {
		return chooseOn(ctx, spec, ChooseNamed)
	}
	if neighbour, beside := strings.CutPrefix(spec, "beside:"); beside {
		return chooseOn(ctx, neighbour, ChooseBeside)
	}
	mode := Mode(spec)
	if mode != Auto && mode != Reset && mode != Wipe {
		return Plan{}, fmt.Errorf("%q: expected auto, reset, auto,wipe, beside:UUID=… or /dev/NAME", spec)
	}
	disks, err := c.settle(ctx)
	if err != nil {
		return Plan{}, err
	}
	return Choose(mode, disks)
}

// chooseOn plans, once it is there, for the device that source names.
func chooseOn(ctx context.Context, source string, choose func(path string, disks []Disk) (Plan, error)) (Plan, error) {
	path, err := disk.Wait(ctx, source)
	if err != nil {
		return Plan{}, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return Plan{}, err
	}
	disks, err := Survey()
	if err != nil {
		return Plan{}, err
	}
	return choose(path, disks)
}

// settle returns the disks as soon as a cache is among them, or else when no driver is being
// loaded, nothing has appeared for a while that could bring more disks, and there is one that
// could become a cache or none is worth being waited for any more.
func (c *chooser) settle(ctx context.Context) (disks []Disk, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	start, patience := time.Now(), disk.Patience()
	last, known := start, ""
	device.Wait(ctx, func() bool {
		if disks, err = Survey(); err != nil {
			return true
		}
		if now := attached(); now != known || !c.idle() {
			last, known = time.Now(), now
		}
		_, cached, _ := labelled(Auto, disks)
		usable := slices.ContainsFunc(disks, func(d Disk) bool { return d.Physical && unusable(d) == "" })
		return cached || time.Since(last) > settled && (usable || time.Since(start) > patience)
	}, "block", "scsi", "usb", "mmc", "nvme", "virtio", "ata_port", "module")
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return disks, err
}

// attached is what the machine shows of disks, and of what disks are attached to.
func attached() string {
	var names []string
	for _, folder := range []string{
		"/sys/class/block", "/sys/class/scsi_host", "/sys/class/mmc_host", "/sys/class/nvme",
		"/sys/bus/scsi/devices", "/sys/bus/usb/devices", "/sys/bus/virtio/devices",
	} {
		entries, _ := os.ReadDir(folder)
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

// prepare does what the plan says, and returns the device to be mounted.
func prepare(ctx context.Context, plan Plan, log io.Writer) (disk.Device, error) {
	switch plan.Step {
	case Partition:
		fmt.Fprintf(log, "%s (%s): making the partition %s\n", plan.Device.Path(), size.BinaryText(plan.Device.Size), Label)
		return partition(ctx, plan.Device)
	case Append:
		fmt.Fprintf(log, "%s (%s): making a partition of what is free, for %s\n", plan.Device.Path(), size.BinaryText(plan.Device.Size), Label)
		return appendPartition(ctx, plan.Device)
	case Format:
		fmt.Fprintf(log, "%s (%s): making a filesystem\n", plan.Device.Path(), size.BinaryText(plan.Device.Size))
		return plan.Device, format(ctx, plan.Device, plan.Device.Label == Label)
	default:
		return plan.Device, grow(plan.Device, log)
	}
}

// partition makes a disk's table and filesystem. A mark on the disk says that this
// is under way, so that the next boot knows it was cut short.
func partition(ctx context.Context, d disk.Device) (disk.Device, error) {
	if err := disk.Wipe(d.Path()); err != nil {
		return d, err
	}
	if err := disk.Mark(d.Path(), true); err != nil {
		return d, err
	}
	p, err := disk.MakeTable(d.Path(), Label)
	if err != nil {
		return d, err
	}
	return p, format(ctx, p, true)
}

// appendPartition makes a partition behind the others of a disk, and its filesystem.
func appendPartition(ctx context.Context, d disk.Device) (disk.Device, error) {
	p, err := disk.AppendPartition(d.Path(), smallest)
	if err != nil {
		return d, err
	}
	return p, format(ctx, p, true)
}

// format makes the filesystem: of a partition that is the cache's own under the mark of the disk, where
// there is room for that.
func format(ctx context.Context, d disk.Device, own bool) error {
	whole := "/dev/" + d.Disk
	marked := own && d.Partition() && d.Start >= disk.TableRoom
	if marked {
		if err := disk.Mark(whole, true); err != nil {
			return err
		}
	}
	if err := makeFilesystem(ctx, d.Path()); err != nil || !marked {
		return err
	}
	return disk.Mark(whole, false)
}

func makeFilesystem(ctx context.Context, path string) error {
	if err := disk.Wipe(path); err != nil {
		return err
	}
	if err := ext4.Make(ctx, path, Label); err != nil {
		return err
	}
	return disk.Sync(path)
}

// grow gives a partition the space that its disk has gained.
func grow(d disk.Device, log io.Writer) error {
	if !d.Partition() {
		return nil
	}
	grown, err := disk.GrowPartition(d)
	if err != nil {
		// what was there is still there
		fmt.Fprintf(log, "%v (not fatal)\n", err)
	}
	if grown {
		fmt.Fprintf(log, "%s: the partition grew with its disk\n", d.Path())
	}
	return nil
}

// mountDevice checks, mounts and grows what is on a device.
func mountDevice(ctx context.Context, d disk.Device, folder string, log io.Writer) error {
	content, err := disk.Probe(d.Path())
	if err != nil {
		return err
	}
	var options mount.Options
	if isExt(content.Type) {
		if err := check(ctx, d.Path(), log); err != nil {
			return err
		}
		// a disk that fails while it is used is not written to any more
		options.Add("errors=remount-ro")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := options.Mount(d.Path(), folder, content.Type); err != nil {
		return fmt.Errorf("mount %s (%s) on %s: %w", d.Path(), content.Type, folder, err)
	}
	length, err := disk.Size(d.Path()) // after it may have grown
	if err != nil {
		return err
	}
	if isExt(content.Type) {
		growFilesystem(d.Path(), length, folder, log)
	}
	fmt.Fprintf(log, "%s (%s, %s) is on %s\n", d.Path(), content, size.BinaryText(length), folder)
	return nil
}

// check repairs what an unclean end has left.
func check(ctx context.Context, path string, log io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	s, err := ext4.Read(f)
	f.Close()
	if err != nil || s.Clean {
		return err
	}
	fmt.Fprintf(log, "%s was not unmounted: checking it\n", path)
	repairs, err := ext4.Check(ctx, path)
	if repairs != "" {
		fmt.Fprintf(log, "%s was damaged:\n%s\n", path, repairs)
	}
	return err
}

func growFilesystem(device string, length int64, folder string, log io.Writer) {
	grown, err := ext4.Grow(folder, device, length)
	if err != nil {
		fmt.Fprintf(log, "%v (not fatal)\n", err)
	}
	if grown {
		fmt.Fprintf(log, "%s: the filesystem grew to %s\n", device, size.BinaryText(length))
	}
}
