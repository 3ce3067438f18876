package container

import (
	"fmt"
	"os"

	"bootrc/kit/command"
	"bootrc/oci/container/reaper"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

var initProcess = slice{
	options: []command.Option{{Names: "--init", Help: "run it below a first process that passes signals on and reaps what others leave"}},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Init = call.Flag("init")
		return nil
	},
	write: writeInit,
}

// writeInit binds this program into the container, and runs the container's by it.
func writeInit(d *draft) error {
	if !d.options.Init {
		return nil
	}
	self, err := os.OpenFile("/proc/self/exe", unix.O_PATH, 0)
	if err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	defer self.Close()
	place, err := d.bundle.Bind(self)
	if err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	addMounts(d.Spec, []specs.Mount{{Destination: reaper.Name, Type: "bind", Source: place, Options: []string{"bind", "ro", "nosuid", "nodev", "rprivate"}}})
	d.Process.Args = append([]string{reaper.Name, "--"}, d.command...)
	return nil
}
