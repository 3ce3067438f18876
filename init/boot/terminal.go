package boot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// TakeTerminal makes the console's own device the controlling terminal of this
// process, which leads its session: without one, ctrl-c reaches nobody.
// /dev/console itself can never be a controlling terminal (console(4)).
func TakeTerminal() error {
	path, err := consoleDevice()
	if err != nil {
		return err
	}
	tty, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	// 1: take it, even where a crashed boot's session still holds it
	if err := unix.IoctlSetInt(tty, unix.TIOCSCTTY, 1); err != nil {
		unix.Close(tty)
		return fmt.Errorf("making %s the controlling terminal: %w", path, err)
	}
	if err := makeSane(tty); err != nil {
		unix.Close(tty)
		return fmt.Errorf("stty sane <%s: %w", path, err)
	}
	for fd := range 3 {
		if err := unix.Dup3(tty, fd, 0); err != nil {
			return fmt.Errorf("dup %s to %d: %w", path, fd, err)
		}
	}
	return unix.Close(tty)
}

// makeSane undoes what a boot that crashed may have left: raw mode, in which a
// container had the terminal.
func makeSane(tty int) error {
	t, err := unix.IoctlGetTermios(tty, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag |= unix.ICRNL | unix.IXON
	t.Oflag |= unix.OPOST | unix.ONLCR
	t.Lflag |= unix.ISIG | unix.ICANON | unix.IEXTEN | unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ECHOCTL | unix.ECHOKE
	return unix.IoctlSetTermios(tty, unix.TCSETS, t)
}

// consoleDevice finds the terminal behind /dev/console.
func consoleDevice() (string, error) {
	console, err := os.Open("/dev/console")
	if err != nil {
		return "", err
	}
	defer console.Close()
	device, err := unix.IoctlGetUint32(int(console.Fd()), unix.TIOCGDEV)
	if err != nil {
		return "", fmt.Errorf("finding the terminal behind /dev/console: %w", err)
	}
	number := uint64(device)
	// the kernel's "new" encoding: minor 0-7, major 8-19, minor 20-31
	major, minor := (number>>8)&0xfff, number&0xff|(number>>12)&0xfff00
	uevent, err := os.ReadFile(fmt.Sprintf("/sys/dev/char/%d:%d/uevent", major, minor))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(uevent)) {
		if name, ok := strings.CutPrefix(line, "DEVNAME="); ok {
			return "/dev/" + strings.TrimSpace(name), nil
		}
	}
	return "", fmt.Errorf("console %d:%d has no device name", major, minor)
}

// otherConsoles returns the paths of the consoles of the kernel's line but the last, which /dev/console is. active
// lists them all.
func otherConsoles(active, dev string) (paths []string) {
	text, err := os.ReadFile(active)
	if err != nil {
		return nil
	}
	names := strings.Fields(string(text))
	for _, name := range names[:max(len(names)-1, 0)] {
		paths = append(paths, filepath.Join(dev, name))
	}
	return paths
}

// openConsole opens one of them. A line without a carrier must not wait for one.
func openConsole(path string, flags int) (*os.File, error) {
	return os.OpenFile(path, flags|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
}

// shownOn is a console that shows what is written. When a shell on it ends, the kernel hangs the terminal up for
// all that have it open.
type shownOn struct {
	path string
	tty  *os.File
}

// Write opens the console where it is not open any more.
func (s *shownOn) Write(p []byte) (n int, err error) {
	if s.tty != nil {
		if n, err = s.tty.Write(p); err == nil {
			return n, nil
		}
		s.tty.Close()
	}
	if s.tty, err = openConsole(s.path, os.O_WRONLY); err != nil {
		s.tty = nil
		return n, err
	}
	rest, err := s.tty.Write(p[n:])
	return n + rest, err
}
