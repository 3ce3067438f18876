package streams

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// inputPipe hands a container what its caller gives it to read. Without a
// caller it stays open, and empty: podman's detached containers wait so.
type inputPipe struct {
	theirs, ours *os.File
	from         io.Reader
	copy         *inputCopy
}

func newInputPipe(from io.Reader) (*inputPipe, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &inputPipe{theirs: theirs, ours: ours, from: from}, nil
}

func (p *inputPipe) start() {
	p.theirs.Close()
	if p.from != nil {
		p.copy = startInput(p.from, p.ours)
	}
}

func (p *inputPipe) finish() {
	p.ours.Close()
	if p.copy != nil {
		p.copy.stop()
	}
}

// inputCopy copies what is typed until it is stopped. It waits for input without
// reading, so that nothing is swallowed that is meant for whoever reads next.
type inputCopy struct {
	waker, woken *os.File
	done         chan struct{}
}

// startInput copies from one to the other, which it closes at the end of input.
func startInput(from io.Reader, to io.WriteCloser) *inputCopy {
	c := &inputCopy{done: make(chan struct{})}
	file, ok := from.(*os.File)
	var err error
	if ok {
		c.woken, c.waker, err = os.Pipe()
	}
	if !ok || err != nil {
		// nothing to wait for: this may go on until its next byte
		close(c.done)
		go func() { io.Copy(to, from); to.Close() }()
		return c
	}
	go func() {
		defer close(c.done)
		c.copy(to, file)
	}()
	return c
}

func (c *inputCopy) copy(to io.WriteCloser, from *os.File) {
	buffer := make([]byte, 4096)
	for c.await(from) {
		n, err := from.Read(buffer)
		if _, e := to.Write(buffer[:n]); e != nil {
			return
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// await returns true when there is something to read, and false when it was
// stopped.
func (c *inputCopy) await(from *os.File) (ready bool) {
	conn, err := from.SyscallConn()
	if err != nil {
		return false
	}
	conn.Control(func(fd uintptr) {
		files := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(c.woken.Fd()), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(files, -1); err != unix.EINTR {
				ready = err == nil && files[1].Revents == 0
				return
			}
		}
	})
	return ready
}

// stop returns when nothing is read any more. What the copy writes to must have
// been closed: it may wait there.
func (c *inputCopy) stop() {
	if c.waker != nil {
		c.waker.Close()
		<-c.done
		c.woken.Close()
	}
}
