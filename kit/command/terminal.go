package command

import (
	"io"

	"bootrc/kit/foreign"

	"golang.org/x/sys/unix"
)

// Terminal returns the file descriptor behind w, for callers that ask whether it is a
// terminal: that of a file, or of the console that a shell writes on.
func Terminal(w io.Writer) (fd int, ok bool) {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return int(f.Fd()), true
	}
	return 0, false
}

// Shown is a text that others wrote, such as a file's name, as a command prints it: for a
// program as it is, and on a terminal without what would change that or begin a line.
func (c *Call) Shown(text string) string {
	fd, ok := Terminal(c.Stdout)
	if !ok {
		return text
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return text
	}
	return foreign.Line(text)
}
