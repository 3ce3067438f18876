package container

import (
	"io"
	"os"
	"time"
)

// drainTimeout is how long output is awaited from processes that outlive the
// container's first.
const drainTimeout = time.Second

// streams are the standard streams of a container: pipes, as with podman, so
// that its programs do not take the console for their own terminal.
type streams struct {
	stdin          io.Reader
	stdout, stderr *outputPipe
}

// outputPipe copies what a container writes.
type outputPipe struct {
	ours, theirs *os.File
	to           io.Writer
	done         chan struct{}
}

func newStreams(stdio Stdio) (*streams, error) {
	stdout, err := newOutputPipe(stdio.Stdout)
	if err != nil {
		return nil, err
	}
	stderr, err := newOutputPipe(stdio.Stderr)
	if err != nil {
		stdout.abandon()
		return nil, err
	}
	return &streams{stdin: stdio.Stdin, stdout: stdout, stderr: stderr}, nil
}

func newOutputPipe(to io.Writer) (*outputPipe, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &outputPipe{ours, theirs, to, make(chan struct{})}, nil
}

// started is called when the container has its ends of the pipes.
func (s *streams) started() {
	for _, p := range []*outputPipe{s.stdout, s.stderr} {
		p.theirs.Close()
		go p.copy()
	}
}

func (p *outputPipe) copy() {
	defer close(p.done)
	io.Copy(p.to, p.ours)
	p.ours.Close()
}

// abandon is called instead of started where there is no container.
func (s *streams) abandon() {
	s.stdout.abandon()
	s.stderr.abandon()
}

func (p *outputPipe) abandon() {
	p.ours.Close()
	p.theirs.Close()
}

// finish returns when all output has been copied.
func (s *streams) finish() {
	deadline := time.Now().Add(drainTimeout)
	for _, p := range []*outputPipe{s.stdout, s.stderr} {
		// a read that the deadline ends is the end of the copy
		p.ours.SetReadDeadline(deadline)
		<-p.done
	}
}
