// Package meter shows the progress of what takes more than a second: a line that
// moves on a terminal, a line every few seconds on a log.
package meter

import (
	"fmt"
	"io"
	"sync"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/foreign"

	"golang.org/x/sys/unix"
)

const (
	logInterval      = 5 * time.Second // on a log: consoles that stay silent are given up
	terminalInterval = 200 * time.Millisecond
	terminalDelay    = time.Second // what is over sooner needs no moving line
)

// Meter is the display of one transfer.
type Meter struct {
	w        io.Writer
	terminal bool
	begun    time.Time
	text     func() string
	mu       sync.Mutex
	moving   bool // a moving line is on the terminal
	stop     sync.Once
	done     chan struct{}
	gone     chan struct{}
}

// Start shows on w what text returns, now and then, until Stop. text may be
// called by another goroutine; what is "" is not shown.
func Start(w io.Writer, text func() string) *Meter {
	m := &Meter{w: w, terminal: isTerminal(w), begun: time.Now(), text: text,
		done: make(chan struct{}), gone: make(chan struct{})}
	go m.run()
	return m
}

// isTerminal tells whether a person looks at w. A serial line is a terminal, too,
// but mostly a log is what reads it: it has no width, unless a shell was opened.
func isTerminal(w io.Writer) bool {
	fd, ok := command.Terminal(w)
	if !ok {
		return false
	}
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	return err == nil && size.Col > 0
}

func (m *Meter) run() {
	defer close(m.gone)
	interval := logInterval
	if m.terminal {
		interval = terminalInterval
	}
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

func (m *Meter) show() {
	if m.terminal && time.Since(m.begun) < terminalDelay {
		return
	}
	text := foreign.Line(m.text())
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case text == "":
	case m.terminal:
		fmt.Fprintf(m.w, "\r%s\x1b[K", text)
		m.moving = true
	default:
		fmt.Fprintln(m.w, text)
	}
}

// Print writes a line of its own, which stays.
func (m *Meter) Print(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
	fmt.Fprintln(m.w, foreign.Line(line))
}

// wipe wipes the moving line away.
func (m *Meter) wipe() {
	if m.moving {
		fmt.Fprint(m.w, "\r\x1b[K")
		m.moving = false
	}
}

// Took is the time since the start.
func (m *Meter) Took() time.Duration { return time.Since(m.begun) }

// Stop ends the display, and wipes the moving line away.
func (m *Meter) Stop() {
	m.stop.Do(func() {
		close(m.done)
		<-m.gone
		m.wipe()
	})
}
