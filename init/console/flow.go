package console

import (
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// longest is how long the boot waits for a terminal that is stopped: a person may stop it to
	// read, and noise on a serial line that looks like ctrl-s must not do so for ever.
	longest = 10 * time.Minute
	// stuck is how long it waits once it has to come to its end.
	stuck = 5 * time.Second
	// chunk is how many bytes are written at a time: at 9600 baud, a second's.
	chunk = 1 << 10
)

// screen is a terminal that cannot hold up the boot.
type screen struct {
	*os.File
	free   atomic.Bool  // nothing stops it any more
	writes atomic.Int64 // so many have begun or ended: an odd number while one waits
}

func (s *screen) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		var n int
		n, err = s.write(p[written:min(len(p), written+chunk)])
		written += n
	}
	return written, err
}

func (s *screen) write(p []byte) (int, error) {
	patience := longest
	if s.free.Load() {
		patience = stuck
	}
	n := s.writes.Add(1)
	late := time.AfterFunc(patience, func() { s.unstick(n) })
	defer late.Stop()
	defer s.writes.Add(1)
	return s.File.Write(p)
}

// unstick ends a write: the first time by starting the terminal again, later by having
// the kernel forget what it has not sent.
func (s *screen) unstick(write int64) {
	for s.writes.Load() == write {
		s.start()
		if s.free.Swap(true) {
			unix.IoctlSetInt(int(s.Fd()), unix.TCFLSH, unix.TCOFLUSH)
		}
		time.Sleep(stuck)
	}
}

// start has nothing stop the terminal any more, neither ctrl-s nor the wires of a
// console=…r, and ends the raw mode of a container that was left behind.
func (s *screen) start() {
	fd := int(s.Fd())
	if t, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
		t.Iflag &^= unix.IXON
		t.Oflag |= unix.OPOST | unix.ONLCR
		t.Cflag &^= unix.CRTSCTS
		unix.IoctlSetTermios(fd, unix.TCSETS, t)
	}
	unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOON)
}

// Free has the boot wait for the console no longer than a moment, from now on: it has to
// come to its end. What the terminal does not show is lost.
func (c *Console) Free() {
	s := c.terminal
	if s.free.Swap(true) {
		return
	}
	s.start()
	if n := s.writes.Load(); n%2 == 1 {
		time.AfterFunc(stuck, func() { s.unstick(n) })
	}
}
