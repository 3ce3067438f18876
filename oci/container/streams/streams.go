// Package streams connects a process's standard streams with its caller's: through
// pipes, or through a terminal of the process's own.
package streams

import (
	"io"
	"os"
	"time"

	"github.com/opencontainers/runc/libcontainer"
)

// drainTimeout is how long output is awaited from processes that outlive the
// container's first.
const drainTimeout = time.Second

// Stdio is where a process's standard streams lead. A nil Stdin is /dev/null, and so
// is any without Interactive.
type Stdio struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	Terminal    bool // the process has a terminal of its own
	Interactive bool // the process reads Stdin
}

// Streams are those of one process.
type Streams interface {
	// Attach gives the process its ends, before it starts.
	Attach(p *libcontainer.Process)

	// Start is called when the process has its ends, and begins to copy.
	Start() error

	// Finish is called after the end of the process, and returns when all output
	// has been copied.
	Finish()

	// Abandon ends streams whose process did not start.
	Abandon()
}

// New makes the streams of a process.
func New(stdio Stdio) (Streams, error) {
	if stdio.Terminal {
		return newTerminal(stdio)
	}
	return newPipes(stdio)
}

// pipes, as with podman, keep programs from taking the console for their own
// terminal.
type pipes struct {
	stdin          *inputPipe // nil: /dev/null
	stdout, stderr *outputPipe
	outputs        []*outputPipe // one where both lead to the same writer
}

func newPipes(stdio Stdio) (_ *pipes, err error) {
	s := new(pipes)
	defer func() {
		if err != nil {
			s.Abandon()
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
	if stdio.Interactive {
		if s.stdin, err = newInputPipe(stdio.Stdin); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *pipes) Attach(p *libcontainer.Process) {
	if s.stdin != nil {
		p.Stdin = s.stdin.theirs
	}
	p.Stdout, p.Stderr = s.stdout.theirs, s.stderr.theirs
}

func (s *pipes) Start() error {
	for _, p := range s.outputs {
		p.theirs.Close()
		go p.copy()
	}
	if s.stdin != nil {
		s.stdin.start()
	}
	return nil
}

func (s *pipes) Finish() {
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

func (s *pipes) Abandon() {
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
