package command

import "io"

// Terminal returns the file descriptor behind w, for who asks whether it is a
// terminal: that of a file, or of the console that a shell writes on.
func Terminal(w io.Writer) (fd int, ok bool) {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return int(f.Fd()), true
	}
	return 0, false
}
