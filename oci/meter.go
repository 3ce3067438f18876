package oci

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	logInterval      = 5 * time.Second // on a log: consoles that stay silent are given up
	terminalInterval = 200 * time.Millisecond
	terminalDelay    = time.Second // what is over sooner needs no moving line
)

// meter shows a pull's progress: a line that moves on a terminal, one every few
// seconds elsewhere, and one at the end.
type meter struct {
	w        io.Writer
	terminal bool
	begun    time.Time

	mu   sync.Mutex
	now  Progress
	line bool // a moving line is on the terminal
	done chan struct{}
	gone chan struct{}
}

func newMeter(w io.Writer) *meter {
	m := &meter{w: w, terminal: isTerminal(w), begun: time.Now(), done: make(chan struct{}), gone: make(chan struct{})}
	interval := logInterval
	if m.terminal {
		interval = terminalInterval
	}
	go m.run(interval)
	return m
}

// isTerminal tells whether a person looks at w. A serial line is a terminal, too,
// but mostly a log is what reads it: it has no width, unless a shell was opened.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	err = conn.Control(func(fd uintptr) {
		size, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
		terminal = err == nil && size.Col > 0
	})
	return err == nil && terminal
}

func (m *meter) run(interval time.Duration) {
	defer close(m.gone)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.show()
		case <-m.done:
			return
		}
	}
}

// set takes how far the pull is.
func (m *meter) set(p Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = p
}

func (m *meter) get() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *meter) show() {
	if m.terminal && time.Since(m.begun) < terminalDelay {
		return
	}
	p := m.get()
	line := "waiting for the registry"
	if p.Total > 0 {
		line = fmt.Sprintf("%s: %s of %s", p.Reference, byteSize(p.Done), byteSize(p.Total))
	}
	if m.terminal {
		fmt.Fprintf(m.w, "\r%s\x1b[K", line)
		m.line = true
		return
	}
	fmt.Fprintln(m.w, line)
}

// stop ends the display; after success, with a line that sums up.
func (m *meter) stop(success bool) {
	close(m.done)
	<-m.gone
	if m.line {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
	p := m.get()
	if !success || p.Reference == "" {
		return // or nothing was pulled: the store had it
	}
	fmt.Fprintf(m.w, "%s: fetched %d of %d layers, %s in %.1f s\n",
		p.Reference, p.Layers-p.Cached, p.Layers, byteSize(p.Done), time.Since(m.begun).Seconds())
}
