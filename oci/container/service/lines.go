package service

import (
	"bytes"
	"io"
	"sync"
)

// longestLine is how much of a line is held back for its end.
const longestLine = 16 << 10

// lineWriter writes whole lines, each behind a prefix, so that several services
// can share a console. Lines of writers with the same lock do not mix.
type lineWriter struct {
	to     io.Writer
	prefix string
	lock   *sync.Mutex
	own    sync.Mutex // of held
	held   []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.own.Lock()
	defer w.own.Unlock()
	w.held = append(w.held, p...)
	for {
		end := bytes.IndexByte(w.held, '\n')
		switch {
		case end >= 0:
			w.writeLine(w.held[:end])
			w.held = w.held[end+1:]
		case len(w.held) > longestLine:
			w.writeLine(w.held)
			w.held = nil
		default:
			return len(p), nil
		}
	}
}

// flush writes what is left without an end of line.
func (w *lineWriter) flush() {
	w.own.Lock()
	defer w.own.Unlock()
	if len(w.held) > 0 {
		w.writeLine(w.held)
		w.held = nil
	}
}

// writeLine writes in one call: the console is shared with others, too.
func (w *lineWriter) writeLine(line []byte) {
	line = bytes.TrimRight(line, "\r")
	w.lock.Lock()
	defer w.lock.Unlock()
	w.to.Write(append(append([]byte(w.prefix), line...), '\n'))
}
