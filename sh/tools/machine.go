package tools

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func machineCommands() []command.Command {
	return []command.Command{
		define("uname", "[-amnrsv]", "print the kernel's name, release and machine", uname),
		define("hostname", "[NAME]", "print or set the host's name", hostname),
		define("nproc", "", "print the number of processors", nproc),
		define("uptime", "", "print how long the machine has run, and its load", uptime),
		define("free", "[-bkmgh]", "print how much memory is used, in KiB", free),
		define("date", "[-u] [-d DATE | -s DATE] [+FORMAT]", "print or set the time", date),
		define("sleep", "SECONDS…", "wait; SECONDS may have a fraction, or m, h or d behind it", sleep),
		define("id", "[-ugGn] [USER]", "print user and group IDs", id),
		define("dmesg", "[-w] [-n LEVEL]", "print the kernel's messages; -w: and new ones; -n: which reach the console", dmesg),
		define("clear", "", "clear the terminal", clearScreen),
	}
}

func uname(_ context.Context, c *call) error {
	o := newOptions()
	all := o.flag("a", "all")
	wanted := []*bool{
		o.flag("s", "kernel-name"), o.flag("n", "nodename"), o.flag("r", "kernel-release"),
		o.flag("v", "kernel-version"), o.flag("m", "machine"),
	}
	if _, err := o.parse(c.Args, 0, 0); err != nil {
		return err
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	var shown []string
	for i, field := range [][]byte{u.Sysname[:], u.Nodename[:], u.Release[:], u.Version[:], u.Machine[:]} {
		if *wanted[i] || *all {
			shown = append(shown, unix.ByteSliceToString(field))
		}
	}
	if *all {
		shown = append(shown, "GNU/Linux")
	}
	if len(shown) == 0 {
		shown = []string{unix.ByteSliceToString(u.Sysname[:])}
	}
	c.Printf("%s\n", strings.Join(shown, " "))
	return nil
}

func hostname(_ context.Context, c *call) error {
	names, err := newOptions().parse(c.Args, 0, 1)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		name, err := os.Hostname()
		c.Printf("%s\n", name)
		return err
	}
	const most = 64 // __NEW_UTS_LEN
	if len(names[0]) > most {
		return fmt.Errorf("%q: longer than %d bytes", names[0], most)
	}
	if err := unix.Sethostname([]byte(names[0])); err != nil {
		return fmt.Errorf("setting the host's name to %q: %w", names[0], err)
	}
	return nil
}

func nproc(_ context.Context, c *call) error {
	_, err := newOptions().parse(c.Args, 0, 0)
	if err == nil {
		c.Printf("%d\n", runtime.NumCPU())
	}
	return err
}

func uptime(_ context.Context, c *call) error {
	if _, err := newOptions().parse(c.Args, 0, 0); err != nil {
		return err
	}
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return err
	}
	up := int64(info.Uptime)
	days := ""
	if up >= 86400 {
		days = plural(int(up/86400), "day") + ", "
	}
	load := func(i int) float64 { return float64(info.Loads[i]) / 65536 }
	c.Printf(" %s up %s%2d:%02d,  load average: %.2f, %.2f, %.2f\n", time.Now().Format("15:04:05"), days,
		up/3600%24, up/60%60, load(0), load(1), load(2))
	return nil
}

func free(_ context.Context, c *call) error {
	o := newOptions()
	human := o.flag("h", "human")
	units := map[*bool]uint64{o.flag("b", "bytes"): 1, o.flag("m", "mebi"): 1 << 20, o.flag("g", "gibi"): 1 << 30, o.flag("k", "kibi"): 1 << 10}
	if _, err := o.parse(c.Args, 0, 0); err != nil {
		return err
	}
	unit := uint64(1 << 10)
	for given, size := range units {
		if *given {
			unit = size
		}
	}
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return err
	}
	show := func(bytes uint64) string {
		if *human {
			return humanSize(bytes)
		}
		return strconv.FormatUint(bytes/unit, 10)
	}
	c.printTable(memoryTable(parseMeminfo(string(text)), show), "lrrrrrr")
	return nil
}

func memoryTable(m map[string]uint64, show func(uint64) string) [][]string {
	cache := m["Buffers"] + m["Cached"] + m["SReclaimable"]
	used := m["MemTotal"] - min(m["MemAvailable"], m["MemTotal"])
	return [][]string{
		{"", "total", "used", "free", "shared", "buff/cache", "available"},
		{"Mem:", show(m["MemTotal"]), show(used), show(m["MemFree"]), show(m["Shmem"]), show(cache), show(m["MemAvailable"])},
		{"Swap:", show(m["SwapTotal"]), show(m["SwapTotal"] - m["SwapFree"]), show(m["SwapFree"]), "", "", ""},
	}
}

// parseMeminfo reads proc_meminfo(5) into bytes.
func parseMeminfo(text string) map[string]uint64 {
	m := map[string]uint64{}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(line, ":")
		if fields := strings.Fields(rest); ok && len(fields) > 0 {
			n, _ := strconv.ParseUint(fields[0], 10, 64)
			m[name] = n << 10
		}
	}
	return m
}

func sleep(ctx context.Context, c *call) error {
	words, err := newOptions().parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	var total time.Duration
	for _, word := range words {
		d, err := parseSeconds(word)
		if err != nil {
			return command.Usagef("%w", err)
		}
		total += d
	}
	return c.pause(ctx, total)
}

// parseSeconds reads a number of seconds, or of minutes, hours or days.
func parseSeconds(s string) (time.Duration, error) {
	unit := time.Second
	number := strings.TrimRight(s, "smhd")
	switch s[len(number):] {
	case "", "s":
	case "m":
		unit = time.Minute
	case "h":
		unit = time.Hour
	case "d":
		unit = 24 * time.Hour
	default:
		number = ""
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*float64(unit) < 1<<62) {
		return 0, fmt.Errorf("%q is not a time: give seconds, such as 0.5", s)
	}
	return time.Duration(n * float64(unit)), nil
}

func id(_ context.Context, c *call) error {
	o := newOptions()
	onlyUser, onlyGroup, groups, asName := o.flag("u", "user"), o.flag("g", "group"), o.flag("G", "groups"), o.flag("n", "name")
	operands, err := o.parse(c.Args, 0, 1)
	if err != nil {
		return err
	}
	uid, gid, all, err := identity(operands)
	if err != nil {
		return err
	}
	names := idNames{}
	show := func(id uint32, name func(uint32) string) string {
		if *asName {
			return name(id)
		}
		return fmt.Sprint(id)
	}
	var list []string
	for _, g := range all {
		if *groups {
			list = append(list, show(g, names.group))
		} else {
			list = append(list, fmt.Sprintf("%d(%s)", g, names.group(g)))
		}
	}
	switch {
	case *onlyUser:
		c.Printf("%s\n", show(uid, names.user))
	case *onlyGroup:
		c.Printf("%s\n", show(gid, names.group))
	case *groups:
		c.Printf("%s\n", strings.Join(list, " "))
	default:
		c.Printf("uid=%d(%s) gid=%d(%s) groups=%s\n", uid, names.user(uid), gid, names.group(gid), strings.Join(list, ","))
	}
	return nil
}

// identity is the IDs of this process, or of a named user.
func identity(operands []string) (uid, gid uint32, groups []uint32, err error) {
	if len(operands) == 0 {
		uid, gid = uint32(os.Geteuid()), uint32(os.Getegid())
		supplementary, err := os.Getgroups()
		groups = []uint32{gid}
		for _, g := range supplementary {
			if uint32(g) != gid {
				groups = append(groups, uint32(g))
			}
		}
		return uid, gid, groups, err
	}
	u, err := user.Lookup(operands[0])
	if err != nil {
		return 0, 0, nil, fmt.Errorf("there is no user %q", operands[0])
	}
	list, err := u.GroupIds()
	if err != nil {
		return 0, 0, nil, err
	}
	number := func(s string) uint32 { n, _ := strconv.ParseUint(s, 10, 32); return uint32(n) }
	for _, g := range list {
		groups = append(groups, number(g))
	}
	return number(u.Uid), number(u.Gid), groups, nil
}

func clearScreen(_ context.Context, c *call) error {
	c.Printf("\x1b[H\x1b[2J\x1b[3J")
	return nil
}
