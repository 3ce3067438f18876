package console

import (
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// stuck is how long a write on a free terminal may take.
const stuck = 5 * time.Second

// screen is a terminal that knows since when it is written on.
type screen struct {
	*os.File
	since atomic.Pointer[time.Time] // nil between writes
	free  atomic.Bool
}

func (s *screen) Write(p []byte) (int, error) {
	now := time.Now()
	s.since.Store(&now)
	defer s.since.Store(nil)
	return s.File.Write(p)
}

// Free has the boot never wait for the console again: what stopped the terminal (ctrl-s, or noise on
// a serial line that is taken for it; the wires of a console=…r) does so no more, and
// what it still does not show is lost.
func (c *Console) Free() {
	if c.terminal.free.Swap(true) {
		return
	}
	fd := int(c.terminal.Fd())
	if t, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
		t.Iflag &^= unix.IXON
		t.Cflag &^= unix.CRTSCTS
		unix.IoctlSetTermios(fd, unix.TCSETS, t)
	}
	unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOON)
	go c.terminal.keepFree()
}

// keepFree ends each write that is stuck by forgetting what the terminal has not sent yet.
func (s *screen) keepFree() {
	for ; ; time.Sleep(stuck / 5) {
		if since := s.since.Load(); since != nil && time.Since(*since) > stuck {
			unix.IoctlSetInt(int(s.Fd()), unix.TCFLSH, unix.TCOFLUSH)
		}
	}
}
