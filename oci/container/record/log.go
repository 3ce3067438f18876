package record

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// maxLog is how much of a container's output is kept at the least, in bytes; at the most it
// is twice as much.
const maxLog = 32 << 10

// Log keeps what a container writes.
type Log struct {
	folder Folder
	name   string

	lock    sync.Mutex
	file    *os.File // nil until something is written, and where that fails
	written int
}

// Log returns a container's log, empty.
func (f Folder) Log(name string) *Log { return &Log{folder: f, name: name} }

// Write never fails: nothing that is not written down keeps a container from running.
func (l *Log) Write(p []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.folder == "" {
		return len(p), nil
	}
	for rest := p; len(rest) > 0; {
		for l.file == nil || l.written >= maxLog {
			if l.next() != nil {
				return len(p), nil
			}
		}
		n, err := l.file.Write(rest[:min(len(rest), maxLog-l.written)])
		if err != nil {
			break
		}
		l.written += n
		rest = rest[n:]
	}
	return len(p), nil
}

// next begins a new file, and keeps the last one. The first goes on with what is there.
func (l *Log) next() (err error) {
	path := l.folder.path(l.name, ".log")
	if l.file != nil {
		l.file.Close()
		os.Rename(path, l.folder.path(l.name, ".log.1"))
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return err
	}
	there, err := l.file.Seek(0, io.SeekEnd)
	l.written = int(there)
	return err
}

// Close ends the log, which can still be read.
func (l *Log) Close() {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file != nil {
		l.file.Close()
	}
}

// Tee returns a writer that also writes to the log.
func (l *Log) Tee(to io.Writer) io.Writer { return &tee{to, l} }

type tee struct {
	to  io.Writer
	log *Log
}

func (t *tee) Write(p []byte) (int, error) {
	t.log.Write(p)
	return t.to.Write(p)
}

// follows is how often a log is looked at that somebody follows.
const follows = 100 * time.Millisecond

// CopyLog writes the end of what a container wrote to w, lines of them or all if lines is
// negative, and what it goes on to write until ctx or the container ends, if follow says so.
func (f Folder) CopyLog(ctx context.Context, name string, w io.Writer, lines int, follow bool) error {
	current, err := os.Open(f.path(name, ".log"))
	if errors.Is(err, os.ErrNotExist) && !follow {
		return nil
	}
	before, _ := os.ReadFile(f.path(name, ".log.1"))
	now, err := readOpen(current, err)
	if err != nil {
		return err
	}
	_, err = w.Write(lastLines(append(before, now...), lines))
	for err == nil && follow && ctx.Err() == nil {
		// asked before the file is read to its end: what comes later is no more
		ended := f.hasEnded(name)
		if current, err = f.copyNew(name, w, current); err != nil || ended {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(follows):
		}
	}
	if current != nil {
		current.Close()
	}
	return err
}

func readOpen(f *os.File, err error) ([]byte, error) {
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// copyNew copies what was written since to the open file, and to one that took its place.
func (f Folder) copyNew(name string, w io.Writer, current *os.File) (*os.File, error) {
	next, err := os.Open(f.path(name, ".log"))
	if err != nil {
		next = nil
	}
	if current != nil {
		if _, err := io.Copy(w, current); err != nil {
			return current, err
		}
	}
	if next == nil || current != nil && sameFile(current, next) {
		if next != nil {
			next.Close()
		}
		return current, nil
	}
	if current != nil {
		current.Close()
	}
	_, err = io.Copy(w, next)
	return next, err
}

func sameFile(a, b *os.File) bool {
	one, err := a.Stat()
	other, err2 := b.Stat()
	return err == nil && err2 == nil && os.SameFile(one, other)
}

func (f Folder) hasEnded(name string) bool {
	r, err := f.Get(name)
	return err != nil || r.State.Status == Exited
}

func lastLines(text []byte, lines int) []byte {
	if lines < 0 {
		return text
	}
	at := len(text)
	if at > 0 && text[at-1] == '\n' {
		at--
	}
	for ; lines > 0; lines-- {
		if at = bytes.LastIndexByte(text[:at], '\n'); at < 0 {
			return text
		}
	}
	if at == len(text) {
		return nil
	}
	return text[at+1:]
}
