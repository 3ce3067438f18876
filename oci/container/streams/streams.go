package container

import (
	"io"
	"os"
	"time"

	"github.com/opencontainers/runc/libcontainer"
)

// drainTimeout is how long output is awaited from processes that outlive the
// container's first.
const drainTimeout = time.Second

// streams connect a container's standard streams with its caller's: start is
// called when the container has its ends of them, and finish, which returns when
// all output has been copied, after its end; or else abandon.
type streams interface {
	attach(p *libcontainer.Process)
	start() error
	finish()
	abandon()
}

func newStreams(stdio Stdio, o Options) (streams, error) {
	if o.Terminal {
		return newTerminal(stdio, o.Interactive)
	}
	return newPipes(stdio, o.Interactive)
}

// pipes, as with podman, keep programs from taking the console for their own
// terminal.
type pipes struct {
	stdin          *inputPipe // nil: /dev/null
	stdout, stderr *outputPipe
	outputs        []*outputPipe // one where both lead to the same writer
}

func newPipes(stdio Stdio, interactive bool) (_ *pipes, err error) {
	s := new(pipes)
	defer func() {
		if err != nil {
			s.abandon()
		}
	}()
	if s.stdout, err = s.addOutput(stdio.Stdout); err != nil {
		return nil, err
	}
	s.stderr = s.stdout
	if stdio.Stderr != stdio.Stdout {
		if s.stderr, err = s.addOutput(stdio.Stderr); err != nil {
			return nil, err
		}
	}
	if interactive {
		if s.stdin, err = newInputPipe(stdio.Stdin); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *pipes) attach(p *libcontainer.Process) {
	if s.stdin != nil {
		p.Stdin = s.stdin.theirs
	}
	p.Stdout, p.Stderr = s.stdout.theirs, s.stderr.theirs
}

func (s *pipes) start() error {
	for _, p := range s.outputs {
		p.theirs.Close()
		go p.copy()
	}
	if s.stdin != nil {
		s.stdin.start()
	}
	return nil
}

func (s *pipes) finish() {
	deadline := time.Now().Add(drainTimeout)
	for _, p := range s.outputs {
		// a read that the deadline ends is the end of the copy
		p.ours.SetReadDeadline(deadline)
		<-p.done
	}
	if s.stdin != nil {
		s.stdin.finish()
	}
}

func (s *pipes) abandon() {
	for _, p := range s.outputs {
		p.ours.Close()
		p.theirs.Close()
	}
	if s.stdin != nil {
		s.stdin.ours.Close()
		s.stdin.theirs.Close()
	}
}

// outputPipe copies what a container writes.
type outputPipe struct {
	ours, theirs *os.File
	to           io.Writer
	done         chan struct{}
}

func (s *pipes) addOutput(to io.Writer) (*outputPipe, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &outputPipe{ours, theirs, to, make(chan struct{})}
	s.outputs = append(s.outputs, p)
	return p, nil
}

func (p *outputPipe) copy() {
	defer close(p.done)
	io.Copy(p.to, p.ours)
	p.ours.Close()
}
