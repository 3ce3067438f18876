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
	"bootrc/kit/seconds"

	"golang.org/x/sys/unix"
)

func machineCommands() []command.Command {
	return []command.Command{
		unameCommand(),
		{Name: "hostname", Summary: "print or set the host's name", Operands: "[NAME]", Run: tool(hostname)},
		{Name: "nproc", Summary: "print the number of processors", Run: tool(nproc)},
		{Name: "uptime", Summary: "print how long the machine has run, and its load", Run: tool(uptime)},
		freeCommand(), dateCommand(),
		{
			Name: "sleep", Summary: "wait, for the sum of the times", Operands: "SECONDS…", Run: tool(sleep),
			Text: "SECONDS may have a fraction, or m, h or d behind it.",
		},
		idCommand(), dmesgCommand(),
		{Name: "clear", Summary: "clear the terminal", Run: tool(clearScreen)},
	}
}

func unameCommand() command.Command {
	return command.Command{
		Name: "uname", Summary: "print the kernel's name, release and machine", Run: tool(uname),
		Options: []command.Option{
			{Names: "-a, --all", Help: "print all of these"},
			{Names: "-s, --kernel-name", Help: "print the kernel's name, as without an option"},
			{Names: "-n, --nodename", Help: "print the host's name"},
			{Names: "-r, --kernel-release", Help: "print the kernel's release"},
			{Names: "-v, --kernel-version", Help: "print the kernel's version"},
			{Names: "-m, --machine", Help: "print the machine's architecture"},
		},
	}
}

func uname(_ context.Context, c *call) error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	var shown []string
	for _, field := range []struct {
		option string
		value  []byte
	}{
		{"kernel-name", u.Sysname[:]}, {"nodename", u.Nodename[:]}, {"kernel-release", u.Release[:]},
		{"kernel-version", u.Version[:]}, {"machine", u.Machine[:]},
	} {
		if c.Flag(field.option) || c.Flag("all") {
			shown = append(shown, unix.ByteSliceToString(field.value))
		}
	}
	if c.Flag("all") {
		shown = append(shown, "GNU/Linux")
	}
	if len(shown) == 0 {
		shown = []string{unix.ByteSliceToString(u.Sysname[:])}
	}
	c.Printf("%s\n", strings.Join(shown, " "))
	return nil
}

func hostname(_ context.Context, c *call) error {
	if len(c.Args) == 0 {
		name, err := os.Hostname()
		c.Printf("%s\n", name)
		return err
	}
	const most = 64 // __NEW_UTS_LEN
	name := c.Args[0]
	if len(name) > most {
		return fmt.Errorf("%q: longer than %d bytes", name, most)
	}
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("setting the host's name to %q: %w", name, err)
	}
	return nil
}

func nproc(_ context.Context, c *call) error {
	c.Printf("%d\n", runtime.NumCPU())
	return nil
}

func uptime(_ context.Context, c *call) error {
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

func freeCommand() command.Command {
	return command.Command{
		Name: "free", Summary: "print how much memory is used, in KiB", Run: tool(free),
		Options: []command.Option{
			{Names: "-b, --bytes", Help: "print bytes"},
			{Names: "-k, --kibi", Help: "print KiB, as it does anyway"},
			{Names: "-m, --mebi", Help: "print MiB"},
			{Names: "-g, --gibi", Help: "print GiB"},
			{Names: "-h, --human", Help: "print each number with a unit, a power of 1024"},
		},
	}
}

func free(_ context.Context, c *call) error {
	unit := uint64(1 << 10)
	for name := range c.Given("bytes", "kibi", "mebi", "gibi") {
		unit = map[string]uint64{"bytes": 1, "kibi": 1 << 10, "mebi": 1 << 20, "gibi": 1 << 30}[name]
	}
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return err
	}
	show := func(bytes uint64) string {
		if c.Flag("human") {
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
	var total time.Duration
	for _, word := range c.Args {
		d, err := seconds.Parse(word)
		if err != nil {
			return command.Usagef("%w", err)
		}
		total += d
	}
	return c.pause(ctx, total)
}

func idCommand() command.Command {
	return command.Command{
		Name: "id", Summary: "print user and group IDs, of the shell or of USER", Operands: "[USER]", Run: tool(id),
		Options: []command.Option{
			{Names: "-u, --user", Help: "print only the user's ID"},
			{Names: "-g, --group", Help: "print only the group's ID"},
			{Names: "-G, --groups", Help: "print only the IDs of all groups"},
			{Names: "-n, --name", Help: "with these: print names"},
		},
	}
}

func id(_ context.Context, c *call) error {
	uid, gid, all, err := identity(c.Args)
	if err != nil {
		return err
	}
	groups, names := c.Flag("groups"), idNames{}
	show := func(id uint32, name func(uint32) string) string {
		if c.Flag("name") {
			return name(id)
		}
		return fmt.Sprint(id)
	}
	var list []string
	for _, g := range all {
		if groups {
			list = append(list, show(g, names.group))
		} else {
			list = append(list, fmt.Sprintf("%d(%s)", g, names.group(g)))
		}
	}
	switch {
	case c.Flag("user"):
		c.Printf("%s\n", show(uid, names.user))
	case c.Flag("group"):
		c.Printf("%s\n", show(gid, names.group))
	case groups:
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
