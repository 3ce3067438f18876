package tools

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func (l *listing) print(entries []entry) {
	if len(entries) == 0 {
		return
	}
	l.printed = true
	switch {
	case l.long:
		l.printLong(entries)
	case l.width > 0:
		l.printColumns(entries)
	default:
		for _, e := range entries {
			l.c.Printf("%s\n", l.label(e))
		}
	}
}

func (l *listing) label(e entry) string {
	label := l.c.Shown(e.name)
	if l.inode {
		label = fmt.Sprintf("%d %s", e.info.Sys().(*syscall.Stat_t).Ino, label)
	}
	if l.classify && !(l.long && e.info.Mode()&fs.ModeSymlink != 0) {
		label += indicator(e.info.Mode())
	}
	return label
}

func indicator(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "/"
	case m&fs.ModeSymlink != 0:
		return "@"
	case m&fs.ModeNamedPipe != 0:
		return "|"
	case m&fs.ModeSocket != 0:
		return "="
	case m.IsRegular() && m&0o111 != 0:
		return "*"
	}
	return ""
}

// printColumns fills the terminal's width, column by column.
func (l *listing) printColumns(entries []entry) {
	labels := make([]string, len(entries))
	widest := 0
	for i, e := range entries {
		labels[i] = l.label(e)
		widest = max(widest, len([]rune(labels[i])))
	}
	columns := max(1, (l.width+2)/(widest+2))
	rows := (len(labels) + columns - 1) / columns
	for row := range rows {
		for i := row; i < len(labels); i += rows {
			if i+rows >= len(labels) {
				l.c.Printf("%s\n", labels[i])
				continue
			}
			l.c.Printf("%-*s  ", widest, labels[i])
		}
	}
}

func (l *listing) printLong(entries []entry) {
	table := make([][]string, 0, len(entries))
	for _, e := range entries {
		table = append(table, l.longLine(e))
	}
	widths := make([]int, 6)
	for _, row := range table {
		for i := range widths {
			widths[i] = max(widths[i], len(row[i]))
		}
	}
	for _, row := range table {
		l.c.Printf("%-*s %*s %-*s %-*s %*s %*s %s\n", widths[0], row[0], widths[1], row[1], widths[2], row[2],
			widths[3], row[3], widths[4], row[4], widths[5], row[5], row[6])
	}
}

func (l *listing) longLine(e entry) []string {
	st := e.info.Sys().(*syscall.Stat_t)
	size := fmt.Sprint(e.info.Size())
	switch {
	case e.info.Mode()&fs.ModeDevice != 0:
		size = fmt.Sprintf("%d, %d", unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev)))
	case l.human:
		size = humanSize(uint64(e.info.Size()))
	}
	name := l.label(e)
	if e.info.Mode()&fs.ModeSymlink != 0 {
		if target, err := os.Readlink(e.path); err == nil {
			name += " -> " + l.c.Shown(target)
		}
	}
	return []string{modeString(e.info.Mode()), fmt.Sprint(st.Nlink), l.names.user(st.Uid), l.names.group(st.Gid),
		size, listTime(e.info.ModTime()), name}
}

// listTime is a file's time as ls -l shows it: without the year if it is recent.
func listTime(t time.Time) string {
	age := time.Since(t)
	if age < 0 || age > 182*24*time.Hour {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

func (l *listing) blocks(entries []entry) string {
	var bytes int64
	for _, e := range entries {
		bytes += e.info.Sys().(*syscall.Stat_t).Blocks * 512
	}
	if l.human {
		return humanSize(uint64(bytes))
	}
	return fmt.Sprint(bytes / 1024)
}

// terminalWidth is 0 if the output is no terminal and columns were not asked for.
func terminalWidth(c *call, columns bool) int {
	if fd, ok := command.Terminal(c.caller.Stdout); ok {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
	}
	if columns {
		return 80
	}
	return 0
}
