package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/oci/container/bundle"
	"bootrc/oci/container/cdi"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Device is a device of the machine, or a folder of them, in a container.
type Device struct {
	Source      string
	Destination string
	Access      string // of r, w and m
}

var devices = slice{
	options: []command.Option{
		{Names: "--device", Value: "HOST[:CONTAINER][:PERMISSIONS]|VENDOR/CLASS=NAME", Kind: command.Commas, Check: checkDevice,
			Help: "give it a device of the machine, a folder of them, or what a specification in /etc/cdi or /run/cdi names so"},
		{Names: "--gpus", Value: "NAME", Kind: command.List, Help: "give it --device=nvidia.com/gpu=NAME, such as all"},
		{Names: "--device-cgroup-rule", Value: "RULE", Kind: command.Commas, Help: "let it use devices, such as c 1:3 rwm",
			Check: checkQuoting(parseDeviceRule)},
	},
	read: func(call *command.Call, v *Invocation) error {
		for name, text := range call.Given("device", "gpus") {
			if name == "gpus" {
				text = nvidiaKind + text
			}
			if cdi.Is(text) {
				v.Options.CDI = append(v.Options.CDI, text)
				continue
			}
			d, err := parseDevice(text)
			if err != nil {
				return call.Wrong("device", fmt.Errorf("%s: %w", text, err))
			}
			v.Options.Devices = append(v.Options.Devices, d)
		}
		for _, text := range call.List("device-cgroup-rule") {
			rule, err := parseDeviceRule(text)
			if err != nil {
				return call.Wrong("device-cgroup-rule", fmt.Errorf("%s: %w", text, err))
			}
			v.Options.DeviceRules = append(v.Options.DeviceRules, rule)
		}
		if _, err := cdi.Resolve(v.Options.CDI); err != nil { // before anything is pulled
			return Failure(err)
		}
		return nil
	},
	write: writeDevices,
}

func checkDevice(text string) error {
	if cdi.Is(text) {
		return nil
	}
	return checkQuoting(parseDevice)(text)
}

func parseDevice(text string) (Device, error) {
	parts := strings.Split(text, ":")
	d := Device{Source: parts[0], Destination: parts[0], Access: "rwm"}
	rest := parts[1:]
	if len(rest) > 0 && path.IsAbs(rest[0]) {
		d.Destination, rest = path.Clean(rest[0]), rest[1:]
	}
	if len(rest) > 0 {
		d.Access, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 || !path.IsAbs(d.Source) {
		return Device{}, errors.New("expected HOST[:CONTAINER][:PERMISSIONS]")
	}
	if !isDeviceAccess(d.Access) {
		return Device{}, fmt.Errorf("invalid device mode: %s", d.Access)
	}
	_, err := d.nodes()
	return d, err
}

// isDeviceAccess tells whether each of r, w and m is there at most once, and
// nothing else.
func isDeviceAccess(access string) bool {
	for _, letter := range access {
		if !strings.ContainsRune("rwm", letter) || strings.Count(access, string(letter)) > 1 {
			return false
		}
	}
	return access != ""
}

// parseDeviceRule reads a rule of the kernel's cgroup-v1/devices.rst.
func parseDeviceRule(text string) (specs.LinuxDeviceCgroup, error) {
	wrong := errors.New("expected TYPE MAJOR:MINOR MODE, such as c 1:3 rwm")
	words := strings.Fields(text)
	if len(words) != 3 || !slices.Contains([]string{"a", "b", "c"}, words[0]) || !isDeviceAccess(words[2]) {
		return specs.LinuxDeviceCgroup{}, wrong
	}
	major, minor, ok := strings.Cut(words[1], ":")
	rule := specs.LinuxDeviceCgroup{Allow: true, Type: words[0], Access: words[2]}
	var err, err2 error
	rule.Major, err = parseDeviceNumber(major)
	rule.Minor, err2 = parseDeviceNumber(minor)
	if !ok || err != nil || err2 != nil {
		return specs.LinuxDeviceCgroup{}, wrong
	}
	return rule, nil
}

// parseDeviceNumber takes a number, or * for all: nil.
func parseDeviceNumber(text string) (*int64, error) {
	if text == "*" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	number := int64(n)
	return &number, err
}

// nodes finds the device, or those below the folder.
func (d Device) nodes() ([]specs.LinuxDevice, error) {
	source, err := filepath.EvalSymlinks(d.Source)
	if err != nil {
		return nil, err
	}
	var list []specs.LinuxDevice
	err = filepath.WalkDir(source, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeDevice == 0 {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(file, &st); err != nil {
			return &os.PathError{Op: "stat", Path: file, Err: err}
		}
		list = append(list, deviceOf(st, path.Join(d.Destination, strings.TrimPrefix(file, source))))
		return nil
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("no devices found in %s", d.Source)
	}
	return list, err
}

func deviceOf(st unix.Stat_t, name string) specs.LinuxDevice {
	kind := "c"
	if st.Mode&unix.S_IFMT == unix.S_IFBLK {
		kind = "b"
	}
	mode := fs.FileMode(st.Mode & 0o777)
	return specs.LinuxDevice{
		Path: name, Type: kind, Major: int64(unix.Major(st.Rdev)), Minor: int64(unix.Minor(st.Rdev)),
		FileMode: &mode, UID: &st.Uid, GID: &st.Gid,
	}
}

func writeDevices(d *draft) error {
	if d.options.Privileged {
		if err := addHostDevices(d); err != nil {
			return err
		}
	}
	for _, device := range d.options.Devices {
		nodes, err := device.nodes()
		if err != nil {
			return fmt.Errorf("--device %s: %w", device.Source, err)
		}
		for _, node := range nodes {
			if err := d.addDevice(node, device.Access); err != nil {
				return fmt.Errorf("--device %s: %w", device.Source, err)
			}
		}
	}
	if !d.options.Privileged {
		d.Linux.Resources.Devices = slices.Concat(d.Linux.Resources.Devices, d.options.DeviceRules)
	}
	return writeCDI(d)
}

// addHostDevices gives a container every device of the machine, as --privileged
// does.
func addHostDevices(d *draft) error {
	d.Linux.Resources.Devices = []specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
	usual := slices.IndexFunc(d.Mounts, func(m specs.Mount) bool { return m.Destination == "/dev" && m.Type == "tmpfs" })
	if usual < 0 {
		return nil // a /dev of the user's
	}
	var except []string
	if d.options.Systemd.runs(d.command) {
		except = virtualConsoles()
	}
	dev, err := d.bundle.MakeDev(except)
	if err != nil {
		return err
	}
	if err := os.Chown(dev, int(bundle.HostID(d.users.UIDs, 0)), int(bundle.HostID(d.users.GIDs, 0))); err != nil {
		return err
	}
	d.Mounts[usual] = specs.Mount{Destination: "/dev", Type: "bind", Source: dev, Options: []string{"bind", "rprivate", "nosuid"}}
	d.dev = dev
	return nil
}

// addDevice gives a container a device. With --privileged it has all of them, and this one by
// another name, too.
func (d *draft) addDevice(node specs.LinuxDevice, access string) error {
	if !d.options.Privileged {
		d.Linux.Devices = append(d.Linux.Devices, node)
		d.Linux.Resources.Devices = append(d.Linux.Resources.Devices, specs.LinuxDeviceCgroup{
			Allow: true, Type: node.Type, Major: &node.Major, Minor: &node.Minor, Access: access,
		})
		return nil
	}
	name, inDev := strings.CutPrefix(node.Path, "/dev/")
	switch {
	case d.dev == "":
		return nil // a /dev of the user's
	case !inDev:
		return fmt.Errorf("with --privileged, %s must be in /dev", node.Path)
	}
	return bundle.MakeDevice(d.dev, name, node)
}
