package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// entry is one thing that the boot itself says.
type entry struct {
	Event   string `json:"event"`
	Section string `json:"section,omitempty"`
	Text    string `json:"text,omitempty"`
	Nonce   string `json:"nonce,omitempty"`
	Work    *work  `json:"work,omitempty"`

	uptime    time.Duration
	now       time.Time
	collapsed bool
}

// work is a line of the summary, for programs.
type work struct {
	Kind    string  `json:"kind"`
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Bytes   int64   `json:"bytes,omitempty"`
}

// form is how entries, and what others print, look on the console.
type form interface {
	entry(w io.Writer, e entry)
	output(w io.Writer, p []byte) (int, error)
}

// forms are the values of b2c.log.
var forms = map[string]func() form{
	"gitlab": func() form { return gitlab{} },
	"plain":  func() form { return plain{} },
	"json":   func() form { return new(jsonLines) },
}

const (
	red   = "\x1b[0;31m"
	cyan  = "\x1b[0;36m"
	reset = "\x1b[0m"
)

// plain is lines for a person, with colour on errors alone.
type plain struct{}

func (plain) entry(w io.Writer, e entry) {
	stamp := seconds(e.uptime)
	if e.Nonce != "" {
		stamp += " " + e.Nonce
	}
	switch e.Event {
	case "announce", "section_start":
		fmt.Fprintf(w, "\n[%s]: %s\n\n", stamp, e.Text)
	case "summary", "nonfatal":
		fmt.Fprintln(w, e.Text)
	case "report":
		fmt.Fprintf(w, "[%s]: %s\n", stamp, e.Text)
	case "warning":
		fmt.Fprintf(w, "B2C_WARNING: %s\n", e.Text)
	case "failure":
		fmt.Fprintf(w, "\n%s%s%s\n", red, e.Text, reset)
	case "error":
		fmt.Fprintf(w, "\n%s[%s]: ERROR: %s%s\n\n", red, stamp, e.Text, reset)
	}
}

func (plain) output(w io.Writer, p []byte) (int, error) { return w.Write(p) }

// gitlab is plain in sections that a GitLab job's log folds (GitLab's "Job logs",
// "Custom collapsible sections"), with the titles in colour.
type gitlab struct{ plain }

func (g gitlab) entry(w io.Writer, e entry) {
	switch e.Event {
	case "section_start":
		options := ""
		if e.collapsed {
			options = "[collapsed=true]"
		}
		fmt.Fprintf(w, "\n\x1b[0Ksection_start:%d:%s%s\r\x1b[0K%s[%s]: %s%s\n\n",
			e.now.Unix(), e.Section, options, cyan, seconds(e.uptime), e.Text, reset)
	case "section_end":
		fmt.Fprintf(w, "\x1b[0Ksection_end:%d:%s\r\x1b[0K\n", e.now.Unix(), e.Section)
	default:
		g.plain.entry(w, e)
	}
}

// jsonLines is one JSON object a line, for programs: what others print, too, as
// the event "output".
type jsonLines struct{ line []byte } // what was printed since the last line's end

// maxLine bounds what is kept of a line that never ends.
const maxLine = 16 << 10

func (j *jsonLines) entry(w io.Writer, e entry) {
	if len(j.line) > 0 {
		j.print(w, entry{Event: "output", Text: string(j.line), uptime: e.uptime})
		j.line = nil
	}
	j.print(w, e)
}

func (j *jsonLines) output(w io.Writer, p []byte) (int, error) {
	j.line = append(j.line, p...)
	for {
		line, ok := j.next()
		if !ok {
			return len(p), nil
		}
		j.print(w, entry{Event: "output", Text: string(bytes.TrimRight(line, "\r")), uptime: Uptime()})
	}
}

// next takes a line out of what was printed, or a part of one that is too long.
func (j *jsonLines) next() (line []byte, ok bool) {
	end := bytes.IndexByte(j.line, '\n')
	switch {
	case 0 <= end && end <= maxLine:
		line, j.line = j.line[:end], j.line[end+1:]
	case len(j.line) > maxLine:
		line, j.line = j.line[:maxLine], j.line[maxLine:]
	default:
		return nil, false
	}
	return line, true
}

func (j *jsonLines) print(w io.Writer, e entry) {
	line, err := json.Marshal(struct {
		Uptime json.Number `json:"uptime"`
		entry
	}{json.Number(seconds(e.uptime)), e})
	if err == nil {
		w.Write(append(line, '\n'))
	}
}
