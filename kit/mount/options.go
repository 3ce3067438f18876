// Package mount is mount(2) with the options of mount(8).
package mount

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Options are what the options of mount(8) mean to the kernel.
type Options struct {
	Flags       uintptr  // MS_RDONLY and the like, which every file system knows
	Propagation uintptr  // MS_SHARED and the like, which a call of its own sets
	Data        []string // what only the file system itself understands
}

// flag is what an option sets and clears.
type flag struct{ set, clear uintptr }

// flags are the options that every file system knows: mount(8), "Filesystem-independent
// mount options". Those of no effect here are for fstab.
var flags = map[string]flag{
	"defaults": {}, "auto": {}, "noauto": {}, "nofail": {}, "_netdev": {},
	"ro": {set: unix.MS_RDONLY}, "rw": {clear: unix.MS_RDONLY},
	"nosuid": {set: unix.MS_NOSUID}, "suid": {clear: unix.MS_NOSUID},
	"nodev": {set: unix.MS_NODEV}, "dev": {clear: unix.MS_NODEV},
	"noexec": {set: unix.MS_NOEXEC}, "exec": {clear: unix.MS_NOEXEC},
	"sync": {set: unix.MS_SYNCHRONOUS}, "async": {clear: unix.MS_SYNCHRONOUS},
	"dirsync": {set: unix.MS_DIRSYNC},
	"noatime": {set: unix.MS_NOATIME}, "atime": {clear: unix.MS_NOATIME},
	"nodiratime": {set: unix.MS_NODIRATIME}, "diratime": {clear: unix.MS_NODIRATIME},
	"relatime": {set: unix.MS_RELATIME}, "norelatime": {clear: unix.MS_RELATIME},
	"strictatime": {set: unix.MS_STRICTATIME}, "nostrictatime": {clear: unix.MS_STRICTATIME},
	"lazytime": {set: unix.MS_LAZYTIME}, "nolazytime": {clear: unix.MS_LAZYTIME},
	"nosymfollow": {set: unix.MS_NOSYMFOLLOW}, "symfollow": {clear: unix.MS_NOSYMFOLLOW},
	"silent": {set: unix.MS_SILENT}, "loud": {clear: unix.MS_SILENT},
	"bind": {set: unix.MS_BIND}, "rbind": {set: unix.MS_BIND | unix.MS_REC},
	"move": {set: unix.MS_MOVE}, "remount": {set: unix.MS_REMOUNT},
}

var propagations = map[string]uintptr{
	"private": unix.MS_PRIVATE, "shared": unix.MS_SHARED, "slave": unix.MS_SLAVE, "unbindable": unix.MS_UNBINDABLE,
}

// Parse reads options, separated by commas, as -o takes them.
func Parse(list string) Options {
	var o Options
	for option := range strings.SplitSeq(list, ",") {
		o.Add(option)
	}
	return o
}

// Add adds an option. Of two that contradict each other, the last holds. What the kernel
// does not know of all file systems is left to the file system.
func (o *Options) Add(option string) {
	if flag, ok := flags[option]; ok {
		o.Flags = o.Flags&^flag.clear | flag.set
	} else if p := propagation(option); p != 0 {
		o.Propagation |= p
	} else if option != "" {
		o.Data = append(o.Data, option)
	}
}

// IsPropagation tells whether an option says how mounts propagate: mount_namespaces(7).
func IsPropagation(option string) bool { return propagation(option) != 0 }

func propagation(option string) uintptr {
	if p := propagations[option]; p != 0 {
		return p
	}
	if p := propagations[strings.TrimPrefix(option, "r")]; p != 0 {
		return p | unix.MS_REC
	}
	return 0
}

// Value returns the value of an option KEY=VALUE of the file system's own, or "".
func (o Options) Value(key string) string {
	for _, option := range o.Data {
		if v, ok := strings.CutPrefix(option, key+"="); ok {
			return v
		}
	}
	return ""
}
