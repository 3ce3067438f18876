package s3

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
	"bootrc/kit/meter"
	"bootrc/kit/size"
	"bootrc/s3/mirror"
)

// shownFailures is how many failures are shown one by one; the rest is counted.
const shownFailures = 20

// syncMeter shows a mirror's progress, each failure as it happens, and one line
// at the end.
type syncMeter struct {
	call     *command.Call
	title    string
	quiet    bool
	json     bool
	dryRun   bool
	watch    bool
	begun    time.Time
	meter    *meter.Meter
	failures int
	skips    int
	warnings int

	copied, bytes atomic.Int64
}

func newMeter(call *command.Call, title string) *syncMeter {
	m := &syncMeter{
		call: call, title: title, quiet: call.Flag("quiet"), json: call.Flag("json"),
		dryRun: call.Flag("dry-run"), watch: call.Flag("watch"), begun: time.Now(),
	}
	text := m.text
	if m.quiet || m.json {
		text = func() string { return "" }
	}
	m.meter = meter.Start(call.Stderr, text)
	return m
}

// text is how far the mirror is; nothing while a watch waits for changes.
func (m *syncMeter) text() string {
	bytes := m.bytes.Load()
	if m.watch {
		return ""
	}
	return fmt.Sprintf("%s: %d files, %s, %s/s", m.title, m.copied.Load(), size.Text(bytes),
		size.Text(int64(float64(bytes)/m.meter.Took().Seconds())))
}

// moved counts bytes.
func (m *syncMeter) moved(n int64) { m.bytes.Add(n) }

// report takes a step.
func (m *syncMeter) report(e mirror.Event) {
	if e.Action == mirror.Copied {
		m.copied.Add(1)
	}
	switch {
	case m.json:
		m.printJSON(e)
	case e.Action == mirror.Failed:
		m.complain(&m.failures, "failures", e.Err.Error())
	case e.Action == mirror.Skipped && !m.quiet && !m.watch:
		m.complain(&m.skips, "skipped ones", fmt.Sprintf("%q: %v", e.Entry.Name, e.Err))
	case e.Action == mirror.Copied && e.Err != nil:
		m.complain(&m.warnings, "warnings", fmt.Sprintf("%q: %v", e.Entry.Name, e.Err))
	case m.dryRun && e.Action == mirror.Copied:
		m.call.Printf("copy %q\n", e.Entry.Name)
	case m.dryRun && e.Action == mirror.Removed:
		m.call.Printf("remove %q\n", e.Entry.Name)
	}
}

// complain prints the first so many of a kind.
func (m *syncMeter) complain(count *int, kind, text string) {
	*count++
	switch {
	case *count <= shownFailures:
		m.meter.Print(m.call.Name + ": " + foreign.Line(text))
	case *count == shownFailures+1:
		m.meter.Print(m.call.Name + ": further " + kind + " are counted only")
	}
}

// step is an event in JSON, a line each.
type step struct {
	Status string `json:"status"`
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"`
	Error  string `json:"error,omitempty"`
}

func (m *syncMeter) printJSON(e mirror.Event) {
	s := step{Status: e.Action.String(), Name: e.Entry.Name, Size: e.Entry.Size}
	if e.Err != nil {
		s.Error = e.Err.Error()
	}
	m.writeJSON(s)
}

func (m *syncMeter) writeJSON(v any) {
	json.NewEncoder(m.call.Stdout).Encode(v)
}

// summary is the last line in JSON.
type summary struct {
	Status   string  `json:"status"` // "done" or "failed"
	Copied   int64   `json:"copied"`
	Bytes    int64   `json:"bytes"`
	Removed  int64   `json:"removed"`
	Equal    int64   `json:"equal"`
	Kept     int64   `json:"kept"`
	Skipped  int64   `json:"skipped"`
	Failed   int64   `json:"failed"`
	Changing int64   `json:"changing"`
	Seconds  float64 `json:"seconds"`
}

// stop ends the display with a line that sums up.
func (m *syncMeter) stop(r mirror.Result, err error) {
	m.meter.Stop()
	seconds := time.Since(m.begun).Seconds()
	status := "done"
	if err != nil || r.Failed > 0 {
		status = "failed"
	}
	if m.json {
		m.writeJSON(summary{status, r.Copied, r.Bytes, r.Removed, r.Equal, r.Kept, r.Skipped, r.Failed, r.Changing, seconds})
		return
	}
	if m.quiet {
		return
	}
	line := fmt.Sprintf("%s: %d copied, %s", m.title, r.Copied, size.Text(r.Bytes))
	for _, part := range []struct {
		n    int64
		text string
	}{
		{r.Removed, "removed"}, {r.Equal, "up to date"}, {r.Failed, "failed"},
		{r.Kept, "differ and were kept (--overwrite replaces them)"},
		{r.Skipped, "skipped"},
		{r.Changing, "changed all the while (what was read last is stored)"},
	} {
		if part.n > 0 {
			line += fmt.Sprintf(", %d %s", part.n, part.text)
		}
	}
	fmt.Fprintf(m.call.Stderr, "%s, in %.1f s\n", line, seconds)
}
