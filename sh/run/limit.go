package run

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bootrc/sh/mode"

	"golang.org/x/sys/unix"
)

// umask is the builtin. The mask is the whole process's: commands of the table make files, too. A
// subshell's is taken back at its end.
func umask(sh *Shell, args []string) int {
	symbolic := false
	for len(args) > 0 && (args[0] == "-S" || args[0] == "--") {
		symbolic = symbolic || args[0] == "-S"
		args = args[1:]
	}
	mask := int(mode.Umask())
	if len(args) == 0 {
		if symbolic {
			return sh.print(symbolicMask(mask) + "\n")
		}
		return sh.print(fmt.Sprintf("%04o\n", mask))
	}
	if len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0], "-rwxXstugo,=+") != "" {
		return sh.misuse("umask", &OptionError{args[0]})
	}
	wanted, err := parseMask(args[0], mask)
	if err != nil {
		return sh.misuse("umask", err)
	}
	if sh.outer != nil && sh.limits == nil {
		sh.limits = &limits{mask: mask}
	}
	unix.Umask(wanted)
	return 0
}

// limits is what a subshell found, to be restored after it.
type limits struct {
	mask    int
	changed map[int]unix.Rlimit
}

func (sh *Shell) restoreLimits() {
	if sh.limits == nil {
		return
	}
	unix.Umask(sh.limits.mask)
	for resource, was := range sh.limits.changed {
		unix.Setrlimit(resource, &was)
	}
}

func symbolicMask(mask int) string {
	var text []string
	for i, who := range []string{"u", "g", "o"} {
		bits := ^mask >> (6 - 3*i) & 7
		text = append(text, who+"="+[]string{"", "r"}[bits>>2&1]+[]string{"", "w"}[bits>>1&1]+[]string{"", "x"}[bits&1])
	}
	return strings.Join(text, ",")
}

// parseMask reads an octal mask, or a symbolic one as chmod(1) has it, for what is not
// masked.
func parseMask(text string, mask int) (int, error) {
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		n, err := strconv.ParseUint(text, 8, 32)
		if err != nil || n > 0o777 {
			return 0, fmt.Errorf("illegal mask: %s", text)
		}
		return int(n), nil
	}
	allowed, err := mode.Change(text, uint32(^mask&0o777), false, 0)
	if err != nil {
		return 0, fmt.Errorf("illegal mode: %s", text)
	}
	return int(^allowed & 0o777), nil
}

// resource is one of ulimit's.
type resource struct {
	letter byte
	number int
	unit   uint64
	text   string
}

func resources() []resource {
	return []resource{
		{'t', unix.RLIMIT_CPU, 1, "time(seconds)"}, {'f', unix.RLIMIT_FSIZE, 512, "file(blocks)"},
		{'d', unix.RLIMIT_DATA, 1024, "data(kbytes)"}, {'s', unix.RLIMIT_STACK, 1024, "stack(kbytes)"},
		{'c', unix.RLIMIT_CORE, 512, "coredump(blocks)"}, {'m', unix.RLIMIT_RSS, 1024, "memory(kbytes)"},
		{'l', unix.RLIMIT_MEMLOCK, 1024, "locked memory(kbytes)"}, {'p', unix.RLIMIT_NPROC, 1, "process"},
		{'n', unix.RLIMIT_NOFILE, 1, "nofiles"}, {'v', unix.RLIMIT_AS, 1024, "vmemory(kbytes)"},
		{'w', unix.RLIMIT_LOCKS, 1, "locks"}, {'r', unix.RLIMIT_RTPRIO, 1, "rtprio"},
	}
}

// ulimit is the builtin. Like the mask, limits are the whole process's.
func ulimit(sh *Shell, args []string) int {
	soft, hard, all := false, false, false
	letter := byte(0)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		for _, c := range []byte(args[0][1:]) {
			switch c {
			case 'S':
				soft = true
			case 'H':
				hard = true
			case 'a':
				all = true
			default:
				if letter != 0 {
					return sh.misuse("ulimit", fmt.Errorf("one limit at a time: -%c or -%c", letter, c))
				}
				letter = c
			}
		}
		args = args[1:]
	}
	if letter == 0 {
		letter = 'f'
	}
	if letter == 'u' {
		letter = 'p' // as other shells have it
	}
	if !soft && !hard {
		soft = true
		hard = len(args) > 0
	}
	if all {
		return sh.listLimits(!soft)
	}
	for _, r := range resources() {
		if r.letter != letter {
			continue
		}
		if len(args) > 0 {
			return sh.setLimit(r, args[0], soft, hard)
		}
		value, err := limitText(r, !soft)
		if err != nil {
			return sh.failed("ulimit", err)
		}
		return sh.print(value + "\n")
	}
	return sh.misuse("ulimit", &OptionError{"-" + string(rune(letter))})
}

func (sh *Shell) listLimits(hard bool) int {
	var out strings.Builder
	for _, r := range resources() {
		if value, err := limitText(r, hard); err == nil {
			fmt.Fprintf(&out, "%-24s %s\n", r.text+" -"+string(rune(r.letter)), value)
		}
	}
	return sh.print(out.String())
}

func limitText(r resource, hard bool) (string, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(r.number, &limit); err != nil {
		return "", err
	}
	value := limit.Cur
	if hard {
		value = limit.Max
	}
	if value == unix.RLIM_INFINITY {
		return "unlimited", nil
	}
	return strconv.FormatUint(value/r.unit, 10), nil
}

func (sh *Shell) setLimit(r resource, text string, soft, hard bool) int {
	value := uint64(unix.RLIM_INFINITY)
	if text != "unlimited" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n > unix.RLIM_INFINITY/r.unit {
			return sh.misuse("ulimit", fmt.Errorf("bad number: %s", text))
		}
		value = n * r.unit
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(r.number, &limit); err != nil {
		return sh.failed("ulimit", err)
	}
	if sh.outer != nil {
		if sh.limits == nil {
			sh.limits = &limits{mask: int(mode.Umask())}
		}
		if sh.limits.changed == nil {
			sh.limits.changed = make(map[int]unix.Rlimit)
		}
		if _, noted := sh.limits.changed[r.number]; !noted {
			sh.limits.changed[r.number] = limit
		}
	}
	if soft {
		limit.Cur = value
	}
	if hard {
		limit.Max = value
	}
	// syscall's, so that the runtime does not give programs another limit of open files
	was := syscall.Rlimit{Cur: limit.Cur, Max: limit.Max}
	if err := syscall.Setrlimit(r.number, &was); err != nil {
		return sh.failed("ulimit", err)
	}
	return 0
}

// times is the special builtin.
func times(sh *Shell, _ []string) int {
	var own, children unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &own)
	unix.Getrusage(unix.RUSAGE_CHILDREN, &children)
	return sh.print(fmt.Sprintf("%s %s\n%s %s\n", clock(own.Utime), clock(own.Stime), clock(children.Utime), clock(children.Stime)))
}

func clock(t unix.Timeval) string {
	d := time.Duration(t.Nano())
	return fmt.Sprintf("%dm%.6fs", int(d.Minutes()), (d % time.Minute).Seconds())
}
