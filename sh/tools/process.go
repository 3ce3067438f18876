package tools

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"bootrc/kit/command"
	"bootrc/kit/order"
)

func processCommands() []command.Command {
	return []command.Command{
		{
			Name: "ps", Summary: "list processes: ID, parent, user, state, memory in KiB, time of the processor, command", Operands: "[aux|PID…]",
			Options: []command.Option{
				{Names: "-o, --format", Value: "COLUMNS", Default: "pid,ppid,user,state,rss,time,args", Help: "print these columns; after the last, =TITLE names it"},
				{Names: "-p, --pid", Value: "PID,…", Help: "list these processes"},
				{Names: "-a, -A, -e, -f, -u, -x, -w", Help: "list every process, as it does anyway"},
			},
			Run: tool(ps),
		},
		killCommand(),
		{
			Name: "pidof", Summary: "print the IDs of the processes of that name", Operands: "NAME…",
			Options:  []command.Option{{Names: "-s, --single-shot", Help: "print only the newest"}},
			Statuses: []string{"1: no such process"}, Run: tool(pidof),
		},
		{
			Name: "pgrep", Summary: "print the IDs of the processes whose name matches", Operands: "PATTERN",
			Options: append(matchOptions(), command.Option{Names: "-l, --list-name", Help: "print the name, too"}),
			Text:    "PATTERN is an extended regular expression.", Statuses: []string{"1: none matches"}, Run: tool(pgrep),
		},
		pkillCommand(),
	}
}

// matchOptions are those of pgrep and pkill.
func matchOptions() []command.Option {
	return []command.Option{
		{Names: "-f, --full", Help: "match the whole command line"},
		{Names: "-x, --exact", Help: "match only whole names"},
	}
}

// process is what /proc says of one (proc_pid_stat(5)).
type process struct {
	pid, parent int
	name        string // at most 15 bytes
	state       string
	resident    int64  // bytes
	ticks       uint64 // of the processor that it has had, a hundredth of a second each
	user        uint32
	line        []string // as started; empty for a kernel thread
}

// processes lists /proc, by ID. A process that ends meanwhile is left out.
func processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var all []process
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if p, ok := readProcess(pid); ok {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("/proc is not mounted")
	}
	order.By(all, func(a, b process) int { return cmp.Compare(a.pid, b.pid) })
	return all, nil
}

func readProcess(pid int) (process, bool) {
	dir := fmt.Sprintf("/proc/%d", pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return process{}, false
	}
	line, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return process{}, false
	}
	p, ok := parseStat(string(stat))
	if info, err := os.Stat(dir); err == nil {
		p.user = info.Sys().(*syscall.Stat_t).Uid
	}
	if line = bytes.TrimRight(line, "\x00"); len(line) > 0 {
		p.line = strings.Split(string(line), "\x00")
	}
	return p, ok
}

// parseStat reads /proc/PID/stat. A name may hold blanks and brackets: it ends
// at the last one.
func parseStat(stat string) (process, bool) {
	open, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return process{}, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(stat[:open]))
	fields := strings.Fields(stat[end+1:])
	if err != nil || len(fields) < 22 {
		return process{}, false
	}
	parent, _ := strconv.Atoi(fields[1])
	pages, _ := strconv.ParseInt(fields[21], 10, 64)
	return process{pid: pid, parent: parent, name: stat[open+1 : end], state: fields[0],
		resident: pages * int64(os.Getpagesize()), ticks: number(fields[11]) + number(fields[12])}, true
}

// userName is the user's name, or its number where it has none here.
func userName(id uint32) string {
	text := strconv.FormatUint(uint64(id), 10)
	if u, err := user.LookupId(text); err == nil {
		return u.Username
	}
	return text
}

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

// command is what a person would recognise the process by, in one line.
func (p *process) command() string {
	if len(p.line) == 0 {
		return "[" + p.name + "]"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.Join(p.line, " "))
}

// column is what ps can print of a process, by its name in ps(1p).
type column struct {
	name, title string
	align       string // as printTable has it
	value       func(*process) string
}

func columns() []column {
	return []column{
		{"pid", "PID", "r", func(p *process) string { return strconv.Itoa(p.pid) }},
		{"ppid", "PPID", "r", func(p *process) string { return strconv.Itoa(p.parent) }},
		{"state", "S", "l", func(p *process) string { return p.state }},
		{"rss", "RSS", "r", func(p *process) string { return strconv.FormatInt(p.resident>>10, 10) }},
		{"user", "USER", "l", func(p *process) string { return userName(p.user) }},
		{"time", "TIME", "r", func(p *process) string {
			return fmt.Sprintf("%d:%02d", p.ticks/6000, p.ticks/100%60)
		}},
		{"args", "COMMAND", "l", (*process).command},
		{"comm", "COMMAND", "l", func(p *process) string { return p.name }},
	}
}

// chooseColumns reads -o: names, and after the last one = and its title.
func chooseColumns(format string) ([]column, error) {
	format, title, titled := strings.Cut(format, "=")
	var chosen []column
	for _, name := range strings.Split(format, ",") {
		i := slices.IndexFunc(columns(), func(c column) bool { return c.name == name })
		if i < 0 {
			return nil, command.Usagef("column %q is unknown: there are pid, ppid, user, state, rss, time, args and comm", name)
		}
		chosen = append(chosen, columns()[i])
	}
	if titled {
		chosen[len(chosen)-1].title = title
	}
	return chosen, nil
}

func ps(_ context.Context, c *call) error {
	chosen, err := chooseColumns(c.Text("format"))
	if err != nil {
		return err
	}
	wanted := make(map[string]bool)
	for _, operand := range append(slices.Clone(c.Args), strings.Split(c.Text("pid"), ",")...) {
		if _, err := strconv.Atoi(operand); err == nil {
			wanted[operand] = true
		} else if strings.Trim(operand, "aefuxw") != "" {
			return command.Usagef("%q is unknown: give a process's ID, or nothing for every process", operand)
		}
	}
	all, err := processes()
	if err != nil {
		return err
	}
	if len(wanted) > 0 {
		all = slices.DeleteFunc(all, func(p process) bool { return !wanted[strconv.Itoa(p.pid)] })
	}
	c.printProcesses(all, chosen)
	if len(all) == 0 {
		return command.Status(1)
	}
	return nil
}

func (c *call) printProcesses(all []process, chosen []column) {
	var titles []string
	align := ""
	for _, column := range chosen {
		titles, align = append(titles, column.title), align+column.align
	}
	var rows [][]string
	if strings.Join(titles, "") != "" {
		rows = append(rows, titles)
	}
	for _, p := range all {
		var row []string
		for _, column := range chosen {
			row = append(row, column.value(&p))
		}
		rows = append(rows, row)
	}
	c.printTable(rows, align)
}

func pidof(_ context.Context, c *call) error {
	all, err := processes()
	if err != nil {
		return err
	}
	var found []string
	for _, p := range slices.Backward(all) {
		if slices.ContainsFunc(c.Args, p.called) {
			found = append(found, strconv.Itoa(p.pid))
		}
	}
	if len(found) == 0 {
		return command.Status(1)
	}
	if c.Flag("single-shot") {
		found = found[:1]
	}
	c.Printf("%s\n", strings.Join(found, " "))
	return nil
}

// called says whether a name is that of the process or of its program.
func (p *process) called(name string) bool {
	return name == p.name || len(p.line) > 0 && (name == p.line[0] || name == filepath.Base(p.line[0]))
}

// matching is the processes, but this one, whose name or whole line matches.
func (c *call) matching() ([]process, error) {
	pattern := c.Args[0]
	expr, err := translate(pattern, true)
	if err != nil {
		return nil, command.Usagef("pattern %q: %w", pattern, err)
	}
	if c.Flag("exact") {
		expr = "^(?:" + expr + ")$"
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, command.Usagef("pattern %q: %w", pattern, err)
	}
	all, err := processes()
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(all, func(p process) bool {
		text := p.name
		if c.Flag("full") && len(p.line) > 0 {
			text = strings.Join(p.line, " ")
		}
		return p.pid == os.Getpid() || !re.MatchString(text)
	})
	if len(found) == 0 {
		return nil, command.Status(1)
	}
	return found, nil
}

func pgrep(_ context.Context, c *call) error {
	found, err := c.matching()
	if err != nil {
		return err
	}
	for _, p := range found {
		if c.Flag("list-name") {
			c.Printf("%d %s\n", p.pid, p.name)
		} else {
			c.Printf("%d\n", p.pid)
		}
	}
	return nil
}
