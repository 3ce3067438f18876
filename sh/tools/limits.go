package tools

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func limitCommands() []command.Command {
	return []command.Command{
		{Name: "umask", Summary: "print or set the mode bits that new files don't get, of this whole process", Operands: "[MODE]", Run: tool(umask)},
		ulimitCommand(),
	}
}

func umask(_ context.Context, c *call) error {
	if len(c.Args) == 0 {
		c.Printf("%04o\n", currentUmask())
		return nil
	}
	mask, err := strconv.ParseUint(c.Args[0], 8, 32)
	if err != nil || mask > 0o777 {
		return command.Usagef("%q is not an octal mask such as 022", c.Args[0])
	}
	unix.Umask(int(mask))
	return nil
}

// currentUmask reads the mask without setting it, as far as the kernel allows.
func currentUmask() uint32 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "\nUmask:")
		line, _, _ := strings.Cut(rest, "\n")
		if mask, err := strconv.ParseUint(strings.TrimSpace(line), 8, 32); err == nil {
			return uint32(mask)
		}
	}
	mask := unix.Umask(0o022)
	unix.Umask(mask)
	return uint32(mask)
}

// limit is one of getrlimit(2)'s, with the letter that shells have for it.
type limit struct {
	letter   string
	resource int
	unit     uint64 // bytes or seconds that 1 stands for
	name     string
}

func limits() []limit {
	return []limit{
		{"c", unix.RLIMIT_CORE, 512, "core file size (512 bytes)"},
		{"d", unix.RLIMIT_DATA, 1024, "data (KiB)"},
		{"f", unix.RLIMIT_FSIZE, 512, "file size (512 bytes)"},
		{"l", unix.RLIMIT_MEMLOCK, 1024, "locked memory (KiB)"},
		{"n", unix.RLIMIT_NOFILE, 1, "open files"},
		{"s", unix.RLIMIT_STACK, 1024, "stack (KiB)"},
		{"t", unix.RLIMIT_CPU, 1, "CPU time (seconds)"},
		{"u", unix.RLIMIT_NPROC, 1, "processes"},
		{"v", unix.RLIMIT_AS, 1024, "address space (KiB)"},
	}
}

func ulimitCommand() command.Command {
	c := command.Command{
		Name: "ulimit", Summary: "print or set a limit of this whole process, and of what it starts",
		Operands: "[LIMIT]", Forms: []string{"[-HS] [-cdflnstuv] [LIMIT|unlimited]", "[-HS] -a"}, Run: tool(ulimit),
		Options: []command.Option{
			{Names: "-a, --all", Help: "print all limits"},
			{Names: "-H, --hard", Help: "take the hard limit, which only root can raise"},
			{Names: "-S, --soft", Help: "take the soft limit, which holds; without -H and -S, both are set"},
		},
	}
	for _, l := range limits() {
		c.Options = append(c.Options, command.Option{Names: "-" + l.letter, Help: "take the limit of " + l.name})
	}
	return c
}

func ulimit(_ context.Context, c *call) error {
	all, hard, soft, operands := c.Flag("all"), c.Flag("hard"), c.Flag("soft"), c.Args
	which, count := limit{"f", unix.RLIMIT_FSIZE, 512, ""}, 0
	for _, l := range limits() {
		if c.Flag(l.letter) {
			which = l
			count++
		}
	}
	switch {
	case count > 1 || all && len(operands) > 0:
		return command.Usagef("expected one limit")
	case all:
		for _, l := range limits() {
			if err := showLimit(c, l, hard && !soft, fmt.Sprintf("-%s  %-28s", l.letter, l.name)); err != nil {
				return err
			}
		}
		return nil
	case len(operands) == 0:
		return showLimit(c, which, hard && !soft, "")
	}
	return setLimit(which, operands[0], hard || !soft, soft || !hard)
}

func showLimit(c *call, l limit, hard bool, label string) error {
	var r unix.Rlimit
	if err := unix.Getrlimit(l.resource, &r); err != nil {
		return err
	}
	value := r.Cur
	if hard {
		value = r.Max
	}
	if value == unix.RLIM_INFINITY {
		c.Printf("%sunlimited\n", label)
		return nil
	}
	c.Printf("%s%d\n", label, value/l.unit)
	return nil
}

func setLimit(l limit, text string, hard, soft bool) error {
	var r unix.Rlimit
	if err := unix.Getrlimit(l.resource, &r); err != nil {
		return err
	}
	value := uint64(unix.RLIM_INFINITY)
	if text != "unlimited" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n > (1<<63)/l.unit {
			return command.Usagef("%q is not a limit: give a number or unlimited", text)
		}
		value = n * l.unit
	}
	if hard {
		r.Max = value
	}
	if soft {
		r.Cur = value
	}
	if err := unix.Setrlimit(l.resource, &r); err != nil {
		return fmt.Errorf("setting -%s to %s: %w", l.letter, text, err)
	}
	return nil
}
