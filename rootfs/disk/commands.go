package disk

import (
	"context"
	"fmt"

	"bootrc/kit/command"
)

// Commands returns the shell's commands that show what is on disks.
func Commands() []command.Command {
	return []command.Command{
		{
			Name:     "blkid",
			Summary:  "print what is on block devices: filesystems, tables, members of RAID and LVM",
			Operands: "[DEVICE…]",
			Statuses: []string{"2: a device could not be read"},
			Run:      blkid,
		},
		{
			Name:    "lsblk",
			Summary: "list block devices: size, type, what is on them, where they are mounted",
			Options: []command.Option{{Names: "-f, -a, -p", Help: "print what it prints anyway"}},
			Run:     lsblk,
		},
	}
}

func blkid(ctx context.Context, call *command.Call) error {
	paths := call.Args
	if len(paths) == 0 {
		devices, err := All()
		if err != nil {
			return err
		}
		for _, d := range devices {
			paths = append(paths, d.Path())
		}
	}
	status := error(nil)
	for _, path := range paths {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := describe(call, call.Path(path)); err != nil {
			call.Warn(err.Error())
			status = command.Status(2)
		}
	}
	return status
}

// describe prints one line in the form of blkid(8).
func describe(call *command.Call, path string) error {
	c, err := Probe(path)
	if err != nil || !c.Recognised() {
		return err
	}
	line := path + ":"
	for _, field := range []struct{ name, value string }{{"LABEL", c.Label}, {"UUID", c.UUID}, {"TYPE", c.Type}} {
		if field.value != "" {
			line += fmt.Sprintf(" %s=%q", field.name, field.value)
		}
	}
	call.Printf("%s\n", line)
	return nil
}
