package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"bootrc/sh/syntax"
	"bootrc/sh/word"

	"golang.org/x/sys/unix"
)

// redirection is what descriptors were before a command's redirections.
type redirection struct {
	was [4]struct {
		fd   int
		file *file
	}
	n    int
	more []struct {
		fd   int
		file *file
	}
}

func (r *redirection) note(fd int, f *file) {
	if r.n < len(r.was) {
		r.was[r.n].fd, r.was[r.n].file = fd, f
		r.n++
		return
	}
	r.more = append(r.more, struct {
		fd   int
		file *file
	}{fd, f})
}

// undo takes a command's redirections back.
func (sh *Shell) undo(r *redirection) {
	for i := len(r.more) - 1; i >= 0; i-- {
		sh.fds.put(r.more[i].fd, r.more[i].file).release()
	}
	for i := r.n - 1; i >= 0; i-- {
		sh.fds.put(r.was[i].fd, r.was[i].file).release()
	}
	r.n, r.more = 0, nil
}

// keep makes them permanent.
func (r *redirection) keep() {
	for i := range r.n {
		r.was[i].file.release()
	}
	for _, m := range r.more {
		m.file.release()
	}
	r.n, r.more = 0, nil
}

// redirect does redirections (XCU 2.7) in their order. What they change is noted in undo, also
// where one of them fails.
func (sh *Shell) redirect(redirects []*syntax.Redirect, undo *redirection) error {
	for _, r := range redirects {
		f, err := sh.redirectedFile(r)
		if err != nil {
			return err
		}
		undo.note(r.FD, sh.fds.put(r.FD, f))
	}
	return nil
}

// redirectedFile is what a descriptor shall refer to; nil for closed.
func (sh *Shell) redirectedFile(r *syntax.Redirect) (*file, error) {
	if r.Op == syntax.Here {
		text, err := word.Text(sh, r.Document)
		if err != nil {
			return nil, err
		}
		return hereDocument(text)
	}
	target, err := word.Text(sh, r.Target)
	if err != nil {
		return nil, err
	}
	if r.Op == syntax.DuplicateIn || r.Op == syntax.DuplicateOut {
		return sh.duplicate(target)
	}
	return sh.open(r.Op, target)
}

func (sh *Shell) duplicate(target string) (*file, error) {
	if target == "-" {
		return nil, nil
	}
	fd, err := strconv.Atoi(target)
	if err != nil || fd < 0 {
		return nil, fmt.Errorf("%s: not a descriptor: give a number, or - to close it", target)
	}
	f := sh.fds.get(fd)
	if f == nil {
		return nil, fmt.Errorf("%d: %w", fd, unix.EBADF)
	}
	return f.hold(), nil
}

func (sh *Shell) open(op syntax.RedirectOp, name string) (*file, error) {
	var mode int
	switch op {
	case syntax.Read:
		mode = unix.O_RDONLY
	case syntax.Write, syntax.Clobber:
		mode = unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC
	case syntax.Append:
		mode = unix.O_WRONLY | unix.O_CREAT | unix.O_APPEND
	case syntax.ReadWrite:
		mode = unix.O_RDWR | unix.O_CREAT
	}
	if name == "" {
		return nil, fmt.Errorf("cannot open \"\": %w", unix.ENOENT)
	}
	path := sh.path(name)
	if op == syntax.Write && sh.options.on['C'] {
		// a file that is there must not be a regular one
		if info, err := os.Stat(path); err != nil {
			mode = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL
		} else if info.Mode().IsRegular() {
			return nil, fmt.Errorf("cannot create %s: %w", name, unix.EEXIST)
		}
	}
	f, err := sh.openWaiting(path, mode)
	switch {
	case err == nil:
		return f, nil
	case mode&unix.O_CREAT != 0:
		return nil, fmt.Errorf("cannot create %s: %w", name, explain(err))
	}
	return nil, fmt.Errorf("cannot open %s: %w", name, explain(err))
}

// openWaiting opens a file; for the other end of a named pipe it waits no longer than
// the shell lives.
func (sh *Shell) openWaiting(path string, mode int) (*file, error) {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFIFO {
		return openFile(path, mode, 0o666)
	}
	type opened struct {
		f   *file
		err error
	}
	sh.start(0)
	done := make(chan opened, 1)
	go func() {
		f, err := openFile(path, mode, 0o666)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-sh.proc.ctx.Done():
		go func() { (<-done).f.release() }()
		return nil, sh.proc.ctx.Err()
	}
}

func explain(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// path resolves a name against the shell's folder.
func (sh *Shell) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return sh.dir + "/" + name
}

// maxPipe is what a pipe holds without a reader.
const maxPipe = 60 << 10

// hereDocument is a file with that text.
func hereDocument(text string) (*file, error) {
	r, w, err := pipe()
	if err != nil {
		return nil, err
	}
	write := func() {
		w.Write([]byte(text))
		w.release()
	}
	if len(text) <= maxPipe {
		write()
	} else {
		go write()
	}
	return r, nil
}
