package s3

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"bootrc/s3/mirror"
	"bootrc/sh/command"

	"golang.org/x/sys/unix"
)

const (
	logInterval      = 5 * time.Second // on a log: consoles that stay silent are given up
	terminalInterval = 200 * time.Millisecond
	terminalDelay    = time.Second // what is over sooner needs no moving line
	shownFailures    = 20          // one by one; the rest is counted
)

// meter shows a mirror's progress: a line that moves on a terminal, one every
// few seconds elsewhere, each failure as it happens, and one line at the end.
type meter struct {
	call     *command.Call
	title    string
	quiet    bool
	json     bool
	dryRun   bool
	terminal bool
	begun    time.Time

	copied, bytes, failures atomic.Int64

	mu   sync.Mutex
	line bool // a moving line is on the terminal
	done chan struct{}
	gone chan struct{}
}

func newMeter(call *command.Call, title string, o syncOptions) *meter {
	m := &meter{
		call: call, title: title, quiet: o.quiet, json: o.json, dryRun: o.DryRun,
		terminal: isTerminal(call.Stderr), begun: time.Now(),
		done: make(chan struct{}), gone: make(chan struct{}),
	}
	go m.run()
	return m
}

// isTerminal tells whether a person looks at w. A serial line is a terminal, too,
// but mostly a log is what reads it: it has no width, unless a shell was opened.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil && size.Col > 0
}

func (m *meter) run() {
	defer close(m.gone)
	if m.quiet || m.json {
		return
	}
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

func (m *meter) show() {
	m.mu.Lock()
	defer m.mu.Unlock()
	elapsed := time.Since(m.begun)
	if m.terminal && elapsed < terminalDelay {
		return
	}
	bytes := m.bytes.Load()
	line := fmt.Sprintf("%s: %d files, %s, %s/s", m.title, m.copied.Load(), byteSize(bytes), byteSize(int64(float64(bytes)/elapsed.Seconds())))
	if m.terminal {
		fmt.Fprintf(m.call.Stderr, "\r%s\x1b[K", line)
		m.line = true
		return
	}
	fmt.Fprintln(m.call.Stderr, line)
}

// moved counts bytes.
func (m *meter) moved(n int64) { m.bytes.Add(n) }

// report takes a step.
func (m *meter) report(e mirror.Event) {
	if e.Action == mirror.Copied {
		m.copied.Add(1)
	}
	switch {
	case m.json:
		m.printJSON(e)
	case e.Action == mirror.Failed:
		if n := m.failures.Add(1); n <= shownFailures {
			m.printf("%s: %v\n", m.call.Name, e.Err)
		} else if n == shownFailures+1 {
			m.printf("%s: further failures are counted only\n", m.call.Name)
		}
	case m.dryRun && (e.Action == mirror.Copied || e.Action == mirror.Removed):
		m.mu.Lock()
		defer m.mu.Unlock()
		fmt.Fprintf(m.call.Stdout, "%s %q\n", map[mirror.Action]string{mirror.Copied: "copy", mirror.Removed: "remove"}[e.Action], e.Entry.Name)
	}
}

// printf prints a line of its own.
func (m *meter) printf(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	fmt.Fprintf(m.call.Stderr, format, args...)
}

func (m *meter) clear() {
	if m.line {
		fmt.Fprint(m.call.Stderr, "\r\x1b[K")
		m.line = false
	}
}

// step is an event in JSON, a line each.
type step struct {
	Status string `json:"status"`
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"`
	Error  string `json:"error,omitempty"`
}

func (m *meter) printJSON(e mirror.Event) {
	s := step{Status: e.Action.String(), Name: e.Entry.Name, Size: e.Entry.Size}
	if e.Err != nil {
		s.Error = e.Err.Error()
	}
	m.writeJSON(s)
}

func (m *meter) writeJSON(v any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	json.NewEncoder(m.call.Stdout).Encode(v)
}

// summary is the last line in JSON.
type summary struct {
	Status  string  `json:"status"` // "done" or "failed"
	Copied  int64   `json:"copied"`
	Bytes   int64   `json:"bytes"`
	Removed int64   `json:"removed"`
	Equal   int64   `json:"equal"`
	Kept    int64   `json:"kept"`
	Skipped int64   `json:"skipped"`
	Failed  int64   `json:"failed"`
	Seconds float64 `json:"seconds"`
}

// stop ends the display with a line that sums up.
func (m *meter) stop(r mirror.Result, err error) {
	close(m.done)
	<-m.gone
	seconds := time.Since(m.begun).Seconds()
	status := "done"
	if err != nil || r.Failed > 0 {
		status = "failed"
	}
	if m.json {
		m.writeJSON(summary{status, r.Copied, r.Bytes, r.Removed, r.Equal, r.Kept, r.Skipped, r.Failed, seconds})
		return
	}
	m.clear()
	if m.quiet {
		return
	}
	line := fmt.Sprintf("%s: %d copied, %s", m.title, r.Copied, byteSize(r.Bytes))
	for _, part := range []struct {
		n    int64
		text string
	}{
		{r.Removed, "removed"}, {r.Equal, "up to date"}, {r.Failed, "failed"},
		{r.Kept, "differ and were kept (--overwrite replaces them)"},
		{r.Skipped, "skipped: no regular files (--preserve keeps links)"},
	} {
		if part.n > 0 {
			line += fmt.Sprintf(", %d %s", part.n, part.text)
		}
	}
	fmt.Fprintf(m.call.Stderr, "%s, in %.1f s\n", line, seconds)
}

// byteSize returns a number of bytes for people: 12.3 MB.
func byteSize(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, units[unit])
}
