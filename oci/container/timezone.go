package container

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"bootrc/kit/command"
	"bootrc/kit/inside"
	"bootrc/kit/regular"
)

const (
	localZone = "local"
	localTime = "/etc/localtime"
	zoneinfo  = "/usr/share/zoneinfo"
)

var timezone = slice{
	options: []command.Option{{Names: "--tz", Value: "ZONE", Check: checkZone, Help: "have the time of ZONE, such as Europe/Berlin, or the machine's: local"}},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Timezone = call.Text("tz")
		return nil
	},
	write: writeTimezone,
}

func checkZone(text string) error {
	if text == "" || !filepath.IsLocal(text) {
		return fmt.Errorf("expected a time zone such as Europe/Berlin, got %q", text)
	}
	return nil
}

// writeTimezone takes a zone from the image or, as podman, from the machine.
func writeTimezone(d *draft) error {
	zone := d.options.Timezone
	if zone == "" {
		return nil
	}
	var data []byte
	var err error
	if zone == localZone {
		if data, err = regular.Read(localTime, maxText); errors.Is(err, fs.ErrNotExist) {
			return nil // UTC, as an image's without the file
		}
	} else {
		data, err = readZone(d.bundle.Root(), path.Join(zoneinfo, zone))
	}
	if err != nil {
		return fmt.Errorf("--tz=%s: %w", zone, err)
	}
	return d.bundle.Replace(localTime, string(data))
}

func readZone(root, name string) ([]byte, error) {
	image, err := inside.Open(root)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	data, err := regular.ReadIn(image, name, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = regular.Read(name, maxText)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("neither the image nor this machine has %s", name)
	}
	return data, err
}
