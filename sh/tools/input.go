package tools

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// maxLine is the longest line, in bytes, that a tool keeps in memory: what is
// longer is not text, and reading on would end in the kernel's OOM killer.
const maxLine = 16 << 20

// input is a file that can be waited for without being read, so that an
// interrupt neither hangs nor swallows what someone is about to type.
type input struct {
	ctx  context.Context
	call *call
	r    io.Reader
}

func (c *call) input(ctx context.Context, r io.Reader) *input {
	if r == nil {
		r = bytes.NewReader(nil)
	}
	return &input{ctx, c, r}
}

// Read fails once the context is done, and when nobody takes the output any more.
func (in *input) Read(p []byte) (int, error) {
	if err := in.call.outputError(); err != nil {
		return 0, err
	}
	if f, ok := in.r.(*os.File); ok {
		if err := in.wait(f); err != nil {
			return 0, err
		}
	}
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	return in.r.Read(p)
}

// wait returns when f has something to read. What was output so far is shown
// before that takes time.
func (in *input) wait(f *os.File) error {
	ready, err := poll(f, 0)
	if ready || err != nil {
		return err
	}
	if err := in.call.out.Flush(); err != nil {
		return err
	}
	for !ready && err == nil {
		if err = in.ctx.Err(); err == nil {
			ready, err = poll(f, 100*time.Millisecond)
		}
	}
	return err
}

func poll(f *os.File, timeout time.Duration) (ready bool, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return false, err
	}
	controlErr := raw.Control(func(fd uintptr) {
		var n int
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(timeout.Milliseconds()))
		ready = n > 0
	})
	if errors.Is(err, unix.EINTR) {
		err = nil
	}
	return ready, errors.Join(err, controlErr)
}

type inputFile struct {
	*input
	io.Closer
}

// open opens a file for reading; "-" is standard input. A named pipe without a
// writer doesn't block: the first Read waits for one.
func (c *call) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c.Stdin), nil
	}
	f, err := os.OpenFile(c.Path(name), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return inputFile{c.input(ctx, f), f}, nil
}

// lines scans r line by line, without the newlines; a carriage return stays.
func lines(r io.Reader) *lineScanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), maxLine)
	s.Split(splitLine)
	return &lineScanner{s}
}

type lineScanner struct{ *bufio.Scanner }

// Err is the error that ended the scan, nil at the end of the input.
func (s *lineScanner) Err() error {
	err := s.Scanner.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("a line is longer than %d MiB: not a text file", maxLine>>20)
	}
	return err
}

func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
