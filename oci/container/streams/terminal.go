package streams

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/opencontainers/runc/libcontainer"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal connects a container's own terminal with the caller's. Where its input
// leads to the container, the caller's is in raw mode: each key reaches the
// container, ctrl-c too.
type terminal struct {
	socket, theirs *os.File // on which the container sends its terminal
	master         *os.File
	stdio          Stdio
	outer          *os.File // the caller's terminal, or nil
	interactive    bool
	cooked         *term.State // of outer, where it was changed
	input          *inputCopy
	resized        chan os.Signal
	ended, copied  chan struct{}
}

// reopened is how often a terminal is looked at that nobody has open.
const reopened = 100 * time.Millisecond

func newTerminal(stdio Stdio) (*terminal, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair: %w", err)
	}
	t := &terminal{
		socket: os.NewFile(uintptr(pair[0]), "console"), theirs: os.NewFile(uintptr(pair[1]), "console"),
		stdio: stdio, interactive: stdio.Interactive && stdio.Stdin != nil,
	}
	if file, ok := stdio.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.outer = file
	}
	return t, nil
}

func (t *terminal) Attach(p *libcontainer.Process) {
	p.ConsoleSocket = t.theirs
	if size, err := t.size(); err == nil {
		p.ConsoleWidth, p.ConsoleHeight = size.Col, size.Row
	}
}

// size is that of the caller's window. A serial line has none.
func (t *terminal) size() (*unix.Winsize, error) {
	if t.outer == nil {
		return nil, errors.New("no terminal")
	}
	return unix.IoctlGetWinsize(int(t.outer.Fd()), unix.TIOCGWINSZ)
}

func (t *terminal) Start() error {
	t.theirs.Close()
	master, err := receiveFile(t.socket)
	t.socket.Close()
	if err != nil {
		return fmt.Errorf("the container's terminal: %w", err)
	}
	t.master, t.ended, t.copied = master, make(chan struct{}), make(chan struct{})
	go t.copyOutput()
	if t.outer != nil {
		t.followSize()
	}
	if !t.interactive {
		return nil
	}
	if t.outer != nil {
		if t.cooked, err = term.MakeRaw(int(t.outer.Fd())); err != nil {
			return fmt.Errorf("the terminal: %w", err)
		}
	}
	t.input = startInput(t.stdio.Stdin, &typist{master})
	return nil
}

// copyOutput copies what the container writes, until its end. A terminal that nobody has
// open reads as EIO. That is not the end: an init closes it, and its services open
// /dev/console again.
func (t *terminal) copyOutput() {
	defer close(t.copied)
	for ended := false; ; {
		if _, err := io.Copy(t.stdio.Stdout, t.master); !errors.Is(err, unix.EIO) || ended {
			return
		}
		select {
		case <-t.ended:
			ended = true // and once more, for what was written meanwhile
		case <-time.After(reopened):
		}
	}
}

// followSize passes on each change of the window.
func (t *terminal) followSize() {
	t.resized = make(chan os.Signal, 1)
	signal.Notify(t.resized, unix.SIGWINCH)
	go func() {
		for range t.resized {
			size, err := t.size()
			if conn, e := t.master.SyscallConn(); err == nil && e == nil {
				conn.Control(func(fd uintptr) { unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, size) })
			}
		}
	}()
}

func (t *terminal) Finish() {
	defer t.restore()
	if t.resized != nil {
		signal.Stop(t.resized)
		close(t.resized)
	}
	if t.master == nil {
		return
	}
	close(t.ended)
	// a read that the deadline ends is the end of the copy
	t.master.SetReadDeadline(time.Now().Add(drainTimeout))
	<-t.copied
	t.master.Close()
	if t.input != nil {
		t.input.stop()
	}
}

func (t *terminal) restore() {
	if t.cooked != nil {
		term.Restore(int(t.outer.Fd()), t.cooked)
	}
}

func (t *terminal) Abandon() {
	t.socket.Close()
	t.theirs.Close()
}

// typist types into a terminal: at the end of input it presses ctrl-d, because a
// terminal cannot be closed from one side.
type typist struct{ *os.File }

func (t *typist) Close() error {
	const endOfInput = "\x04"
	_, err := t.WriteString(endOfInput)
	return err
}

// receiveFile receives an open file (unix(7), SCM_RIGHTS).
func receiveFile(socket *os.File) (*os.File, error) {
	name, rights := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	n, length, _, _, err := unix.Recvmsg(int(socket.Fd()), name, rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:length])
	if err != nil || len(messages) == 0 {
		return nil, errors.New("it was not sent")
	}
	files, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(files) == 0 {
		return nil, errors.New("it was not sent")
	}
	// so that a read can be given up
	if err := unix.SetNonblock(files[0], true); err != nil {
		unix.Close(files[0])
		return nil, err
	}
	return os.NewFile(uintptr(files[0]), string(name[:n])), nil
}
