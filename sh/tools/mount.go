package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bootrc/kit/command"

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
	m := parseMountOptions(options)
	m.kind = kind
	m.target = c.Path(operands[len(operands)-1])
	switch {
	case len(operands) == 2:
		m.source = operands[0]
		if m.fromFile(c.Path(m.source)) {
			m.source = c.Path(m.source)
		}
	case m.flags&unix.MS_REMOUNT == 0 && m.propagation == 0:
		return command.Usagef("expected SOURCE and FOLDER, got %s", operands[0])
	}
	return m.do()
}

// mounting is one mount, as mount(2) takes it.
type mounting struct {
	source, target, kind, data string
	flags                      uintptr
	propagation                uintptr // set in a call of its own
}

// fromFile says whether the source is the file at path, and not a word that only
// the filesystem understands.
func (m *mounting) fromFile(path string) bool {
	if m.flags&(unix.MS_BIND|unix.MS_MOVE) != 0 || m.kind == "" && m.flags&unix.MS_REMOUNT == 0 {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeDevice != 0
}

// mountFlag returns what an option of mount(8) sets or clears. An option that is
// none of these is the filesystem's own.
func mountFlag(option string) (set, clear, propagation uintptr, known bool) {
	switch option {
	case "defaults", "auto", "noauto", "_netdev", "nofail":
	case "ro":
		set = unix.MS_RDONLY
	case "rw":
		clear = unix.MS_RDONLY
	case "bind":
		set = unix.MS_BIND
	case "rbind":
		set = unix.MS_BIND | unix.MS_REC
	case "move":
		set = unix.MS_MOVE
	case "remount":
		set = unix.MS_REMOUNT
	case "nosuid":
		set = unix.MS_NOSUID
	case "suid":
		clear = unix.MS_NOSUID
	case "nodev":
		set = unix.MS_NODEV
	case "dev":
		clear = unix.MS_NODEV
	case "noexec":
		set = unix.MS_NOEXEC
	case "exec":
		clear = unix.MS_NOEXEC
	case "sync":
		set = unix.MS_SYNCHRONOUS
	case "async":
		clear = unix.MS_SYNCHRONOUS
	case "noatime":
		set = unix.MS_NOATIME
	case "nodiratime":
		set = unix.MS_NODIRATIME
	case "relatime":
		set = unix.MS_RELATIME
	case "strictatime":
		set = unix.MS_STRICTATIME
	case "silent":
		set = unix.MS_SILENT
	default:
		propagation = propagationFlag(option)
		return 0, 0, propagation, propagation != 0
	}
	return set, clear, 0, true
}

func propagationFlag(option string) uintptr {
	recursive := uintptr(0)
	if name, ok := strings.CutPrefix(option, "r"); ok {
		option, recursive = name, unix.MS_REC
	}
	switch option {
	case "private":
		return unix.MS_PRIVATE | recursive
	case "shared":
		return unix.MS_SHARED | recursive
	case "slave":
		return unix.MS_SLAVE | recursive
	case "unbindable":
		return unix.MS_UNBINDABLE | recursive
	}
	return 0
}

func parseMountOptions(lists []string) *mounting {
	m := &mounting{}
	var data []string
	for option := range strings.SplitSeq(strings.Join(lists, ","), ",") {
		set, clear, propagation, known := mountFlag(option)
		m.flags = m.flags&^clear | set
		m.propagation |= propagation
		if !known && option != "" {
			data = append(data, option)
		}
	}
	m.data = strings.Join(data, ",")
	return m
}

func (m *mounting) do() error {
	if m.source != "" || m.flags&unix.MS_REMOUNT != 0 {
		if err := m.mount(); err != nil {
			return m.failure(err)
		}
	}
	// the kernel heeds ro, nosuid and the like of a bind only when it is mounted anew
	const kept = unix.MS_BIND | unix.MS_REC | unix.MS_SILENT
	if m.flags&unix.MS_BIND != 0 && m.flags&unix.MS_REMOUNT == 0 && m.flags&^kept != 0 {
		if err := unix.Mount("", m.target, "", m.flags&^unix.MS_REC|unix.MS_REMOUNT, ""); err != nil {
			unix.Unmount(m.target, unix.MNT_DETACH)
			return m.failure(err)
		}
	}
	if m.propagation != 0 {
		if err := unix.Mount("", m.target, "", m.propagation, ""); err != nil {
			return fmt.Errorf("changing the propagation of %s: %w", m.target, err)
		}
	}
	return nil
}

func (m *mounting) failure(err error) error {
	what := "mount " + m.source
	if m.source == "" {
		what = "remount"
	}
	if m.kind != "" {
		what += " (" + m.kind + ")"
	}
	return fmt.Errorf("%s on %s: %w", what, m.target, mountCause(err))
}

// mountCause says what the kernel's word for it may mean.
func mountCause(err error) error {
	switch {
	case errors.Is(err, unix.ENODEV):
		return errors.New("this kernel has no such filesystem type: load its module")
	case errors.Is(err, unix.ENOTBLK):
		return errors.New("the source is not a block device")
	case errors.Is(err, unix.EINVAL):
		return errors.New("wrong type, bad option or damaged filesystem (`dmesg` may say more)")
	}
	return err
}

func (m *mounting) mount() error {
	const noType = unix.MS_BIND | unix.MS_MOVE | unix.MS_REMOUNT
	if m.kind != "" || m.flags&noType != 0 {
		return unix.Mount(m.source, m.target, m.kind, m.flags, m.data)
	}
	if _, err := os.Stat(m.source); err != nil {
		return err
	}
	text, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return err
	}
	for _, kind := range diskTypes(string(text)) {
		err := unix.Mount(m.source, m.target, kind, m.flags|unix.MS_SILENT, m.data)
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
