package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/kconfig"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Security is what --security-opt says.
type Security struct {
	Seccomp         string // "": the default profile; "unconfined"; or a profile's file
	NoNewPrivileges bool
	ProcOptions     []string
	Masked          []string
	Unmasked        []string // patterns of path.Match, or ALL
}

const unconfined = "unconfined"

var security = slice{
	options: []command.Option{{Names: "--seccomp-policy", Value: "default", Kind: command.Choice, Help: "take no profile from the image"},
		{Names: "--security-opt", Value: "OPTION", Kind: command.List,
			Check: checkQuoting(func(text string) (s Security, err error) { return s, s.set(text, path.Clean) }),
			Help:  "confine it by OPTION: seccomp=FILE, seccomp=unconfined, no-new-privileges, mask=PATH[:PATH]…, unmask=PATH[:PATH]…, unmask=ALL or proc-opts=OPTION[,OPTION]…"}},
	read: func(call *command.Call, v *Invocation) error {
		for _, text := range call.List("security-opt") {
			if err := v.Options.Security.set(text, call.Path); err != nil {
				return call.Wrong("security-opt", fmt.Errorf("%s: %w", text, err))
			}
		}
		if file := v.Options.Security.Seccomp; file != "" && file != unconfined {
			if _, err := os.Stat(file); err != nil {
				return call.Wrong("security-opt", err)
			}
		}
		return nil
	},
	write: writeSecurity,
}

// set reads one --security-opt.
func (s *Security) set(text string, path func(string) string) error {
	key, value, valued := strings.Cut(text, "=")
	if !valued && key != "no-new-privileges" { // docker's older form
		key, value, valued = strings.Cut(text, ":")
	}
	switch {
	case key == "no-new-privileges":
		on, err := parseSwitch(value, valued)
		s.NoNewPrivileges = on
		return err
	case !valued || value == "":
		return errors.New("expected KEY=VALUE or no-new-privileges")
	case key == "seccomp":
		if s.Seccomp = value; value != unconfined {
			s.Seccomp = path(value)
		}
	case key == "apparmor":
		if value != unconfined {
			return errors.New("AppArmor is not enabled on this system")
		}
	case key == "label": // of SELinux, which is not here
	case key == "mask":
		s.Masked = append(s.Masked, strings.Split(value, ":")...)
	case key == "unmask":
		s.Unmasked = append(s.Unmasked, strings.Split(value, ":")...)
	case key == "systempaths" && value == unconfined: // docker's word
		s.Unmasked = append(s.Unmasked, "ALL")
	case key == "proc-opts":
		s.ProcOptions = append(s.ProcOptions, strings.Split(value, ",")...)
	default:
		return errors.New("unknown security option")
	}
	return nil
}

func parseSwitch(value string, valued bool) (bool, error) {
	if !valued {
		return true, nil
	}
	return strconv.ParseBool(value)
}

// hiddenPaths and readonlyPaths keep a container without --privileged from what
// describes or steers the machine, as podman does.
var (
	hiddenPaths = []string{
		"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
		"/proc/timer_list", "/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware",
		"/sys/fs/selinux",
	}
	readonlyPaths = []string{
		"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
	}
)

func writeSecurity(d *draft) error { return confine(d.Spec, d.options) }

// confine hides and forbids what a container without --privileged has no business
// with.
func confine(spec *specs.Spec, o Options) error {
	unmasked := func(name string) bool {
		return slices.ContainsFunc(o.Security.Unmasked, func(pattern string) bool {
			matched, err := path.Match(pattern, name)
			return err == nil && matched || strings.EqualFold(pattern, "ALL")
		})
	}
	if !o.Privileged {
		spec.Linux.MaskedPaths = slices.DeleteFunc(slices.Clone(hiddenPaths), unmasked)
		spec.Linux.ReadonlyPaths = slices.DeleteFunc(slices.Clone(readonlyPaths), unmasked)
	}
	spec.Linux.MaskedPaths = append(spec.Linux.MaskedPaths, o.Security.Masked...)
	spec.Process.NoNewPrivileges = o.Security.NoNewPrivileges
	return addSeccomp(spec, o)
}

// addSeccomp forbids system calls: none to a privileged container, unless it is
// given a profile.
func addSeccomp(spec *specs.Spec, o Options) (err error) {
	_, missing := os.Stat("/proc/sys/kernel/seccomp/actions_avail")
	switch file := o.Security.Seccomp; {
	case file == unconfined, file == "" && o.Privileged:
		return nil
	case errors.Is(missing, fs.ErrNotExist):
		return fmt.Errorf("%w; --privileged and --security-opt=seccomp=unconfined do without", kconfig.Lacks("system call filter", "SECCOMP_FILTER"))
	case file == "":
		if spec.Linux.Seccomp, err = seccomp.GetDefaultProfile(spec); err == nil {
			allowNamespaces(spec.Linux.Seccomp)
		}
	default:
		var profile []byte
		if profile, err = os.ReadFile(file); err == nil {
			spec.Linux.Seccomp, err = seccomp.LoadProfile(string(profile), spec)
		}
		if err != nil {
			err = fmt.Errorf("seccomp profile %s: %w", file, err)
		}
	}
	return err
}

// namespaceCalls are what Moby's profile allows with CAP_SYS_ADMIN alone, and podman's to all:
// unshare(1), bubblewrap and browsers need them, and in a user namespace of a program's own
// the kernel knows what may be done.
var namespaceCalls = []string{
	"clone", "clone3", "fsconfig", "fsmount", "fsopen", "fspick", "keyctl", "mount", "mount_setattr", "move_mount",
	"open_tree", "pivot_root", "reboot", "setns", "syslog", "umount", "umount2", "unshare",
}

func allowNamespaces(profile *specs.LinuxSeccomp) {
	for i, rule := range profile.Syscalls {
		profile.Syscalls[i].Names = slices.DeleteFunc(slices.Clone(rule.Names), func(name string) bool {
			return slices.Contains(namespaceCalls, name)
		})
	}
	profile.Syscalls = slices.DeleteFunc(profile.Syscalls, func(rule specs.LinuxSyscall) bool { return len(rule.Names) == 0 })
	profile.Syscalls = append(profile.Syscalls, specs.LinuxSyscall{Names: namespaceCalls, Action: specs.ActAllow})
}
