package disk

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
	"bootrc/kit/size"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

func lsblk(ctx context.Context, call *command.Call) error {
	if len(call.Args) > 0 {
		return command.Usagef("unexpected argument %q", call.Args[0])
	}
	devices, err := All()
	if err != nil {
		return err
	}
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(call.Stdout, 0, 0, 1, ' ', 0)
	defer w.Flush()
	fmt.Fprintln(w, "NAME\tSIZE\tRO\tTYPE\tFSTYPE\tLABEL\tMOUNTPOINT")
	for _, d := range devices {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name, readOnly := d.Name, 0
		if d.Partition() {
			name = "  " + name
		}
		if d.ReadOnly {
			readOnly = 1
		}
		content, err := Probe(d.Path())
		if err != nil {
			content.Type = "?"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", name, size.BinaryText(d.Size), readOnly, d.kind(),
			content.Type, foreign.Line(content.Label), mountedAt(mounts, d.Path()))
	}
	return nil
}

// kind is what lsblk(8) calls the device's type.
func (d Device) kind() string {
	if d.Partition() {
		return "part"
	}
	for _, k := range []struct{ prefix, kind string }{{"loop", "loop"}, {"dm-", "dm"}, {"md", "raid"}, {"sr", "rom"}, {"ram", "ram"}} {
		if strings.HasPrefix(d.Name, k.prefix) {
			return k.kind
		}
	}
	return "disk"
}

// mountedAt returns where a device is mounted first, if at all.
func mountedAt(mounts []*mountinfo.Info, path string) string {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return ""
	}
	for _, m := range mounts {
		if unix.Mkdev(uint32(m.Major), uint32(m.Minor)) == st.Rdev {
			return m.Mountpoint
		}
	}
	return ""
}
