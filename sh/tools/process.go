package tools

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

func processCommands() []command.Command {
	return []command.Command{
		define("ps", "[aux] [-o COLUMNS] [PID…]", "list processes: ID, parent, state, memory in KiB, command", ps),
		define("kill", "[-s SIGNAL | -SIGNAL] PID… | -l", "send a signal, TERM unless told; -PID: to a process group", kill),
		define("pidof", "[-s] NAME…", "print the IDs of the processes of that name", pidof),
		define("pgrep", "[-flx] PATTERN", "print the IDs of the processes whose name matches", pgrep),
		define("pkill", "[-SIGNAL] [-fx] PATTERN", "send a signal to the processes whose name matches", pkill),
	}
}

// process is what /proc says of one (proc_pid_stat(5)).
type process struct {
	pid, parent int
	name        string // at most 15 bytes
	state       string
	resident    int64    // bytes
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
	slices.SortFunc(all, func(a, b process) int { return cmp.Compare(a.pid, b.pid) })
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
		resident: pages * int64(os.Getpagesize())}, true
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
			return nil, command.Usagef("column %q is unknown: there are pid, ppid, state, rss, args and comm", name)
		}
		chosen = append(chosen, columns()[i])
	}
	if titled {
		chosen[len(chosen)-1].title = title
	}
	return chosen, nil
}

func ps(_ context.Context, c *call) error {
	o := newOptions()
	format, only := o.text("o", "format", "pid,ppid,state,rss,args"), o.text("p", "pid", "")
	o.flag("aAefuxw", "all") // every process is listed anyway
	operands, err := o.parse(c.Args, 0, -1)
	if err != nil {
		return err
	}
	chosen, err := chooseColumns(*format)
	if err != nil {
		return err
	}
	wanted := make(map[string]bool)
	for _, operand := range append(operands, strings.Split(*only, ",")...) {
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
	o := newOptions()
	single := o.flag("s", "single-shot")
	names, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	all, err := processes()
	if err != nil {
		return err
	}
	var found []string
	for _, p := range slices.Backward(all) {
		if slices.ContainsFunc(names, p.called) {
			found = append(found, strconv.Itoa(p.pid))
		}
	}
	if len(found) == 0 {
		return command.Status(1)
	}
	if *single {
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
func matching(pattern string, full, exact bool) ([]process, error) {
	expr, err := translate(pattern, true)
	if err != nil {
		return nil, command.Usagef("pattern %q: %w", pattern, err)
	}
	if exact {
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
		if full && len(p.line) > 0 {
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
	o := newOptions()
	full, long, exact := o.flag("f", "full"), o.flag("l", "list-name"), o.flag("x", "exact")
	operands, err := o.parse(c.Args, 1, 1)
	if err != nil {
		return err
	}
	found, err := matching(operands[0], *full, *exact)
	if err != nil {
		return err
	}
	for _, p := range found {
		if *long {
			c.Printf("%d %s\n", p.pid, p.name)
		} else {
			c.Printf("%d\n", p.pid)
		}
	}
	return nil
}
