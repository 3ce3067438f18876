package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bootrc/kit/command"
	kitmount "bootrc/kit/mount"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

func mountCommands() []command.Command {
	return []command.Command{
		mountCommand(), umountCommand(),
		{
			Name: "mountpoint", Summary: "tell whether something is mounted on a folder", Operands: "FOLDER", Run: tool(mountpoint),
			Options:  []command.Option{{Names: "-q, --quiet", Help: "print nothing; the status is the answer"}},
			Statuses: []string{"1: an error", "32: nothing is mounted there"},
		},
		dfCommand(),
		{Name: "sync", Summary: "write everything that is still only in memory to disk", Run: tool(syncDisks)},
	}
}

func mountCommand() command.Command {
	c := command.Command{
		Name: "mount", Summary: "mount a filesystem; alone: list what is mounted", Operands: "[SOURCE] [FOLDER]", Run: tool(mount),
		Forms: []string{"[-t TYPE]", "[-r] [-t TYPE] [-o OPTION,…] [SOURCE] FOLDER"},
		Options: []command.Option{
			{Names: "-t, --types", Value: "TYPE", Help: "mount a filesystem of this type, or list only those"},
			{Names: "-o, --options", Value: "OPTION,…", Kind: command.List, Help: "mount with these options of mount(8) or of the filesystem"},
			{Names: "-r, --read-only", Help: "mount read-only, as -o ro does"},
		},
		Examples: []string{"mount -t tmpfs -o size=1G none /mnt", "mount --bind /usr /mnt/usr", "mount -o remount,rw /mnt"},
	}
	for _, name := range mountWords() {
		c.Options = append(c.Options, command.Option{Names: "--" + name, Help: "as -o " + strings.TrimPrefix(name, "make-") + " does"})
	}
	return c
}

// mountWords are the options of mount(8) that can stand without -o.
func mountWords() []string {
	return []string{"bind", "rbind", "move", "make-private", "make-rprivate", "make-shared", "make-rshared", "make-slave", "make-rslave"}
}

func mount(_ context.Context, c *call) error {
	kind, options, operands := c.Text("types"), c.List("options"), c.Args
	if len(operands) == 0 {
		return listMounts(c, kind)
	}
	for _, word := range mountWords() {
		if c.Flag(word) {
			options = append(options, strings.TrimPrefix(word, "make-"))
		}
	}
	if c.Flag("read-only") {
		options = append(options, "ro")
	}
	m := &mounting{kind: kind, options: kitmount.Parse(strings.Join(options, ","))}
	m.target = c.Path(operands[len(operands)-1])
	switch {
	case len(operands) == 2:
		m.source = operands[0]
		if m.fromFile(c.Path(m.source)) {
			m.source = c.Path(m.source)
		}
	case !m.has(unix.MS_REMOUNT) && m.options.Propagation == 0:
		return command.Usagef("expected SOURCE and FOLDER, got %s", operands[0])
	}
	return m.do()
}

// mounting is one mount, as mount(2) takes it.
type mounting struct {
	source, target, kind string
	options              kitmount.Options
}

func (m *mounting) has(flag uintptr) bool { return m.options.Flags&flag != 0 }

// fromFile says whether the source is the file at path, and not a word that only
// the filesystem understands.
func (m *mounting) fromFile(path string) bool {
	if m.has(unix.MS_BIND|unix.MS_MOVE) || m.kind == "" && !m.has(unix.MS_REMOUNT) {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeDevice != 0
}

func (m *mounting) do() error {
	err := m.mount()
	if err == nil {
		return nil
	}
	what := "mount " + m.source
	if m.source == "" {
		what = "remount"
	}
	if m.kind != "" {
		what += " (" + m.kind + ")"
	}
	return fmt.Errorf("%s on %s: %w", what, m.target, err)
}

func (m *mounting) mount() error {
	if m.source == "" && !m.has(unix.MS_REMOUNT) {
		return m.options.Propagate(m.target)
	}
	if m.kind != "" || m.has(unix.MS_BIND|unix.MS_MOVE|unix.MS_REMOUNT) {
		return m.options.Mount(m.source, m.target, m.kind)
	}
	if _, err := os.Stat(m.source); err != nil {
		return err
	}
	text, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return err
	}
	quiet := m.options
	quiet.Flags |= unix.MS_SILENT
	for _, kind := range diskTypes(string(text)) {
		err := quiet.Mount(m.source, m.target, kind)
		if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENODEV) {
			return err
		}
	}
	return errors.New("no filesystem type that is loaded fits: give -t TYPE, or load its module")
}

// diskTypes is the types in /proc/filesystems that live on a device, in its order.
func diskTypes(text string) []string {
	var kinds []string
	for line := range strings.Lines(text) {
		if kind, ok := strings.CutPrefix(line, "\t"); ok {
			kinds = append(kinds, strings.TrimSpace(kind))
		}
	}
	return kinds
}

func listMounts(c *call, kind string) error {
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	for _, m := range mounts {
		if kind == "" || kind == m.FSType {
			c.Printf("%s on %s type %s (%s)\n", m.Source, m.Mountpoint, m.FSType, mergeOptions(m.Options, m.VFSOptions))
		}
	}
	return nil
}

// mergeOptions is a mount's own options, then those of its filesystem that are
// not among them; ro and rw are the mount's.
func mergeOptions(mount, filesystem string) string {
	all := strings.Split(mount, ",")
	for option := range strings.SplitSeq(filesystem, ",") {
		if option != "ro" && option != "rw" && option != "" {
			all = append(all, option)
		}
	}
	return strings.Join(all, ",")
}

func syncDisks(context.Context, *call) error {
	unix.Sync()
	return nil
}
